import type { Scope } from "../../scope.ts";
import { toDiscount } from "../../serializers/to-discount.ts";
import { listCouponsById } from "../../store/coupons.ts";
import { type CustomerRow, lockCustomerOrDeleted } from "../../store/customers.ts";
import { listDiscountsById } from "../../store/discounts.ts";
import type { InvoiceRow } from "../../store/invoices.ts";
import { listSubscriptionItems, updateSubscriptionItem } from "../../store/subscription-items.ts";
import { lockSubscription, updateSubscription } from "../../store/subscriptions.ts";
import { changeCustomer } from "../change-customer.ts";
import { recordEvent } from "../record-event.ts";

/** Tells that discounts do not apply any more. They stay on what they were applied to. */
export async function recordEnded(scope: Scope, ids: readonly string[]): Promise<void> {
  for (const row of (await listDiscountsById(scope, ids)).values()) {
    recordEvent(scope, { type: "customer.discount.deleted", object: toDiscount(row) });
  }
}

/** Takes the discount off a locked customer. */
export async function endCustomerDiscount(
  scope: Scope,
  customer: CustomerRow,
): Promise<CustomerRow> {
  if (customer.discount === null) return customer;
  const after = await changeCustomer(scope, customer, { discount: null });
  await recordEnded(scope, [customer.discount.id]);
  return after;
}

/** The discounts of the invoice that took something off and whose coupons count once. */
async function usedUp(scope: Scope, invoice: InvoiceRow): Promise<string[]> {
  const took = invoice.discount_amounts
    .filter(({ amount }) => BigInt(amount) > 0n)
    .map(({ discount }) => discount);
  const rows = [...(await listDiscountsById(scope, took)).values()].filter(
    (row) => row.invoice === null && row.invoice_item === null,
  );
  const coupons = await listCouponsById(
    scope,
    rows.map(({ coupon }) => coupon),
  );
  return rows.filter(({ coupon }) => coupons.get(coupon)?.duration === "once").map(({ id }) => id);
}

/**
 * When an invoice was made, and when it is finalized, since lines may have come between: what it took
 * over of its customer and its subscription, and holds for one invoice, is theirs no longer. A discount
 * that had nothing to take from waits for the next invoice; one that has ended ends no second time.
 */
export async function endUsedDiscounts(scope: Scope, invoice: InvoiceRow): Promise<void> {
  if (invoice.discount_amounts.length === 0) return;
  const used = new Set(await usedUp(scope, invoice));
  if (used.size === 0) return;
  const ended = new Set<string>();
  const rest = (ids: readonly string[]) => {
    for (const id of ids) if (used.has(id)) ended.add(id);
    return JSON.stringify(ids.filter((id) => !used.has(id)));
  };
  const customer = await lockCustomerOrDeleted(scope, invoice.customer);
  if (customer.discount !== null && used.has(customer.discount.id)) {
    ended.add(customer.discount.id);
    await changeCustomer(scope, customer, { discount: null });
  }
  if (invoice.subscription !== null) {
    const subscription = await lockSubscription(scope, invoice.subscription);
    if (subscription.discounts.some((id) => used.has(id))) {
      await updateSubscription(scope, subscription.id, { discounts: rest(subscription.discounts) });
    }
    for (const item of await listSubscriptionItems(scope, subscription.id)) {
      if (item.discounts.some((id) => used.has(id))) {
        await updateSubscriptionItem(scope, item.id, { discounts: rest(item.discounts) });
      }
    }
  }
  await recordEnded(scope, [...ended]);
}
