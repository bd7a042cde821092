import { instant, instantText } from "../../../domain/time.ts";
import { boundary } from "../../domain/subscriptions/recurrence.ts";
import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import type { WireSubscription } from "../../serializers/to-subscription.ts";
import { lockCustomerOrDeleted } from "../../store/customers.ts";
import {
  getSubscription,
  lockSubscription,
  updateSubscription,
} from "../../store/subscriptions.ts";
import { recordEvent } from "../record-event.ts";
import { invoiceUpdate } from "./invoice-update.ts";
import { commonRecurrence, loadItemsOf } from "./load-items.ts";
import { recordSubscriptionChange } from "./record-subscription-change.ts";
import { renderSubscription } from "./render-subscription.ts";
import { periodLines } from "./subscription-lines.ts";
import { enqueueTurn } from "./subscription-schedule.ts";

/**
 * Goes on with a subscription that paused when its trial ended: a new period begins now and is billed
 * (Stripe docs: Resume a subscription, `billing_cycle_anchor=now`). Throws 400 when it is not paused.
 */
export async function resumeSubscription(scope: Scope, id: string): Promise<WireSubscription> {
  const { customer: customerId } = await getSubscription(scope, id);
  const customer = await lockCustomerOrDeleted(scope, customerId);
  const row = await lockSubscription(scope, id);
  if (row.status !== "paused") {
    throw refused(
      "invalid_argument",
      `Only paused subscriptions resume; this one is ${row.status}.`,
    );
  }
  const before = await renderSubscription(scope, row);
  const items = await loadItemsOf(scope, id);
  const start = instant(scope.nowAt);
  const period = { start, end: boundary(start, commonRecurrence(items), 1) };
  const resumed = await updateSubscription(scope, id, {
    status: "active",
    billing_cycle_anchor_at: scope.nowAt,
    current_period_start_at: scope.nowAt,
    current_period_end_at: instantText(period.end),
  });
  const update = { paymentBehavior: "allow_incomplete", addInvoiceItems: [] } as const;
  const lines = periodLines(items, period);
  const billed = await invoiceUpdate(scope, customer, resumed, update, lines);
  enqueueTurn(scope, billed);
  const object = await recordSubscriptionChange(scope, before, billed);
  recordEvent(scope, { type: "customer.subscription.resumed", object });
  return object;
}
