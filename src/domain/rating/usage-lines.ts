import type { OpenLine } from "../commits/apply-commits.ts";
import { type Decimal, ZERO } from "../decimal.ts";
import type { UnpricedUsage } from "../invoices/invoice.ts";
import { groupValuesKey, pickGroupValues } from "../metering/group-values.ts";
import type { GroupValues } from "../metering/rollup.ts";
import {
  type UsageCombination,
  type UsageIndex,
  usageCombinations,
} from "../metering/usage-index.ts";
import { priceCharges } from "../pricing/price-charges.ts";
import { cutAt, type PriceWindow, priceWindows } from "../pricing/price-windows.ts";
import type { ProductVersion } from "../pricing/product.ts";
import type { Rate } from "../pricing/rate.ts";
import { type VersionRun, versionRuns } from "../pricing/version-runs.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";
import type { Catalog, PricedProduct } from "./catalog.ts";
import { toUsageLine } from "./usage-line.ts";
import { type WindowQuantity, windowQuantities } from "./window-quantities.ts";

/** One product in one billing period, and what its lines depend on. */
export interface ProductPeriod {
  readonly catalog: Catalog;
  readonly usage: UsageIndex;
  readonly priced: PricedProduct;
  readonly period: Interval;
  readonly now: Instant;
  /** Edges of access windows of commits that could pay for the product. */
  readonly commitEdges: readonly Instant[];
}

export interface UsageLines {
  readonly lines: readonly Omit<OpenLine, "position">[];
  readonly unpriced: readonly UnpricedUsage[];
}

/**
 * The usage lines of one product in one billing period, before commits: one for each combination of
 * group values, window (cut at price changes and commit edges) and tier in which something was
 * used. A product with one price also shows an empty line for each price that saw no usage.
 */
export function usageLines(context: ProductPeriod): UsageLines {
  const lines: Omit<OpenLine, "position">[] = [];
  const unpriced: UnpricedUsage[] = [];
  const counters = new Map<string, Decimal>();
  for (const run of versionRuns(context.priced.product, context.period)) {
    const used = rateRun(context, run, counters);
    lines.push(...used.lines, ...emptyLines(context, run, used.lines));
    unpriced.push(...used.unpriced);
  }
  return { lines, unpriced };
}

/** `counters` holds the running quantity of each combination and is moved on to the run's end. */
function rateRun(
  { catalog, usage, priced, period, commitEdges }: ProductPeriod,
  run: VersionRun,
  counters: Map<string, Decimal>,
): UsageLines {
  const { product } = priced;
  const { metricId, pricingGroupKey, presentationGroupKey } = run.version;
  if (metricId === null) return { lines: [], unpriced: [] };
  const metric = catalog.getMetric(metricId);
  const groupKeys = [...pricingGroupKey, ...presentationGroupKey];
  const lines: Omit<OpenLine, "position">[] = [];
  const unpriced: UnpricedUsage[] = [];
  const windowsOf = windowCache(priced, run, commitEdges);
  const combinations = usageCombinations(usage, metric, groupKeys, period.start, run);
  for (const combination of byPricingFirst(combinations, run.version)) {
    const { groupValues, pricing, presentation } = combination;
    const key = groupValuesKey(groupValues);
    const windows = windowsOf(pricing);
    const carried = counters.get(key) ?? ZERO;
    const quantities = windowQuantities(metric, run.version, combination, windows, carried);
    for (const quantity of quantities) {
      if (!quantity.isUsed) continue;
      const { rate } = quantity.window;
      if (rate === undefined) unpriced.push(toUnpriced(product.id, pricing, quantity));
      else if (rate.entitled) {
        const groups = { pricing, presentation };
        lines.push(...toLines({ product, version: run.version, groups }, rate, quantity));
      }
    }
    counters.set(key, quantities.at(-1)?.after ?? carried);
  }
  return { lines, unpriced };
}

/** Lines are sorted by what they are priced by, then by what they are only shown by. */
function byPricingFirst(
  combinations: readonly UsageCombination[],
  { pricingGroupKey, presentationGroupKey }: ProductVersion,
) {
  return combinations
    .map((combination) => {
      const pricing = pickGroupValues(combination.groupValues, pricingGroupKey);
      const presentation = pickGroupValues(combination.groupValues, presentationGroupKey);
      const sortKey = `${groupValuesKey(pricing)} ${groupValuesKey(presentation)}`;
      return { ...combination, pricing, presentation, sortKey };
    })
    .sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
}

type LineProduct = Parameters<typeof toUsageLine>[0];

const toLines = (product: LineProduct, rate: Rate, quantity: WindowQuantity) =>
  priceCharges(rate, quantity.before, quantity.after).map((charge) =>
    toUsageLine(product, rate, charge, quantity),
  );

const toUnpriced = (
  productId: string,
  pricingGroupValues: GroupValues,
  { window, before, after }: WindowQuantity,
): UnpricedUsage => ({
  productId,
  pricingGroupValues,
  startingAt: window.start,
  endingBefore: window.end,
  quantity: after.minus(before),
});

/** Combinations with the same pricing values share their windows; there may be thousands. */
function windowCache(priced: PricedProduct, run: VersionRun, commitEdges: readonly Instant[]) {
  const known = new Map<string, readonly PriceWindow[]>();
  return (pricing: GroupValues): readonly PriceWindow[] => {
    const key = groupValuesKey(pricing);
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const windows = priceWindows(priced.rates.get(key) ?? [], run).flatMap((window) =>
      cutAt(window, commitEdges).map((part) => ({ ...part, rate: window.rate })),
    );
    known.set(key, windows);
    return windows;
  };
}

const NO_GROUPS: GroupValues = {};

/** Prices of a product without pricing groups that saw no usage, unless they are still to come. */
function emptyLines(
  { priced, now }: ProductPeriod,
  run: VersionRun,
  used: UsageLines["lines"],
): Omit<OpenLine, "position">[] {
  if (run.version.pricingGroupKey.length > 0) return [];
  const rates = priced.rates.get(groupValuesKey(NO_GROUPS)) ?? [];
  return priceWindows(rates, run).flatMap((window) => {
    const { rate } = window;
    if (rate === undefined || !rate.entitled || isAfter(window.start, now)) return [];
    const isUsed = used.some(
      (line) =>
        !isBefore(line.window.start, window.start) && isBefore(line.window.start, window.end),
    );
    if (isUsed) return [];
    const groups = { pricing: NO_GROUPS, presentation: NO_GROUPS };
    const quantity = { window, before: ZERO, after: ZERO, isUsed: false, trace: [] };
    return toLines({ product: priced.product, version: run.version, groups }, rate, quantity);
  });
}
