import type { BurningSegment } from "../commits/purse.ts";
import type { Contract } from "../contracts/contract.ts";
import { overrideEdges } from "../overrides/override-scope.ts";
import type { Instant, Interval } from "../time.ts";
import type { Catalog, PricedProduct } from "./catalog.ts";
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
  priced: PricedProduct,
  period: Interval,
): Instant[] {
  const { product } = priced;
  const own = commitEdges(payersOf(purse, contract, priced), product, period);
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

/**
 * The segments that may pay for a product by their credit type: those in what it is priced in, and
 * those in the contract's currency, which pay for what is left of a unit. A percentage is in what its
 * products are in.
 */
function payersOf(
  purse: readonly BurningSegment[],
  { fiatCreditTypeId }: Contract,
  { product, rates }: PricedProduct,
): readonly BurningSegment[] {
  if (product.type === "COMPOSITE") return purse;
  const units = new Set([...rates.values()].flat().map(({ creditTypeId }) => creditTypeId));
  return purse.filter(
    ({ commit }) => commit.creditTypeId === fiatCreditTypeId || units.has(commit.creditTypeId),
  );
}
