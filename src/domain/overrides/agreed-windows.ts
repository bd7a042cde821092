import type { Contract } from "../contracts/contract.ts";
import type { PriceWindow } from "../pricing/price-windows.ts";
import { cutAt } from "../pricing/price-windows.ts";
import type { Product } from "../pricing/product.ts";
import type { AgreedRate } from "./agreed-rate.ts";
import { agreeRate } from "./agreed-rate.ts";
import type { MultiplierPrioritization, Override } from "./override.ts";
import {
  concernsProduct,
  isInForce,
  type OverridableUsage,
  overrideEdges,
} from "./override-scope.ts";

/** The overrides of a contract that concern one product, and how they are prioritized. */
export interface ProductOverrides {
  readonly overrides: readonly Override[];
  readonly prioritization: MultiplierPrioritization;
  /** Some of them read presentation values. */
  readonly byPresentation: boolean;
}

/** Those of a contract's overrides that may concern the product, in any of its versions. */
export function overridesOf(
  {
    overrides: all,
    multiplierPrioritization: prioritization,
  }: Pick<Contract, "overrides" | "multiplierPrioritization">,
  { id: productId, versions }: Product,
): ProductOverrides {
  const productTags = versions.flatMap(({ tags }) => tags);
  const overrides = all.filter((override) => concernsProduct(override, { productId, productTags }));
  const byPresentation = overrides.some(({ specifiers }) =>
    specifiers.some((specifier) => Object.keys(specifier.presentationGroupValues).length > 0),
  );
  return { overrides, prioritization, byPresentation };
}

/** Without those that only hold when a commit pays. */
export const generalOnly = (own: ProductOverrides): ProductOverrides => ({
  ...own,
  overrides: own.overrides.filter(({ isCommitSpecific }) => !isCommitSpecific),
});

/** A stretch of time with one agreed rate; undefined where the card has no rate. `rate` is as agreed. */
export interface AgreedWindow extends PriceWindow {
  readonly agreed: AgreedRate | undefined;
}

/** Cuts windows of one rate wherever other overrides come into force, and agrees on each part. */
export function agreedWindows(
  windows: readonly PriceWindow[],
  { overrides, prioritization }: ProductOverrides,
  usage: OverridableUsage,
): AgreedWindow[] {
  const agreed: AgreedWindow[] = [];
  for (const { rate, ...stretch } of windows) {
    for (const { start, end } of cutAt(stretch, overrideEdges(overrides, stretch))) {
      const inForce = overrides.filter((override) => isInForce(override, start));
      const part = rate && agreeRate(rate, inForce, usage, prioritization);
      const last = agreed.at(-1);
      if (last?.end.equals(start) && last.agreed?.key === part?.key) {
        agreed[agreed.length - 1] = { ...last, end };
      } else {
        agreed.push({ start, end, rate: part?.rate, agreed: part });
      }
    }
  }
  return agreed;
}
