import type { OverrideSpecifierRow } from "../db/tables/contract-overrides.ts";
import type { OverrideTerms } from "./add-overrides.ts";
import type { OverrideFrame } from "./check-override.ts";
import type { Refuse } from "./check-tiers.ts";

/** Refuses a price in another credit type than the one that the card prices the product in. */
export function checkOverwriteCreditType(
  { overwriteRate: rate, overwriteCreditTypeId }: OverrideTerms,
  { product_id: productId }: OverrideSpecifierRow,
  { groups, creditTypeId }: OverrideFrame,
  refuse: Refuse,
): void {
  if (rate === null || rate.type === "PERCENTAGE" || productId === undefined) return;
  const pricedIn = groups.get(productId)?.creditTypeId;
  if (pricedIn === undefined || pricedIn === (overwriteCreditTypeId ?? creditTypeId)) return;
  throw refuse(
    "overwrite_rate.credit_type_id",
    `must be ${pricedIn}, in which the product is priced`,
  );
}
