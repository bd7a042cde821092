import type Stripe from "stripe";
import { assert } from "../../errors.ts";
import type { PriceRow } from "../store/prices.ts";
import type { Wire } from "../wire.ts";
import { toPrice } from "./to-price.ts";

/** A recurring price in the shape that came before prices; both have one id. */
export function toPlan(row: PriceRow): Wire<Stripe.Plan> {
  const price = toPrice(row);
  assert(price.recurring !== null, `price ${row.id} is recurring`);
  const { interval, interval_count, trial_period_days } = price.recurring;
  return {
    id: row.id,
    object: "plan",
    active: row.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: "per_unit",
    created: price.created,
    currency: row.currency,
    interval,
    interval_count,
    livemode: row.livemode,
    metadata: row.metadata,
    meter: null,
    nickname: row.nickname,
    product: row.product,
    tiers_mode: null,
    transform_usage: row.transform_quantity,
    trial_period_days,
    usage_type: "licensed",
  };
}
