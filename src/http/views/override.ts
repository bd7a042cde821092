import { dec } from "../../domain/decimal.ts";
import type { OverrideDetail } from "../../operations/load-contract-details.ts";
import { toRatePrice } from "../../store/rate-prices.ts";
import { present } from "./commit.ts";
import { toCreditTypeView } from "./credit-type.ts";
import { toPriceView } from "./rate.ts";

/** An override as the API shows it. */
export function toOverrideView({ row, productName, creditTypeId, units }: OverrideDetail) {
  return {
    id: row.id,
    starting_at: row.starting_at,
    created_at: row.created_at,
    ...present({
      ending_before: row.ending_before,
      entitled: row.entitled,
      type: row.type,
      priority: row.priority && dec(row.priority),
      multiplier: row.multiplier && dec(row.multiplier),
      overwrite_rate: row.overwrite_rate && {
        ...toPriceView(toRatePrice(row.overwrite_rate)),
        credit_type: toCreditTypeView(creditTypeId, units),
      },
      override_tiers: row.tiers === null ? null : row.tiers.map(toTierView),
      product: row.product_id && { id: row.product_id, name: productName },
      applicable_product_tags: row.applicable_product_tags,
      override_specifiers: row.override_specifiers,
    }),
    is_commit_specific: row.is_commit_specific,
    ...(row.is_commit_specific ? { target: row.target } : {}),
  };
}

const toTierView = ({ size, multiplier }: { size?: string; multiplier: string }) => ({
  ...(size === undefined ? {} : { size: dec(size) }),
  multiplier: dec(multiplier),
});
