import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import { toDiscount } from "../../serializers/to-discount.ts";
import { type DiscountPlace, listHeldDiscounts } from "../../store/discounts.ts";
import { recordEvent } from "../record-event.ts";
import { type DiscountHolder, redeemCoupon } from "./redeem-coupon.ts";

/**
 * A discount as a request names it: a coupon to redeem, or a discount that the object has already, or
 * one that it is a part of (Stripe docs: Discounts, "on the object or one of its ancestors").
 */
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
  ancestors: Omit<DiscountPlace, "customer"> = {},
): Promise<string[]> {
  const ids: string[] = [];
  let held: ReadonlySet<string> | undefined;
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
        recordEvent(scope, { type: "customer.discount.created", object: toDiscount(made) });
      }
      ids.push(made.id);
    } else if (discount !== undefined) {
      held ??= await listHeldDiscounts(scope, { ...ancestors, ...holder });
      if (!held.has(discount)) {
        throw refused(
          "resource_missing",
          `No such discount: '${discount}'. It must be one that this object has, or one that it is a part of.`,
          paramOf("discount"),
        );
      }
      ids.push(discount);
    }
  }
  if (new Set(ids).size === ids.length) return ids;
  throw refused("invalid_argument", "A discount is named twice.", "discounts");
}
