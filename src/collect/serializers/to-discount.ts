import type Stripe from "stripe";
import type { DiscountRow } from "../store/discounts.ts";
import { toUnix, toUnixOrNull, type Wire } from "../wire.ts";

/** A discount as Stripe's API shows it. */
export const toDiscount = (row: DiscountRow) =>
  ({
    id: row.id,
    object: "discount",
    checkout_session: null,
    customer: row.customer,
    customer_account: null,
    end: toUnixOrNull(row.end_at),
    invoice: row.invoice,
    invoice_item: row.invoice_item,
    promotion_code: null,
    source: { coupon: row.coupon, type: "coupon" },
    start: toUnix(row.created_at),
    subscription: row.subscription,
    subscription_item: row.subscription_item,
  }) satisfies Wire<Stripe.Discount>;

/** What is left of a discount that was taken off: it has no end any more. */
export function toDeletedDiscount(row: DiscountRow) {
  const { end: _end, ...rest } = toDiscount(row);
  return { ...rest, deleted: true } as const satisfies Wire<Stripe.DeletedDiscount>;
}
