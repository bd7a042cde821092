import { assertAllowed } from "../domain/invoice-status.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type InvoiceRow, lockInvoice } from "../store/invoices.ts";
import { finalizeDraft } from "./finalize-invoice.ts";
import { announceSent } from "./mail-invoice.ts";

/**
 * Records that an invoice goes to its customer; a draft is finalized first. One that
 * is paid is sent without a word of payment (Stripe docs: Send an invoice for manual payment). Throws
 * 400 when it is void, given up, or charged automatically.
 */
export async function sendInvoice(scope: Scope, id: string): Promise<InvoiceRow> {
  const found = await lockInvoice(scope, id);
  assertAllowed("send", found.status);
  if (found.collection_method !== "send_invoice") {
    throw refused(
      "invalid_argument",
      "You can only manually send an invoice if its collection method is 'send_invoice'.",
    );
  }
  const invoice =
    found.status === "draft"
      ? await finalizeDraft(scope, found, { autoAdvance: found.auto_advance, charge: false })
      : found;
  await announceSent(scope, invoice);
  return invoice;
}
