import { assertAllowed } from "../domain/invoice-status.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { insertBalanceTransaction } from "../store/balance-transactions.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import { type InvoiceRow, lockInvoice, updateInvoice } from "../store/invoices.ts";
import { changeCustomer, setDelinquent } from "./change-customer.ts";
import { cancelPayment } from "./invoice-payment.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { followSettled, followVoided } from "./subscriptions/follow-invoice.ts";

/**
 * Voids an open or uncollectible invoice for good. What finalization took from or added to the
 * customer's balance goes back. Throws 400 `status_transition_invalid` in any other state, and when a
 * part of it is paid (Stripe docs: Partial payments).
 */
export async function voidInvoice(scope: Scope, id: string): Promise<InvoiceRow> {
  const invoice = await lockInvoice(scope, id);
  assertAllowed("void", invoice.status);
  if (invoice.amount_paid_minor > 0n) {
    throw refused(
      "status_transition_invalid",
      `Of this invoice ${invoice.amount_paid_minor} are paid: take the rest back with a credit note.`,
    );
  }
  const before = await renderInvoice(scope, invoice);
  const customer = await lockCustomerOrDeleted(scope, invoice.customer);
  const applied = (invoice.ending_balance_minor ?? 0n) - (invoice.starting_balance_minor ?? 0n);
  if (applied !== 0n) {
    const restored = customer.balance_minor - applied;
    await changeCustomer(scope, customer, { balance_minor: restored });
    await insertBalanceTransaction(scope, {
      customer: customer.id,
      type: "unapplied_from_invoice",
      amountMinor: -applied,
      endingBalanceMinor: restored,
      currency: invoice.currency,
      invoice: invoice.id,
    });
  }
  await cancelPayment(scope, invoice, "void_invoice");
  const row = await updateInvoice(scope, id, {
    status: "void",
    auto_advance: false,
    next_payment_attempt_at: null,
    voided_at: scope.nowAt,
  });
  await recordInvoiceChange(scope, before, row, ["invoice.voided"]);
  await followVoided(scope, row);
  return row;
}

/** Gives up on an open invoice; it can still be paid or voided. Throws 400 in any other state. */
export async function markUncollectible(scope: Scope, id: string): Promise<InvoiceRow> {
  const invoice = await lockInvoice(scope, id);
  assertAllowed("mark_uncollectible", invoice.status);
  const before = await renderInvoice(scope, invoice);
  const row = await updateInvoice(scope, id, {
    status: "uncollectible",
    auto_advance: false,
    next_payment_attempt_at: null,
    marked_uncollectible_at: scope.nowAt,
  });
  await recordInvoiceChange(scope, before, row, ["invoice.marked_uncollectible"]);
  await setDelinquent(scope, invoice.customer, false);
  await followSettled(scope, row);
  return row;
}
