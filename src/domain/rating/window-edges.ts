import type { BurningSegment } from "../commits/purse.ts";
import type { Contract } from "../contracts/contract.ts";
import { overrideEdges } from "../overrides/override-scope.ts";
import type { Product } from "../pricing/product.ts";
import type { Instant, Interval } from "../time.ts";
import type { Catalog } from "./catalog.ts";
import { commitEdges } from "./commit-edges.ts";
import { compositeEdges } from "./composite-lines.ts";

/**
 * Where a product's windows in a period are cut beside its own price changes: where the access of a
 * commit that could pay for it changes, and where a percentage on it does. Unsorted.
 */
export function windowEdges(
  catalog: Catalog,
  contract: Contract,
  purse: readonly BurningSegment[],
  product: Product,
  period: Interval,
): Instant[] {
  const own = commitEdges(purse, product, period);
  if (product.type === "COMPOSITE") return own;
  const composites = catalog.compositeProducts(contract).flatMap((composite) => {
    const { overrides } = composite.overrides;
    const edges = [
      ...commitEdges(purse, composite.product, period),
      ...overrideEdges(overrides, period),
    ];
    return compositeEdges(composite, edges, product, period);
  });
  return [...own, ...composites];
}
