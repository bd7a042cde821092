import type { Scope } from "../../scope.ts";
import type { CustomerRow } from "../../store/customers.ts";
import { getSubscription, type SubscriptionRow } from "../../store/subscriptions.ts";
import type { NewItem } from "../new-items.ts";
import { recordEvent } from "../record-event.ts";
import { renderInvoice } from "../render-invoice.ts";
import { collectNow, type PaymentBehavior } from "./collect-now.ts";
import { isCollected, setAside } from "./collection-pause.ts";
import { openSubscriptionInvoice } from "./open-subscription-invoice.ts";
import type { SubscriptionLine } from "./subscription-lines.ts";

interface BilledUpdate {
  readonly prorationAt?: string | undefined;
  readonly paymentBehavior: PaymentBehavior;
  readonly addInvoiceItems: readonly NewItem[];
}

/**
 * Bills a change at once: what it left pending, what begins with it, what was asked for with it. While
 * nothing is collected of the subscription its invoice is set aside as its renewals are.
 */
export async function invoiceUpdate(
  scope: Scope,
  customer: CustomerRow,
  subscription: SubscriptionRow,
  { prorationAt, paymentBehavior, addInvoiceItems }: BilledUpdate,
  lines: readonly SubscriptionLine[],
): Promise<SubscriptionRow> {
  const { invoice } = await openSubscriptionInvoice(scope, customer, subscription, {
    reason: "subscription_update",
    lines,
    items: addInvoiceItems,
    autoAdvance: false,
    prorationAt,
  });
  const object = await renderInvoice(scope, invoice);
  recordEvent(scope, { type: "invoice.created", object });
  if (isCollected(scope, subscription)) {
    await collectNow(scope, invoice, { behavior: paymentBehavior, retries: true });
  } else await setAside(scope, subscription, invoice);
  return getSubscription(scope, subscription.id);
}
