import { type Alert, alertKind, type GroupValue } from "../domain/alerts/alert.ts";
import {
  measureBalance,
  measureDays,
  measurePercentage,
  measureSeats,
} from "../domain/alerts/measure-balances.ts";
import {
  currentPeriod,
  measureSpend,
  measureTotals,
  measureUsage,
  type WatchedDraft,
} from "../domain/alerts/measure-invoices.ts";
import { hasGroups, onlyGroups } from "../domain/alerts/only-groups.ts";
import type { Reading } from "../domain/alerts/reading.ts";
import { ZERO } from "../domain/decimal.ts";
import { groupPicker } from "../domain/metering/group-values.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { assert } from "../errors.ts";
import { getMetric } from "../store/billable-metrics.ts";
import { listDistinctCounts } from "../store/usage-distinct-counts.ts";
import type { OperationContext } from "./context.ts";
import type { AlertFacts } from "./load-alert-facts.ts";
import { queryUsage } from "./query-usage.ts";
import { rateDrafts } from "./rate-drafts.ts";

/** What an alert sees of a customer now. */
export async function measureAlert(
  ctx: OperationContext,
  customerId: string,
  alert: Alert,
  { drafts, segments }: AlertFacts,
): Promise<readonly Reading[]> {
  const { now } = ctx;
  switch (alertKind(alert.type).measure) {
    case "spend":
      return measureSpend(alert, await ofGroups(ctx, customerId, alert.groupValues, drafts), now);
    case "usage":
      return measureUsageOf(ctx, customerId, alert, drafts);
    case "invoice_total":
      return measureTotals(alert, drafts);
    case "balance":
      return measureBalance(alert, segments, now);
    case "percentage":
      return measurePercentage(alert, segments, now);
    case "days":
      return measureDays(alert, segments, now);
    case "seat_balance":
      return measureSeats(alert, segments, now);
  }
}

async function measureUsageOf(
  ctx: OperationContext,
  customerId: string,
  alert: Alert,
  drafts: readonly WatchedDraft[],
): Promise<Reading[]> {
  const range = currentPeriod(drafts, ctx.now);
  if (range === undefined) return [];
  assert(alert.metricId !== null, `alert ${alert.id} names its metric`);
  const metric = await getMetric(ctx.db, ctx.environment.id, alert.metricId);
  const asked = { metric, groupBy: undefined };
  const answers = await queryUsage(ctx, { size: "NONE", range, pairs: [{ customerId, asked }] });
  return measureUsage(alert, answers[0]?.value ?? ZERO);
}

/** The drafts as if only usage with these group values had been metered, which costs a rating. */
async function ofGroups(
  ctx: OperationContext,
  customerId: string,
  wanted: readonly GroupValue[],
  drafts: readonly WatchedDraft[],
): Promise<readonly WatchedDraft[]> {
  if (wanted.length === 0) return drafts;
  const { drafts: narrowed } = await rateDrafts(ctx, customerId, {
    ignoresLate: true,
    supposing: (snapshot) => narrow(ctx, snapshot, wanted),
  });
  const fields = new Map(drafts.map(({ own, contractFields }) => [own.id, contractFields]));
  return narrowed.map(({ rated }) => ({
    own: rated,
    whole: rated,
    contractFields: fields.get(rated.id) ?? {},
  }));
}

/** Distinct values are counted anew: they do not add up over groups. */
async function narrow(
  ctx: OperationContext,
  snapshot: RatingSnapshot,
  wanted: readonly GroupValue[],
): Promise<RatingSnapshot> {
  const { environmentId, customerId, distinctCounts } = snapshot;
  const windows = distinctCounts.map((window) => ({
    ...window,
    groupKeys: [...new Set([...window.groupKeys, ...wanted.map(({ key }) => key)])],
  }));
  const counted = await listDistinctCounts(ctx.db, { environmentId, customerId, windows });
  return {
    ...onlyGroups(snapshot, wanted),
    distinctCounts: distinctCounts.map((window, index) => {
      const pick = groupPicker(window.groupKeys);
      const counts = (counted[index]?.counts ?? [])
        .filter(({ groupValues }) => hasGroups(groupValues, wanted))
        .map(({ groupValues, count }) => ({ groupValues: pick(groupValues), count }));
      return { ...window, counts };
    }),
  };
}
