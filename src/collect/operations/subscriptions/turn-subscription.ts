import { instant, instantText, isAfter } from "../../../domain/time.ts";
import { faultPoint } from "../../../platform/fault-points.ts";
import { processorOf } from "../../domain/processor.ts";
import { boundaryAfter, type Period } from "../../domain/subscriptions/recurrence.ts";
import type { Scope } from "../../scope.ts";
import { type CustomerRow, lockCustomerOrDeleted } from "../../store/customers.ts";
import { hasPendingItems } from "../../store/invoice-items.ts";
import {
  ENDED,
  getSubscription,
  lockSubscription,
  type SubscriptionChanges,
  type SubscriptionRow,
  updateSubscription,
} from "../../store/subscriptions.ts";
import { recordEvent } from "../record-event.ts";
import { renderInvoice } from "../render-invoice.ts";
import { isCollected, setAside } from "./collection-pause.ts";
import { endSubscription } from "./end-subscription.ts";
import { commonRecurrence, loadItemsOf } from "./load-items.ts";
import { openSubscriptionInvoice } from "./open-subscription-invoice.ts";
import { recordSubscriptionChange } from "./record-subscription-change.ts";
import { renderSubscription } from "./render-subscription.ts";
import { periodLines, type SubscriptionLine } from "./subscription-lines.ts";
import { enqueueTurn, nextTurnAt } from "./subscription-schedule.ts";

/**
 * At a subscription's boundary: begins its next period with a draft of what that costs and of the
 * customer's pending items, which is charged about an hour later; ends a trial; or ends the
 * subscription, and then only the pending items are billed. Doing it twice changes nothing, for the
 * subscription's own times say what is due. Returns when it is next due, if it is not now.
 */
export async function turnSubscription(scope: Scope, id: string): Promise<string | undefined> {
  const { customer: customerId } = await getSubscription(scope, id);
  const customer = await lockCustomerOrDeleted(scope, customerId);
  const row = await lockSubscription(scope, id);
  const at = nextTurnAt(row);
  if (at === undefined) return undefined;
  if (isAfter(instant(at), instant(scope.nowAt))) return at;
  if (ENDED.includes(row.status)) await sweep(scope, customer, row);
  else if (endsNow(scope, row)) await end(scope, customer, row);
  else if (row.status === "trialing" && cannotPay(scope, customer, row)) {
    await endUnpayableTrial(scope, row);
  } else await renew(scope, customer, row);
  faultPoint("collect/subscription/turned");
  return undefined;
}

const endsNow = (scope: Scope, row: SubscriptionRow): boolean =>
  row.cancel_at_period_end ||
  (row.cancel_at !== null && !isAfter(instant(row.cancel_at), instant(scope.nowAt)));

const cannotPay = (scope: Scope, customer: CustomerRow, row: SubscriptionRow): boolean =>
  row.trial_end_behavior !== "create_invoice" &&
  row.collection_method === "charge_automatically" &&
  processorOf(scope).collects &&
  row.default_payment_method === null &&
  customer.default_payment_method === null;

/** What was pending when the period of a canceled subscription would have ended is billed once. */
async function sweep(scope: Scope, customer: CustomerRow, row: SubscriptionRow): Promise<void> {
  const swept = await updateSubscription(scope, row.id, { sweeps_items: false });
  await billCycle(scope, customer, swept, []);
}

async function end(scope: Scope, customer: CustomerRow, row: SubscriptionRow): Promise<void> {
  const cancellation = { ...row.cancellation, reason: "cancellation_requested" } as const;
  const ended = await endSubscription(scope, row, { cancellation, sweepsItems: false });
  await billCycle(scope, customer, ended, []);
}

async function endUnpayableTrial(scope: Scope, row: SubscriptionRow): Promise<void> {
  if (row.trial_end_behavior === "cancel") {
    const cancellation = { ...row.cancellation, reason: "payment_failed" } as const;
    await endSubscription(scope, row, { cancellation, sweepsItems: false });
    return;
  }
  const before = await renderSubscription(scope, row);
  const paused = await updateSubscription(scope, row.id, { status: "paused" });
  const object = await recordSubscriptionChange(scope, before, paused);
  recordEvent(scope, { type: "customer.subscription.paused", object });
}

async function renew(scope: Scope, customer: CustomerRow, row: SubscriptionRow): Promise<void> {
  const items = await loadItemsOf(scope, row.id);
  const start = instant(row.current_period_end_at);
  const end = boundaryAfter(instant(row.billing_cycle_anchor_at), commonRecurrence(items), start);
  const period = { start, end };
  const before = await renderSubscription(scope, row);
  const renewed = await updateSubscription(scope, row.id, toPeriod(row, period));
  const lines = periodLines(items, period);
  const billed = await billCycle(scope, customer, renewed, lines, row);
  await recordSubscriptionChange(scope, before, billed);
  enqueueTurn(scope, billed);
}

const toPeriod = (row: SubscriptionRow, { start, end }: Period): SubscriptionChanges => ({
  current_period_start_at: instantText(start),
  current_period_end_at: instantText(end),
  ...(row.status === "trialing" ? { status: "active" as const } : {}),
});

/**
 * The draft of a cycle; none when there is nothing to bill. An unpaid subscription's drafts wait for a
 * person. Its period is the one that ended, `previous`.
 */
async function billCycle(
  scope: Scope,
  customer: CustomerRow,
  row: SubscriptionRow,
  lines: readonly SubscriptionLine[],
  previous: SubscriptionRow = row,
): Promise<SubscriptionRow> {
  if (lines.length === 0 && !(await hasPendingItems(scope, customer.id, row))) return row;
  const { invoice, subscription } = await openSubscriptionInvoice(scope, customer, row, {
    reason: "subscription_cycle",
    lines,
    autoAdvance: isCollected(scope, row),
    period: {
      startAt: previous.current_period_start_at,
      endAt: previous.current_period_end_at,
    },
  });
  const object = await renderInvoice(scope, invoice);
  recordEvent(scope, { type: "invoice.created", object });
  if (isCollected(scope, row)) return subscription;
  await setAside(scope, row, invoice);
  return getSubscription(scope, row.id);
}
