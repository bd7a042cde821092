import { instant, instantText } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import { assertAllowed } from "../domain/invoice-status.ts";
import { processorOf } from "../domain/processor.ts";
import { nextAttemptAt } from "../domain/retry-schedule.ts";
import { type CollectError, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import {
  type InvoiceChanges,
  type InvoiceRow,
  lockInvoice,
  updateInvoice,
} from "../store/invoices.ts";
import { attemptPayment, type PaymentChoice } from "./attempt-payment.ts";
import { setDelinquent } from "./change-customer.ts";
import { enqueueCharge, isCharged } from "./charge-schedule.ts";
import { finalizeDraft } from "./finalize-invoice.ts";
import { cancelPayment, completePayment, remainingOf } from "./invoice-payment.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { followDeclined, followSettled } from "./subscriptions/follow-invoice.ts";

export interface PayRequest {
  /** A method of the customer's; undefined = the default one. */
  readonly paymentMethod?: string | undefined;
  /** The money arrived elsewhere: nothing is charged. */
  readonly outOfBand: boolean;
}

export interface PayResult {
  readonly invoice: InvoiceRow;
  /** Why it was not paid. What was recorded about the attempt stays. */
  readonly refusal: CollectError | undefined;
}

const paidChanges = (scope: Scope, invoice: InvoiceRow): InvoiceChanges => ({
  status: "paid",
  auto_advance: false,
  next_payment_attempt_at: null,
  amount_paid_minor: invoice.amount_due_minor ?? 0n,
  paid_at: scope.nowAt,
});

/** The first attempt counts whoever makes it, later ones only when they are automatic. */
const countAttempt = (invoice: InvoiceRow, automatic: boolean): number =>
  automatic || invoice.attempt_count === 0 ? invoice.attempt_count + 1 : invoice.attempt_count;

async function payOutOfBand(scope: Scope, invoice: InvoiceRow): Promise<InvoiceRow> {
  const before = await renderInvoice(scope, invoice);
  await cancelPayment(scope, invoice, "abandoned");
  const row = await updateInvoice(scope, invoice.id, {
    ...paidChanges(scope, invoice),
    paid_out_of_band: true,
    amount_off_minor: invoice.amount_off_minor + remainingOf(invoice),
  });
  await recordInvoiceChange(scope, before, row, ["invoice.paid"]);
  await setDelinquent(scope, invoice.customer, false);
  await followSettled(scope, row);
  return row;
}

/** Charges a locked open or uncollectible invoice and records how it went. */
export async function chargeInvoice(
  scope: Scope,
  invoice: InvoiceRow,
  automatic: boolean,
  how: PaymentChoice = {},
): Promise<PayResult> {
  const before = await renderInvoice(scope, invoice);
  const attempt = await attemptPayment(scope, invoice, how);
  const attempts = countAttempt(invoice, automatic);
  const succeeded = attempt.outcome === "succeeded";
  await setDelinquent(scope, invoice.customer, !succeeded);
  if (succeeded) {
    await completePayment(scope, invoice);
    faultPoint("collect/pay/received");
    const row = await updateInvoice(scope, invoice.id, {
      ...paidChanges(scope, invoice),
      attempted: true,
      attempt_count: attempts,
    });
    await recordInvoiceChange(scope, before, row, ["invoice.paid", "invoice.payment_succeeded"]);
    await followSettled(scope, row);
    faultPoint("collect/pay/announced");
    return { invoice: row, refusal: undefined };
  }
  const counted = attempts !== invoice.attempt_count;
  const next =
    counted &&
    isCharged(scope, invoice) &&
    nextAttemptAt(scope.account.subscription_retries, attempts, instant(scope.nowAt));
  const row = await updateInvoice(scope, invoice.id, {
    attempted: true,
    attempt_count: attempts,
    ...(counted ? { next_payment_attempt_at: next ? instantText(next) : null } : {}),
  });
  enqueueCharge(scope, row);
  const action = attempt.needsAction ? (["invoice.payment_action_required"] as const) : [];
  await recordInvoiceChange(scope, before, row, ["invoice.payment_failed", ...action]);
  await followDeclined(scope, row, automatic && row.next_payment_attempt_at === null);
  return { invoice: row, refusal: attempt.refusal };
}

/** Pays an invoice now; a draft is finalized first. Throws 400 when it is paid or void. */
export async function payInvoice(
  scope: Scope,
  id: string,
  { paymentMethod, outOfBand }: PayRequest,
): Promise<PayResult> {
  const found = await lockInvoice(scope, id);
  assertAllowed("pay", found.status);
  const invoice =
    found.status === "draft"
      ? await finalizeDraft(scope, found, { autoAdvance: found.auto_advance, charge: false })
      : found;
  if (invoice.status === "paid") return { invoice, refusal: undefined };
  assert(invoice.amount_due_minor !== null, `invoice ${id} is finalized`);
  if (outOfBand) return { invoice: await payOutOfBand(scope, invoice), refusal: undefined };
  if (!processorOf(scope).collects) {
    throw refused(
      "invalid_argument",
      "Nothing is charged in live mode. Record the payment when it has arrived: pay with paid_out_of_band=true, or report it as a payment record and attach it to the invoice.",
      "paid_out_of_band",
    );
  }
  return chargeInvoice(scope, invoice, false, { paymentMethod });
}
