import { instant, instantText } from "../../../domain/time.ts";
import { boundary } from "../../domain/subscriptions/recurrence.ts";
import { refused } from "../../errors.ts";
import { newId } from "../../ids.ts";
import type { Scope } from "../../scope.ts";
import { isRedeemable } from "../../serializers/to-coupon.ts";
import { countRedemption, findAndLockCoupon } from "../../store/coupons.ts";
import { type DiscountRow, insertDiscount } from "../../store/discounts.ts";

/** What a coupon is redeemed for: all that a customer is billed, or the one thing that is named. */
export interface DiscountHolder {
  readonly customer: string;
  readonly subscription?: string | undefined;
  readonly subscriptionItem?: string | undefined;
  readonly invoice?: string | undefined;
  readonly invoiceItem?: string | undefined;
  /** Of what is discounted, when it is known: an amount off must be in it. */
  readonly currency?: string | undefined;
}

/**
 * Redeems a coupon: counts it, and makes the discount that begins now. Throws 400 when the coupon is
 * not there, cannot be redeemed any more, or takes off an amount in another currency.
 */
export async function redeemCoupon(
  scope: Scope,
  couponId: string,
  { currency, ...holder }: DiscountHolder,
  param: string,
): Promise<DiscountRow> {
  const coupon = await findAndLockCoupon(scope, couponId);
  if (coupon === undefined) {
    throw refused("resource_missing", `No such coupon: '${couponId}'`, param);
  }
  if (!isRedeemable(coupon, scope.nowAt)) {
    throw refused("coupon_expired", `Coupon expired: ${couponId}`, param);
  }
  if (coupon.currency !== null && currency !== undefined && coupon.currency !== currency) {
    throw refused(
      "invalid_argument",
      `The coupon takes off an amount in ${coupon.currency}, and this is billed in ${currency}.`,
      param,
    );
  }
  await countRedemption(scope, couponId);
  const months = coupon.duration_in_months;
  return insertDiscount(scope, {
    id: newId("di"),
    coupon: couponId,
    customer: holder.customer,
    subscription: holder.subscription ?? null,
    subscription_item: holder.subscriptionItem ?? null,
    invoice: holder.invoice ?? null,
    invoice_item: holder.invoiceItem ?? null,
    end_at:
      months === null
        ? null
        : instantText(boundary(instant(scope.nowAt), { unit: "month", count: 1 }, months)),
  });
}
