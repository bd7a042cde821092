import { servesContract } from "../commits/applicability.ts";
import { openPurse } from "../commits/purse.ts";
import type { DistinctWindow } from "../metering/rollup.ts";
import { distinctWindowKey } from "../metering/usage-index.ts";
import { overrideEdges } from "../overrides/override-scope.ts";
import { rateEdges } from "../pricing/rate-in-force.ts";
import { versionRuns } from "../pricing/version-runs.ts";
import { type Instant, type Interval, isAfter } from "../time.ts";
import { type Catalog, openCatalog, type PricedProduct } from "./catalog.ts";
import type { RatingSnapshot } from "./snapshot.ts";
import { windowEdges } from "./window-edges.ts";

/**
 * The distinct counts that rating the snapshot will ask for: for each UNIQUE product and billing
 * period, from the period's start to every edge at which a window may end. Call it with everything
 * but `distinctCounts` filled in, count, then rate.
 */
export function distinctWindows(snapshot: RatingSnapshot): DistinctWindow[] {
  const catalog = openCatalog(snapshot);
  const purse = openPurse(snapshot.commits, []);
  const windows = snapshot.requests.flatMap((request) => {
    if (request.type !== "USAGE" || request.stated !== undefined) return [];
    const contract = catalog.getContract(request.contractId);
    const own = purse.filter(({ commit }) => servesContract(commit, contract.id));
    return catalog.usageProducts(contract).flatMap((priced) => {
      const edges = [
        ...windowEdges(catalog, contract, own, priced, request.period),
        ...(request.courseAt ?? []),
      ];
      return productWindows(catalog, priced, request.period, edges);
    });
  });
  return [...new Map(windows.map((window) => [distinctWindowKey(window), window])).values()];
}

function productWindows(
  catalog: Catalog,
  { product, rates, overrides }: PricedProduct,
  period: Interval,
  edges: readonly Instant[],
): DistinctWindow[] {
  const allRates = [...rates.values()].flat();
  return versionRuns(product, period).flatMap((run) => {
    const { metricId, pricingGroupKey, presentationGroupKey } = run.version;
    if (metricId === null || catalog.getMetric(metricId).aggregation !== "UNIQUE") return [];
    const groupKeys = [...pricingGroupKey, ...presentationGroupKey];
    const inside = [
      ...rateEdges(allRates, run),
      ...overrideEdges(overrides.overrides, run),
      ...edges,
    ];
    return [run.start, ...inside, run.end]
      .filter((edge) => isAfter(edge, period.start) && !isAfter(edge, run.end))
      .map((end) => ({ metricId, groupKeys, start: period.start, end }));
  });
}
