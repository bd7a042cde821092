import type { Contract } from "../contracts/contract.ts";
import { type AgreedRate, agreeRate } from "../overrides/agreed-rate.ts";
import { generalOnly, overridesOf } from "../overrides/agreed-windows.ts";
import { concernsUsage, isInForce } from "../overrides/override-scope.ts";
import type { Product } from "../pricing/product.ts";
import type { Rate } from "../pricing/rate.ts";
import { rateInForce } from "../pricing/rate-in-force.ts";
import { versionAt } from "../pricing/version-runs.ts";
import type { Instant } from "../time.ts";
import type { Subscription } from "./subscription.ts";

/** Which rates of a card price a subscription, and what its contract changes of them. */
export interface SubscriptionPricing {
  readonly contract: Pick<Contract, "overrides" | "multiplierPrioritization">;
  /** The subscription's. */
  readonly product: Product;
  /** All rates of the contract's card. */
  readonly rates: readonly Rate[];
}

/**
 * What one unit of a subscription costs for a whole billing period, by the instant that decides:
 * when the period begins (see subscriptionLines). Overrides count that are in force then and name
 * the subscription's billing frequency; undefined: the card has no rate of that frequency.
 */
export function subscriptionRates(
  { contract, product, rates }: SubscriptionPricing,
  { productId, billingFrequency }: Pick<Subscription, "productId" | "billingFrequency">,
): (at: Instant) => AgreedRate | undefined {
  const dated = rates.filter(
    (rate) => rate.productId === productId && rate.billingFrequency === billingFrequency,
  );
  const { overrides, prioritization } = generalOnly(overridesOf(contract, product));
  return (at) => {
    const rate = rateInForce(dated, at);
    if (rate === undefined) return undefined;
    const { tags: productTags } = versionAt(product, at);
    const units = { productId, productTags, billingFrequency, pricing: {}, presentation: {} };
    const inForce = overrides.filter(
      (override) => isInForce(override, at) && concernsUsage(override, units),
    );
    return agreeRate(rate, inForce, units, prioritization);
  };
}
