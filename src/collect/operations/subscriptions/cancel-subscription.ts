import { instant } from "../../../domain/time.ts";
import { isBeforeGate } from "../../api-version.ts";
import { missing } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import type { WireSubscription } from "../../serializers/to-subscription.ts";
import { lockCustomerOrDeleted } from "../../store/customers.ts";
import { hasPendingItems } from "../../store/invoice-items.ts";
import {
  ENDED,
  getSubscription,
  lockSubscription,
  type SubscriptionRow,
} from "../../store/subscriptions.ts";
import { recordEvent } from "../record-event.ts";
import { renderInvoice } from "../render-invoice.ts";
import { addPendingLines } from "./add-pending-lines.ts";
import { collectNow } from "./collect-now.ts";
import { creditLines } from "./credit-lines.ts";
import { endSubscription } from "./end-subscription.ts";
import { loadItemsOf } from "./load-items.ts";
import { openSubscriptionInvoice } from "./open-subscription-invoice.ts";
import { renderSubscription } from "./render-subscription.ts";

export interface CancelRequest {
  /** Bills the customer's pending items at once. */
  readonly invoiceNow: boolean;
  /** Gives back what was paid for the rest of the period, as a pending item. */
  readonly prorate: boolean;
  readonly comment?: string | undefined;
  readonly feedback?: string | undefined;
}

/**
 * Ends a subscription now. Before version 2018-11-08 what is pending is billed when the period would
 * have ended, since items outlive a subscription; later versions leave it unless told otherwise.
 */
export async function cancelSubscription(
  scope: Scope,
  id: string,
  request: CancelRequest,
): Promise<WireSubscription> {
  const { customer: customerId } = await getSubscription(scope, id);
  const customer = await lockCustomerOrDeleted(scope, customerId);
  const row = await lockSubscription(scope, id);
  if (ENDED.includes(row.status)) {
    throw missing("subscription", id);
  }
  if (request.prorate && row.status !== "trialing") await giveBack(scope, row);
  const ended = await endSubscription(scope, row, {
    cancellation: {
      comment: request.comment ?? row.cancellation.comment,
      feedback: request.feedback ?? row.cancellation.feedback,
      reason: "cancellation_requested",
    },
    sweepsItems: !request.invoiceNow && isBeforeGate(scope.apiVersion, "invoiceStatus"),
  });
  if (request.invoiceNow && (await hasPendingItems(scope, customer.id, ended))) {
    const { invoice } = await openSubscriptionInvoice(scope, customer, ended, {
      reason: "subscription_update",
      lines: [],
      autoAdvance: false,
    });
    const object = await renderInvoice(scope, invoice);
    recordEvent(scope, { type: "invoice.created", object });
    await collectNow(scope, invoice, { behavior: "allow_incomplete", retries: true });
  }
  return renderSubscription(scope, await getSubscription(scope, id));
}

async function giveBack(scope: Scope, row: SubscriptionRow): Promise<void> {
  const items = await loadItemsOf(scope, row.id);
  await addPendingLines(scope, row, await creditLines(scope, row, items, instant(scope.nowAt)));
}
