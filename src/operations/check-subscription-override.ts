import type { OverrideSpecifierRow } from "../db/tables/contract-overrides.ts";
import type { PriceChange } from "../domain/overrides/override.ts";
import type { ProductType } from "../domain/pricing/product.ts";
import type { OverrideTerms } from "./add-overrides.ts";
import type { Refuse } from "./check-tiers.ts";

/**
 * Refuses a specifier that mixes up usage and subscriptions. Prices of subscriptions are overridden
 * by naming `billing_frequency`, for a product has a price for each of them; then nothing applies
 * that needs usage: group values, tiers, or a commit's own price. `product` is undefined when the
 * specifier names none.
 */
export function checkSubscriptionOverride(
  specifier: OverrideSpecifierRow,
  { isCommitSpecific, overwriteRate }: Pick<OverrideTerms, "isCommitSpecific" | "overwriteRate">,
  type: PriceChange["type"] | null,
  product: { readonly type: ProductType } | undefined,
  refuse: Refuse,
): void {
  if (specifier.billing_frequency === undefined) {
    if (product?.type !== "SUBSCRIPTION") return;
    const how = "is required for a SUBSCRIPTION product, in override_specifiers";
    throw refuse("billing_frequency", how);
  }
  if (product !== undefined && product.type !== "SUBSCRIPTION") {
    throw refuse("billing_frequency", "is for SUBSCRIPTION products, and product_id is of another");
  }
  if (specifier.pricing_group_values !== undefined) {
    throw refuse("pricing_group_values", "are for usage, not for subscriptions");
  }
  if (specifier.presentation_group_values !== undefined) {
    throw refuse("presentation_group_values", "are for usage, not for subscriptions");
  }
  if (isCommitSpecific) {
    throw refuse("billing_frequency", "is not for is_commit_specific overrides");
  }
  if (type === "TIERED") throw refuse("billing_frequency", "is not for overrides of type TIERED");
  if (type === "OVERWRITE" && overwriteRate?.type !== "FLAT") {
    throw refuse("billing_frequency", "needs an overwrite_rate of rate_type FLAT");
  }
}
