import { type Decimal, ZERO } from "../decimal.ts";
import { readingsIn } from "../invoices/course.ts";
import { groupReader } from "../metering/group-values.ts";
import { type Edge, toEdge } from "../metering/running-value.ts";
import { type UsageCombination, usageCombinations } from "../metering/usage-index.ts";
import type { AgreedWindow } from "../overrides/agreed-windows.ts";
import type { ProductVersion } from "../pricing/product.ts";
import type { VersionRun } from "../pricing/version-runs.ts";
import type { ProductPeriod } from "./product-period.ts";
import {
  statedCombinations,
  statedQuantitiesAt,
  statedWindowQuantities,
} from "./stated-quantity.ts";
import { type LineGroups, toLineGroups } from "./usage-line.ts";
import {
  type CutRun,
  runningQuantities,
  type WindowQuantity,
  windowQuantities,
} from "./window-quantities.ts";

/** A combination of group values, and how much of it was used in windows. */
export interface UsedCombination {
  readonly key: string;
  readonly groups: LineGroups;
  quantitiesIn(cut: CutRun<AgreedWindow>, carried: Decimal): WindowQuantity<AgreedWindow>[];
  /** The running quantity at ascending edges of the run. */
  quantitiesAt(edges: readonly Edge[], carried: Decimal): Decimal[];
}

/** What of the product was used in a run, or stated in place of it, sorted by its groups. */
export function usedCombinations(
  { catalog, usage, stated, priced, period }: ProductPeriod,
  run: VersionRun,
): UsedCombination[] {
  if (stated !== null) {
    return statedCombinations(stated, priced.product.id, run).map((combination) => ({
      ...combination,
      quantitiesIn: ({ windows }, carried) => statedWindowQuantities(combination, windows, carried),
      quantitiesAt: (edges, carried) =>
        statedQuantitiesAt(
          combination,
          edges.map(({ at }) => at),
          carried,
        ),
    }));
  }
  const { metricId, pricingGroupKey, presentationGroupKey } = run.version;
  if (metricId === null) return [];
  const metric = catalog.getMetric(metricId);
  const groupKeys = [...pricingGroupKey, ...presentationGroupKey];
  const combinations = usageCombinations(usage, metric, groupKeys, period.start, run);
  return byPricingFirst(combinations, run.version).map(({ combination, groups }) => ({
    key: combination.key,
    groups,
    quantitiesIn: (cut, carried) =>
      windowQuantities(metric, run.version, combination, cut, carried),
    quantitiesAt: (edges, carried) =>
      runningQuantities(run.version, combination, run.start, edges, carried),
  }));
}

/** The quantities of a combination's windows, with their courses where those were asked for. */
export function inCourse(
  { courseAt }: ProductPeriod,
  { quantitiesIn, quantitiesAt }: UsedCombination,
  cut: CutRun<AgreedWindow>,
  carried: Decimal,
): WindowQuantity<AgreedWindow>[] {
  const quantities = quantitiesIn(cut, carried);
  if (courseAt === null) return quantities;
  const edges = cut.windows.flatMap((window) => readingsIn(window, courseAt).map(toEdge));
  const running = quantitiesAt(edges, carried);
  const points = edges.map(({ ms }, n) => ({ atMs: ms, quantity: running[n] ?? ZERO }));
  return quantities.map((quantity) => {
    const [from, to] = [quantity.window.start, quantity.window.end];
    const course = points.filter(
      ({ atMs }) => atMs > from.epochMilliseconds && atMs <= to.epochMilliseconds,
    );
    return { ...quantity, course };
  });
}

/** Lines are sorted by what they are priced by, then by what they are only shown by. */
function byPricingFirst(
  combinations: readonly UsageCombination[],
  { pricingGroupKey, presentationGroupKey }: ProductVersion,
) {
  const readPricing = groupReader(pricingGroupKey);
  const readPresentation = groupReader(presentationGroupKey);
  return combinations
    .map((combination) => {
      const { groupValues } = combination;
      const groups = toLineGroups(readPricing(groupValues), readPresentation(groupValues));
      return { combination, groups, sortKey: `${groups.pricingKey} ${groups.presentationKey}` };
    })
    .sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
}
