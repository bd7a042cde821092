import type Stripe from "stripe";
import { dec, toText } from "../../domain/decimal.ts";
import type { PriceRow } from "../store/prices.ts";
import { toUnix, type Wire } from "../wire.ts";

/** Whole minor units also as a number; a fraction only as text. */
const toUnitAmount = (text: string): number | null => (/^-?\d+$/.test(text) ? Number(text) : null);

/** A price as Stripe's API shows it. */
export function toPrice(row: PriceRow): Wire<Stripe.Price> {
  const unitAmount = toText(dec(row.unit_amount));
  return {
    id: row.id,
    object: "price",
    active: row.active,
    billing_scheme: "per_unit",
    created: toUnix(row.created_at),
    currency: row.currency,
    custom_unit_amount: null,
    livemode: row.livemode,
    lookup_key: row.lookup_key,
    metadata: row.metadata,
    nickname: row.nickname,
    product: row.product,
    recurring:
      row.recurring_interval === null
        ? null
        : {
            interval: row.recurring_interval,
            interval_count: row.recurring_interval_count ?? 1,
            meter: null,
            trial_period_days: row.recurring_trial_period_days,
            usage_type: "licensed",
          },
    tax_behavior: row.tax_behavior,
    tiers_mode: null,
    transform_quantity: row.transform_quantity,
    type: row.recurring_interval === null ? "one_time" : "recurring",
    unit_amount: toUnitAmount(unitAmount),
    unit_amount_decimal: unitAmount,
  };
}
