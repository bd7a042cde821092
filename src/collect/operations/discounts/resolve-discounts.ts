import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import { toDiscount } from "../../serializers/to-discount.ts";
import { listDiscountsById } from "../../store/discounts.ts";
import { recordEvent } from "../record-event.ts";
import { type DiscountHolder, redeemCoupon } from "./redeem-coupon.ts";

/** A discount as a request names it: a coupon to redeem, or a discount of the same customer. */
export interface DiscountRequest {
  readonly coupon?: string | undefined;
  readonly discount?: string | undefined;
  /** Names a member as the caller wrote it: "discounts[0][coupon]". */
  readonly paramOf: (name: string) => string;
}

/**
 * The ids of the discounts that a request asks for, in its order; what it redeems begins now, and is
 * told of where it holds for a subscription. Throws 400 for what cannot be redeemed or is not there.
 */
export async function resolveDiscounts(
  scope: Scope,
  requests: readonly DiscountRequest[],
  holder: DiscountHolder,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { coupon, discount, paramOf } of requests) {
    if ((coupon === undefined) === (discount === undefined)) {
      throw refused(
        coupon === undefined ? "parameter_missing" : "parameters_exclusive",
        "Name either a coupon or a discount.",
        paramOf("coupon"),
      );
    }
    if (coupon !== undefined) {
      const made = await redeemCoupon(scope, coupon, holder, paramOf("coupon"));
      if (holder.subscription !== undefined) {
        await recordEvent(scope, { type: "customer.discount.created", object: toDiscount(made) });
      }
      ids.push(made.id);
    } else if (discount !== undefined) {
      const found = (await listDiscountsById(scope, [discount])).get(discount);
      if (found?.customer !== holder.customer) {
        throw refused("resource_missing", `No such discount: '${discount}'`, paramOf("discount"));
      }
      ids.push(discount);
    }
  }
  if (new Set(ids).size === ids.length) return ids;
  throw refused("invalid_argument", "A discount is named twice.", "discounts");
}
