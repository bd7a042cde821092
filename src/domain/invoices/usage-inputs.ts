import { type Decimal, dec } from "../decimal.ts";
import { groupValuesKey } from "../metering/group-values.ts";
import type { DistinctCounts, GroupValues, Rollup } from "../metering/rollup.ts";
import { runningValues } from "../metering/running-value.ts";
import type { RatingSnapshot } from "../rating/snapshot.ts";
import {
  type Instant,
  type Interval,
  instantText,
  isAfter,
  isBefore,
  sameInstant,
  Temporal,
} from "../time.ts";

/** What one metric and combination of group values stood at when a period was rated. */
export interface UsageInput {
  readonly metricId: string;
  readonly groupValues: GroupValues;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  readonly value: Decimal;
  /** null for distinct counts. */
  readonly eventCount: bigint | null;
}

/** A difference between the usage that an invoice was made of and the usage known now. */
export interface LateUsage {
  readonly metricId: string;
  readonly groupValues: GroupValues;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  readonly invoicedValue: Decimal;
  readonly currentValue: Decimal;
  /** Events that arrived after finalization; null for distinct counts. */
  readonly lateEventCount: bigint | null;
}

/**
 * The usage that a contract's invoice of one period is made of, metered but not priced, by metric
 * and combination. Kept with a finalized invoice, it tells later which events came too late; so a
 * metric without usage has an entry too, of no groups and value 0.
 */
export function usageInputs(
  snapshot: RatingSnapshot,
  contractId: string,
  period: Interval,
): UsageInput[] {
  const inputs = snapshot.metrics
    .filter(({ id }) => metricsOf(snapshot, contractId).has(id))
    .flatMap(({ id: metricId, aggregation }) => {
      if (aggregation === "UNIQUE")
        return distinctInputs(snapshot.distinctCounts, metricId, period);
      const rows = snapshot.rollups.filter((rollups) => rollups.metricId === metricId);
      const inside = rows
        .flatMap((rollups) => rollups.rows)
        .filter(({ hourStart }) => isInside(hourStart, period))
        .sort((a, b) => Temporal.Instant.compare(a.hourStart, b.hourStart));
      const groups = [...Map.groupBy(inside, (row) => groupValuesKey(row.groupValues)).values()];
      return (groups.length === 0 ? [[]] : groups).map((group) =>
        summedInput(metricId, aggregation, group, period),
      );
    });
  return inputs
    .map((input) => ({ input, key: keyOf(input) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ input }) => input);
}

/**
 * What differs between the inputs of an invoice and the same inputs read now. Metrics and windows
 * that the invoice was not made of do not count: a product added later is not late usage.
 */
export function lateUsage(
  invoiced: readonly UsageInput[],
  current: readonly UsageInput[],
): LateUsage[] {
  const before = new Map(invoiced.map((input) => [keyOf(input), input]));
  const measured = new Set(invoiced.map(windowOf));
  const same = current.filter((input) => measured.has(windowOf(input)));
  const now = new Map(same.map((input) => [keyOf(input), input]));
  return [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((key): LateUsage[] => {
    const [old, fresh] = [before.get(key), now.get(key)];
    const any = fresh ?? old;
    if (any === undefined) return [];
    const invoicedValue = old?.value ?? dec("0");
    const currentValue = fresh?.value ?? dec("0");
    const lateEventCount =
      any.eventCount === null ? null : (fresh?.eventCount ?? 0n) - (old?.eventCount ?? 0n);
    if (invoicedValue.eq(currentValue) && (lateEventCount ?? 0n) === 0n) return [];
    const { metricId, groupValues, startingAt, endingBefore } = any;
    const window = { metricId, groupValues, startingAt, endingBefore };
    return [{ ...window, invoicedValue, currentValue, lateEventCount }];
  });
}

const windowOf = ({ metricId, startingAt, endingBefore }: UsageInput): string =>
  [metricId, instantText(startingAt), instantText(endingBefore)].join("/");

const keyOf = (input: UsageInput): string =>
  `${windowOf(input)}/${groupValuesKey(input.groupValues)}`;

const isInside = (at: Instant, { start, end }: Interval): boolean =>
  !isBefore(at, start) && isBefore(at, end);

function metricsOf(snapshot: RatingSnapshot, contractId: string): ReadonlySet<string> {
  const contract = snapshot.contracts.find(({ id }) => id === contractId);
  const card = snapshot.rateCards.find(({ id }) => id === contract?.rateCardId);
  const productIds = new Set(card?.rates.map((rate) => rate.productId));
  const versions = snapshot.products
    .filter(({ id }) => productIds.has(id))
    .flatMap((product) => product.versions);
  return new Set(versions.map(({ metricId }) => metricId).filter((id) => id !== null));
}

function summedInput(
  metricId: string,
  aggregation: "COUNT" | "SUM" | "MAX" | "LATEST",
  rows: readonly Rollup[],
  { start, end }: Interval,
): UsageInput {
  const [last] = runningValues(aggregation, rows, [end]);
  const groupValues = rows[0]?.groupValues ?? {};
  return {
    metricId,
    groupValues,
    startingAt: start,
    endingBefore: end,
    value: last?.value ?? dec("0"),
    eventCount: last?.eventCount ?? 0n,
  };
}

const NOTHING: DistinctCounts["counts"] = [{ groupValues: {}, count: 0n }];

const distinctInputs = (
  counts: readonly DistinctCounts[],
  metricId: string,
  period: Interval,
): UsageInput[] =>
  counts
    .filter((answer) => answer.metricId === metricId)
    .filter(({ start, end }) => sameInstant(start, period.start) && !isAfter(end, period.end))
    .flatMap((answer) =>
      (answer.counts.length === 0 ? NOTHING : answer.counts).map(({ groupValues, count }) => ({
        metricId,
        groupValues,
        startingAt: answer.start,
        endingBefore: answer.end,
        value: dec(count.toString()),
        eventCount: null,
      })),
    );
