import { toText } from "../decimal.ts";
import { type Instant, type Interval, isBefore, Temporal } from "../time.ts";
import type { Product, ProductVersion } from "./product.ts";

/** A stretch of time in which a product is metered, converted and composed in one way. */
export interface VersionRun extends Interval {
  /** The version in force at the run's end: the newest name and tags. */
  readonly version: ProductVersion;
}

/** The version that is in force at `at`; before the first one, the first. */
export function versionAt(product: Product, at: Instant): ProductVersion {
  const versions = sortedVersions(product);
  const current = versions.findLast((version) => !isBefore(at, version.startingAt)) ?? versions[0];
  if (current === undefined) throw new RangeError(`Product ${product.id} has no version`);
  return current;
}

/**
 * Cuts a period where a product's metering changes: metric, group keys, conversion or rounding, and
 * what a composite is made of. A new name or tag cuts nothing.
 */
export function versionRuns(product: Product, period: Interval): VersionRun[] {
  const runs: VersionRun[] = [];
  const edges = sortedVersions(product)
    .map(({ startingAt }) => startingAt)
    .filter((edge) => isBefore(period.start, edge) && isBefore(edge, period.end));
  for (const [i, start] of [period.start, ...edges].entries()) {
    const run = { start, end: edges[i] ?? period.end, version: versionAt(product, start) };
    const last = runs.at(-1);
    if (last !== undefined && metersAlike(last.version, run.version)) {
      runs[runs.length - 1] = { ...run, start: last.start };
    } else {
      runs.push(run);
    }
  }
  return runs;
}

const sortedVersions = (product: Product): ProductVersion[] =>
  [...product.versions].sort((a, b) => Temporal.Instant.compare(a.startingAt, b.startingAt));

const metersAlike = (a: ProductVersion, b: ProductVersion): boolean =>
  meteringKey(a) === meteringKey(b);

const meteringKey = (version: ProductVersion): string =>
  JSON.stringify([
    version.metricId,
    version.pricingGroupKey.toSorted(),
    version.presentationGroupKey.toSorted(),
    version.quantityConversion && {
      ...version.quantityConversion,
      factor: toText(version.quantityConversion.factor),
    },
    version.quantityRounding,
    version.compositeProductIds?.toSorted(),
    version.compositeTags?.toSorted(),
    version.excludeFreeUsage,
  ]);
