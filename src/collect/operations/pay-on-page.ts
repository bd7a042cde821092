import type { Scope } from "../scope.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import { findLivePayment } from "../store/invoice-payments.ts";
import { type InvoiceRow, lockInvoice } from "../store/invoices.ts";
import { attachPaymentMethod } from "./attach-payment-method.ts";
import { chargeInvoice } from "./pay-invoice.ts";

/** Why a payment did not come about, for the one who made it; undefined: it did. */
export type PagePayment = { readonly problem: string | undefined };

const isOpen = ({ status }: InvoiceRow): boolean => status === "open" || status === "uncollectible";

/** Whether an invoice's payment waits for the owner of its card to approve it. */
export async function asksApproval(scope: Scope, invoice: InvoiceRow): Promise<boolean> {
  if (!isOpen(invoice)) return false;
  return (await findLivePayment(scope, invoice.id))?.intent.status === "requires_action";
}

/** The customer pays with a test card that they name; what is not open any more is left alone. */
export async function payWithCard(scope: Scope, id: string, card: string): Promise<PagePayment> {
  const invoice = await lockInvoice(scope, id);
  if (!isOpen(invoice)) return { problem: undefined };
  const customer = await lockCustomerOrDeleted(scope, invoice.customer);
  const method = await attachPaymentMethod(scope, customer, card, "card");
  const { refusal } = await chargeInvoice(scope, invoice, false, { paymentMethod: method.id });
  return { problem: refusal?.message };
}

/** The customer approves the payment that waits for it, or does not. */
export async function answerApproval(
  scope: Scope,
  id: string,
  isGiven: boolean,
): Promise<PagePayment> {
  const invoice = await lockInvoice(scope, id);
  if (!(await asksApproval(scope, invoice))) return { problem: undefined };
  if (!isGiven) return { problem: "The payment was not approved." };
  const live = await findLivePayment(scope, id);
  const { refusal } = await chargeInvoice(scope, invoice, false, {
    paymentMethod: live?.intent.payment_method ?? undefined,
    isApproved: true,
  });
  return { problem: refusal?.message };
}
