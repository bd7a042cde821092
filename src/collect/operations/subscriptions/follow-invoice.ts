import { instant, isAfter } from "../../../domain/time.ts";
import type { SubscriptionStatus } from "../../db/subscription-tables.ts";
import type { Scope } from "../../scope.ts";
import type { InvoiceRow } from "../../store/invoices.ts";
import {
  ENDED,
  lockSubscription,
  type SubscriptionRow,
  updateSubscription,
} from "../../store/subscriptions.ts";
import { endSubscription } from "./end-subscription.ts";
import { recordSubscriptionChange } from "./record-subscription-change.ts";
import { renderSubscription } from "./render-subscription.ts";
import { enqueueTurn } from "./subscription-schedule.ts";

/*
 * What becomes of a subscription when its invoice is paid, declined or closed (Stripe docs:
 * Subscription statuses). Callers hold the invoice, then its customer; the subscription comes last.
 */

/** Whether a subscription is in its trial or bills. */
export const livingStatus = (scope: Scope, row: SubscriptionRow): SubscriptionStatus =>
  row.trial_end_at !== null && isAfter(instant(row.trial_end_at), instant(scope.nowAt))
    ? "trialing"
    : "active";

async function moveTo(
  scope: Scope,
  row: SubscriptionRow,
  status: SubscriptionStatus,
): Promise<void> {
  const before = await renderSubscription(scope, row);
  const moved = await updateSubscription(scope, row.id, { status });
  enqueueTurn(scope, moved);
  await recordSubscriptionChange(scope, before, moved);
}

/** The invoice was paid, or needs no payment any more: a subscription that waited for it goes on. */
export async function followSettled(scope: Scope, invoice: InvoiceRow): Promise<void> {
  if (invoice.subscription === null) return;
  const row = await lockSubscription(scope, invoice.subscription);
  if (row.latest_invoice !== invoice.id) return;
  const waits: readonly SubscriptionStatus[] = ["incomplete", "past_due", "unpaid"];
  if (waits.includes(row.status)) await moveTo(scope, row, livingStatus(scope, row));
}

/** An attempt failed; after the last one the subscription ends as the account's settings say. */
export async function followDeclined(
  scope: Scope,
  invoice: InvoiceRow,
  wasLast: boolean,
): Promise<void> {
  if (invoice.subscription === null) return;
  const row = await lockSubscription(scope, invoice.subscription);
  if (row.status === "incomplete" || ENDED.includes(row.status)) return;
  if (wasLast) await giveUp(scope, row);
  else await fallBehind(scope, row);
}

/** The last attempt failed: the account's settings say what becomes of the subscription. */
async function giveUp(scope: Scope, row: SubscriptionRow): Promise<void> {
  const end = scope.account.subscription_retries_end;
  if (end === "cancel") {
    const cancellation = { ...row.cancellation, reason: "payment_failed" } as const;
    await endSubscription(scope, row, { cancellation, sweepsItems: false });
  } else if (end === "unpaid") await moveTo(scope, row, "unpaid");
  else await fallBehind(scope, row);
}

async function fallBehind(scope: Scope, row: SubscriptionRow): Promise<void> {
  if (row.status === "active" || row.status === "trialing") await moveTo(scope, row, "past_due");
}

/** The due date of an invoice that was sent has passed. */
export async function followOverdue(scope: Scope, invoice: InvoiceRow): Promise<void> {
  if (invoice.subscription === null) return;
  await fallBehind(scope, await lockSubscription(scope, invoice.subscription));
}

/** The first invoice was voided: there is nothing left that could start the subscription. */
export async function followVoided(scope: Scope, invoice: InvoiceRow): Promise<void> {
  if (invoice.subscription === null) return;
  const row = await lockSubscription(scope, invoice.subscription);
  if (row.status !== "incomplete") return followSettled(scope, invoice);
  const before = await renderSubscription(scope, row);
  const expired = await updateSubscription(scope, row.id, {
    status: "incomplete_expired",
    ended_at: scope.nowAt,
  });
  await recordSubscriptionChange(scope, before, expired);
}
