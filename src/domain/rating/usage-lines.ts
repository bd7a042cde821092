import type { OpenLine } from "../commits/apply-commits.ts";
import { type Decimal, ZERO } from "../decimal.ts";
import { readingsIn } from "../invoices/course.ts";
import type { UnpricedUsage } from "../invoices/invoice.ts";
import type { GroupValues } from "../metering/rollup.ts";
import { type AgreedWindow, agreedWindows, generalOnly } from "../overrides/agreed-windows.ts";
import { cutAt, priceWindows } from "../pricing/price-windows.ts";
import { type VersionRun, versionRuns } from "../pricing/version-runs.ts";
import { type Instant, isAfter, isBefore } from "../time.ts";
import type { PricedProduct } from "./catalog.ts";
import { chargeLines, type RatedWindow } from "./charge-lines.ts";
import { firstFeeWindows } from "./first-fees.ts";
import type { ProductPeriod } from "./product-period.ts";
import { type LineGroups, NO_GROUPS } from "./usage-line.ts";
import { inCourse, usedCombinations } from "./used-combinations.ts";
import { type CutRun, toCutRun, type WindowQuantity } from "./window-quantities.ts";

export interface UsageLines {
  readonly lines: readonly OpenLine[];
  readonly unpriced: readonly UnpricedUsage[];
}

/**
 * The usage lines of one product in one billing period, before commits: one for each combination of
 * group values, window (cut at price changes and commit edges) and tier in which something was
 * used. A product with one price also shows an empty line for each price that saw no usage.
 */
export function usageLines(context: ProductPeriod): UsageLines {
  const windows: UsageWindow[] = [];
  const unpriced: UnpricedUsage[] = [];
  const counters = new Map<string, Decimal>();
  for (const run of versionRuns(context.priced.product, context.period)) {
    const used = rateRun(context, run, counters);
    windows.push(...used.windows, ...emptyWindows(context, run, used.windows));
    unpriced.push(...used.unpriced);
  }
  // Only now is known what the whole period's quantities are, which volume tiers are read on.
  const owing = firstFeeWindows(context.conventions, windows);
  const rated = windows.map((window) => ({
    ...window,
    periodQuantity: counters.get(window.combination) ?? ZERO,
    owesFirstFee: owing.has(window),
  }));
  return { lines: chargeLines(context, rated), unpriced };
}

/** A window to be charged, by the combination of group values whose running quantity it is of. */
type UsageWindow = Omit<RatedWindow, "periodQuantity" | "owesFirstFee"> & {
  readonly combination: string;
};

interface RatedRun {
  readonly windows: readonly UsageWindow[];
  readonly unpriced: readonly UnpricedUsage[];
}

/** `counters` holds the running quantity of each combination and is moved on to the run's end. */
function rateRun(
  context: ProductPeriod,
  run: VersionRun,
  counters: Map<string, Decimal>,
): RatedRun {
  const { priced, edges, stated } = context;
  const { product } = priced;
  const rated: UsageWindow[] = [];
  const unpriced: UnpricedUsage[] = [];
  const windowsOf = windowCache(priced, run, edges);
  for (const combination of usedCombinations(context, run)) {
    const { key, groups } = combination;
    const carried = counters.get(key) ?? ZERO;
    const lineProduct = { product, version: run.version, groups };
    const quantities = inCourse(context, combination, windowsOf(groups), carried);
    for (const quantity of quantities) {
      if (!quantity.isUsed) continue;
      const { rate, agreed } = quantity.window;
      // What was billed elsewhere cannot be passed over because nobody is entitled to it here.
      const isOpen = rate !== undefined && (rate.entitled || stated === null);
      if (!isOpen) unpriced.push(toUnpriced(product.id, groups.pricing, quantity));
      else if (rate.entitled)
        rated.push({ product: lineProduct, rate, agreed, quantity, combination: key });
    }
    counters.set(key, quantities.at(-1)?.after ?? carried);
  }
  return { windows: rated, unpriced };
}

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

/** Combinations that are priced alike share their windows; there may be thousands. */
function windowCache(priced: PricedProduct, run: VersionRun, edges: readonly Instant[]) {
  const known = new Map<string, CutRun<AgreedWindow>>();
  const { product, overrides } = priced;
  const bare = { productId: product.id, productTags: run.version.tags };
  return (groups: LineGroups): CutRun<AgreedWindow> => {
    const { pricingKey, presentationKey } = groups;
    const key = overrides.byPresentation ? `${pricingKey} ${presentationKey}` : pricingKey;
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const listed = priceWindows(priced.rates.get(pricingKey) ?? [], run);
    const usage = { ...bare, ...groups };
    const windows = agreedWindows(listed, overrides, usage).flatMap((window) =>
      cutAt(window, edges).map((part) => ({ ...window, ...part })),
    );
    const cut = toCutRun(windows);
    known.set(key, cut);
    return cut;
  };
}

/** Prices of a product without pricing groups that saw no usage, unless they are still to come. */
function emptyWindows(
  { stated, priced, now, courseAt }: ProductPeriod,
  run: VersionRun,
  used: RatedRun["windows"],
): UsageWindow[] {
  if (stated !== null || run.version.pricingGroupKey.length > 0) return [];
  const combination = NO_GROUPS.pricingKey;
  const product = { product: priced.product, version: run.version, groups: NO_GROUPS };
  const usage = { productId: priced.product.id, productTags: run.version.tags, ...NO_GROUPS };
  const listed = priceWindows(priced.rates.get(combination) ?? [], run);
  return agreedWindows(listed, generalOnly(priced.overrides), usage).flatMap((window) => {
    const { rate, agreed } = window;
    if (rate === undefined || !rate.entitled || isAfter(window.start, now)) return [];
    const isUsed = used.some(
      ({ quantity: { window: other } }) =>
        !isBefore(other.start, window.start) && isBefore(other.start, window.end),
    );
    if (isUsed) return [];
    const none = { window, before: ZERO, after: ZERO, isUsed: false, trace: [] };
    const idle = (at: Instant) => ({ atMs: at.epochMilliseconds, quantity: ZERO });
    const quantity =
      courseAt === null ? none : { ...none, course: readingsIn(window, courseAt).map(idle) };
    return [{ product, rate, agreed, quantity, combination }];
  });
}
