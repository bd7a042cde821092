import type { Cancellation } from "../../db/subscription-tables.ts";
import type { Scope } from "../../scope.ts";
import { listOpenInvoicesOf, updateInvoice } from "../../store/invoices.ts";
import { type SubscriptionRow, updateSubscription } from "../../store/subscriptions.ts";
import { recordEvent } from "../record-event.ts";
import { recordInvoiceChange } from "../record-invoice-change.ts";
import { renderInvoice } from "../render-invoice.ts";
import { renderSubscription } from "./render-subscription.ts";
import { enqueueTurn } from "./subscription-schedule.ts";

export interface Ending {
  readonly cancellation: Cancellation;
  /** The customer's pending items are still billed when the period would have ended. */
  readonly sweepsItems: boolean;
}

/**
 * Ends a locked subscription now. Nothing is given back; its open invoices stay, but are no longer
 * collected automatically (Stripe docs: Cancel subscriptions).
 */
export async function endSubscription(
  scope: Scope,
  subscription: SubscriptionRow,
  { cancellation, sweepsItems }: Ending,
): Promise<SubscriptionRow> {
  await stopCollection(scope, subscription);
  const row = await updateSubscription(scope, subscription.id, {
    status: "canceled",
    canceled_at: subscription.canceled_at ?? scope.nowAt,
    ended_at: scope.nowAt,
    sweeps_items: sweepsItems,
    cancellation: JSON.stringify(cancellation),
  });
  enqueueTurn(scope, row);
  const object = await renderSubscription(scope, row);
  recordEvent(scope, { type: "customer.subscription.deleted", object });
  return row;
}

async function stopCollection(scope: Scope, { id }: SubscriptionRow): Promise<void> {
  for (const invoice of await listOpenInvoicesOf(scope, id)) {
    const before = await renderInvoice(scope, invoice);
    const row = await updateInvoice(scope, invoice.id, {
      auto_advance: false,
      next_payment_attempt_at: null,
    });
    await recordInvoiceChange(scope, before, row);
  }
}
