import { coversProduct } from "../commits/applicability.ts";
import type { BurningSegment } from "../commits/purse.ts";
import type { Product } from "../pricing/product.ts";
import { versionRuns } from "../pricing/version-runs.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";

/**
 * The instants inside a period at which the access window of a commit that could pay for the
 * product opens or closes, unsorted. What is left in the commit does not matter: lines keep their
 * windows, and with them their keys, when a balance runs out.
 */
export function commitEdges(
  purse: readonly BurningSegment[],
  product: Product,
  period: Interval,
): Instant[] {
  const tags = new Set(versionRuns(product, period).flatMap(({ version }) => version.tags));
  const covered = { productId: product.id, productTags: [...tags] };
  return purse
    .filter(({ commit }) => coversProduct(commit, covered))
    .flatMap(({ segment }) => [segment.startingAt, segment.endingBefore])
    .filter((edge) => isAfter(edge, period.start) && isBefore(edge, period.end));
}
