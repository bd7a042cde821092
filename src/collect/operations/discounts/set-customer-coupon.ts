import type { Scope } from "../../scope.ts";
import { toDiscount } from "../../serializers/to-discount.ts";
import type { CustomerRow } from "../../store/customers.ts";
import { changeCustomer } from "../change-customer.ts";
import { recordEvent } from "../record-event.ts";
import { endCustomerDiscount } from "./end-discounts.ts";
import { redeemCoupon } from "./redeem-coupon.ts";

/** Gives a locked customer a coupon for all that they are billed, instead of the one they have; null takes it off. */
export async function setCustomerCoupon(
  scope: Scope,
  customer: CustomerRow,
  coupon: string | null,
): Promise<CustomerRow> {
  const free = await endCustomerDiscount(scope, customer);
  if (coupon === null) return free;
  const made = await redeemCoupon(scope, coupon, { customer: customer.id }, "coupon");
  recordEvent(scope, { type: "customer.discount.created", object: toDiscount(made) });
  const { id, created_at: startAt, end_at: endAt } = made;
  return changeCustomer(scope, free, {
    discount: JSON.stringify({ id, coupon, startAt, endAt }),
  });
}
