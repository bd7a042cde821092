import type { CoreDb } from "../db/database.ts";
import type { MeteredEvent } from "../domain/metering/metric.ts";
import type { TimedEvent } from "../domain/metering/roll-up.ts";
import {
  supposedRollups,
  supposedValues,
  withDistinctValues,
} from "../domain/metering/supposed-usage.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { earlier, type Instant, type Interval, later } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getCustomer } from "../store/customers.ts";
import { listDistinctValues, listKnownEventKeys } from "../store/usage-distinct-values.ts";
import type { OperationContext } from "./context.ts";
import { rateDrafts } from "./rate-drafts.ts";
import { contentsOf, detailRated, type InvoiceDetail } from "./read-invoices.ts";
import { hashText, toEventKey } from "./to-usage-batch.ts";

export interface PreviewEvent extends MeteredEvent {
  /** No two of a request have the same; undefined: it is none that was sent. */
  readonly transactionId: string | undefined;
  readonly timestamp: Instant;
}

/** Whether the events take the place of what was metered, or come on top of it. */
export type PreviewMode = "replace" | "merge";

/**
 * A customer's drafts as they would be with these events. They are stored nowhere, and no draft is
 * changed. Merged with what is there, an event whose transaction id was counted already adds nothing.
 */
export async function previewEvents(
  ctx: OperationContext,
  customerId: string,
  events: readonly PreviewEvent[],
  mode: PreviewMode,
): Promise<InvoiceDetail[]> {
  const read = async (db: CoreDb) => {
    const scope = { ...ctx, db };
    await getCustomer(db, ctx.environment.id, customerId);
    const rated = await rateDrafts(scope, customerId, {
      // Usage that is not there is not late either.
      ignoresLate: mode === "replace",
      supposing: (snapshot) =>
        mode === "replace"
          ? onlyWith(snapshot, toTimed(events))
          : alsoWith(scope, snapshot, events),
    });
    const records = rated.drafts.map(({ record }) => record);
    return detailRated(scope, records, contentsOf(rated));
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

const span = (a: Interval, b: Interval): Interval => ({
  start: earlier(a.start, b.start),
  end: later(a.end, b.end),
});

/** Rolling up counts a transaction id once; here all events are different, also those without one. */
const toTimed = (events: readonly PreviewEvent[]): TimedEvent[] =>
  events.map((event, n) => ({ ...event, transactionId: String(n) }));

async function onlyWith(
  snapshot: RatingSnapshot,
  events: readonly TimedEvent[],
): Promise<RatingSnapshot> {
  const { metrics, distinctCounts } = snapshot;
  const nothing = distinctCounts.map((window) => ({ ...window, counts: [] }));
  const values = supposedValues(metrics, events, hashText);
  return {
    ...snapshot,
    rollups: supposedRollups(metrics, events),
    distinctCounts: withDistinctValues(nothing, values, []),
  };
}

async function alsoWith(
  { db, environment }: OperationContext,
  snapshot: RatingSnapshot,
  all: readonly PreviewEvent[],
): Promise<RatingSnapshot> {
  const { metrics, rollups, distinctCounts, customerId } = snapshot;
  const environmentId = environment.id;
  const keyOf = ({ transactionId: id }: PreviewEvent) =>
    id === undefined ? [] : [toEventKey(environmentId, id)];
  const counted = await listKnownEventKeys(db, all.flatMap(keyOf));
  const events = toTimed(all.filter((event) => !keyOf(event).some((key) => counted.has(key))));
  const values = supposedValues(metrics, events, hashText);
  const [first, ...others] = distinctCounts;
  const seen =
    first === undefined
      ? []
      : await listDistinctValues(db, {
          environmentId,
          customerId,
          metricIds: [...new Set(values.map(({ metricId }) => metricId))],
          values: [...new Set(values.map(({ value }) => value))],
          within: others.reduce(span, first),
        });
  return {
    ...snapshot,
    rollups: [...rollups, ...supposedRollups(metrics, events)],
    distinctCounts: withDistinctValues(distinctCounts, values, seen),
  };
}
