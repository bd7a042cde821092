import type { CoreDb } from "../db/database.ts";
import type { Rollover } from "../domain/commits/rollover.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import {
  findLate,
  type RatedCorrection,
  rateWithLate,
  type TrueUps,
  toRerating,
  withCorrections,
} from "../domain/rating/late-usage.ts";
import type { DetailedInvoice } from "../domain/rating/rate-invoices.ts";
import type { InvoiceRequest, RatingSnapshot } from "../domain/rating/snapshot.ts";
import { type Instant, instant, isAfter } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listDrafts } from "../store/draft-invoices.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import { listPoliciesOfCustomer } from "../store/invoicing-policies.ts";
import { listTrueUps } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import { loadCarried } from "./load-billed-invoices.ts";
import { loadRatingSnapshot } from "./load-rating-snapshot.ts";
import { periodOf } from "./period-of.ts";
import type { Policies } from "./review-need.ts";

/** A draft with what rating decides for it now. */
export interface RatedDraft {
  readonly record: InvoiceRecord;
  /** With the lines of its corrections. */
  readonly rated: RatedInvoice;
  /** Late usage of earlier invoices of its contract, which goes on this one. */
  readonly corrections: readonly RatedCorrection[];
  /** What `rated` was made of. */
  readonly detailed: DetailedInvoice;
}

export interface DraftRating {
  /** Only the drafts that burn commits up to this instant: what comes later takes nothing from them. */
  readonly until?: Instant;
  /** See UsageInvoiceRequest. */
  readonly courseAt?: readonly Instant[];
  /** Other usage than what was metered: what this makes of the snapshot is rated. */
  readonly supposing?: (snapshot: RatingSnapshot) => Promise<RatingSnapshot>;
  /** The drafts without late usage of earlier invoices. */
  readonly ignoresLate?: boolean;
  /** What holds for the customer's contracts, where that is known. */
  readonly policies?: Policies;
}

export interface RatedDrafts {
  /** In the order in which they burned commits. */
  readonly drafts: readonly RatedDraft[];
  /** What they were rated from; undefined when there are no drafts. */
  readonly snapshot: RatingSnapshot | undefined;
  /** What moves from contract to contract as things stand; undefined when there are no drafts. */
  readonly rollovers: readonly Rollover[] | undefined;
}

/** Rates the drafts of the customer together, because they share commits and credits. */
export async function rateDrafts(
  ctx: OperationContext,
  customerId: string,
  rating: DraftRating = {},
): Promise<RatedDrafts> {
  const read = (tx: CoreDb) => rateDraftsIn(tx, ctx, customerId, rating);
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

/** The instant by which a draft burns commits: the end of its period, or the scheduled instant. */
export function burnsAt({ id, endAt, finalizeDueAt }: InvoiceRecord): Instant {
  const at = endAt ?? finalizeDueAt;
  assert(at !== null, `draft ${id} has an end or a scheduled instant`);
  return instant(at);
}

async function rateDraftsIn(
  db: CoreDb,
  ctx: OperationContext,
  customerId: string,
  { until, courseAt, supposing, ignoresLate = false, policies }: DraftRating,
): Promise<RatedDrafts> {
  const open = await listDrafts(db, customerId);
  const records =
    until === undefined ? open : open.filter((record) => !isAfter(burnsAt(record), until));
  if (records.length === 0) return { drafts: [], snapshot: undefined, rollovers: undefined };
  const requests = records.map((record) => toRequest(record, courseAt));
  const inForce = policies ?? (await listPoliciesOfCustomer(db, customerId));
  const billed = ignoresLate ? [] : await loadCarried(db, usageContractsOf(records), inForce);
  const known = await loadRatingSnapshot(db, ctx, customerId, [
    ...requests,
    ...billed.map(toRerating),
  ]);
  const snapshot = supposing === undefined ? known : await supposing(known);
  const late = findLate(snapshot, billed);
  const trueUps = late.length === 0 ? NO_TRUE_UPS : await listTrueUps(db, customerId);
  const { result, corrections } = rateWithLate(snapshot, requests, late, trueUps);
  const byId = new Map(records.map((record) => [record.id, record]));
  const carriers = firstUsageDrafts(result.detailed.map(({ invoice }) => invoice));
  const drafts = result.detailed.map((detailed) => {
    const { invoice: rated } = detailed;
    const record = byId.get(rated.id);
    assert(record !== undefined, `rating knows draft ${rated.id}`);
    const own = corrections.filter(
      ({ late: { contractId } }) => carriers.get(contractId) === rated,
    );
    return { record, rated: withCorrections(rated, own), corrections: own, detailed };
  });
  return { drafts, snapshot: { ...snapshot, requests }, rollovers: result.rollovers };
}

const NO_TRUE_UPS: TrueUps = new Map();

const usageContractsOf = (records: readonly InvoiceRecord[]): string[] => [
  ...new Set(records.filter(({ type }) => type === "USAGE").map(({ contractId }) => contractId)),
];

/** The first of each contract's usage drafts, in the order of burning: late usage goes on it. */
const firstUsageDrafts = (invoices: readonly RatedInvoice[]): ReadonlyMap<string, RatedInvoice> =>
  new Map(
    invoices
      .filter(({ type }) => type === "USAGE")
      .toReversed()
      .map((invoice) => [invoice.contractId, invoice]),
  );

function toRequest(
  { contractId, generation, ...record }: InvoiceRecord,
  courseAt: readonly Instant[] | undefined,
): InvoiceRequest {
  if (record.type === "SCHEDULED") {
    assert(record.finalizeDueAt !== null, `scheduled invoice ${record.id} has its instant`);
    return { type: "SCHEDULED", contractId, generation, at: instant(record.finalizeDueAt) };
  }
  const request = { type: "USAGE" as const, contractId, generation, period: periodOf(record) };
  return courseAt === undefined ? request : { ...request, courseAt };
}
