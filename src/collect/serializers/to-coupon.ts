import type Stripe from "stripe";
import { instant, isAfter } from "../../domain/time.ts";
import type { CouponRow } from "../store/coupons.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";

/** Whether it can still be redeemed at an ISO instant. */
export const isRedeemable = (row: CouponRow, at: string): boolean =>
  !row.deleted &&
  (row.max_redemptions === null || row.times_redeemed < row.max_redemptions) &&
  (row.redeem_by_at === null || isAfter(instant(row.redeem_by_at), instant(at)));

/** A coupon as Stripe's API shows it at an ISO instant. */
export const toCoupon = (row: CouponRow, at: string) =>
  ({
    id: row.id,
    object: "coupon",
    amount_off: row.amount_off_minor === null ? null : toWireAmount(row.amount_off_minor),
    ...(row.applies_to_products === null
      ? {}
      : { applies_to: { products: [...row.applies_to_products] } }),
    created: toUnix(row.created_at),
    currency: row.currency,
    duration: row.duration,
    duration_in_months: row.duration_in_months,
    livemode: row.livemode,
    max_redemptions: row.max_redemptions,
    metadata: { ...row.metadata },
    name: row.name,
    percent_off: row.percent_off === null ? null : Number(row.percent_off),
    redeem_by: toUnixOrNull(row.redeem_by_at),
    times_redeemed: row.times_redeemed,
    valid: isRedeemable(row, at),
  }) satisfies Wire<Stripe.Coupon>;
