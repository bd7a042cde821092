import { assertAllowed } from "../domain/invoice-status.ts";
import type { Scope } from "../scope.ts";
import { releaseItems } from "../store/invoice-items.ts";
import { deleteInvoice, lockInvoice } from "../store/invoices.ts";
import { recordEvent } from "./record-event.ts";
import { renderInvoice } from "./render-invoice.ts";

/**
 * Deletes a draft for good. Items that were pending before they came onto it are pending again; the
 * ones that were made for it go with it. Throws 400 `invoice_not_editable` when it is no draft.
 */
export async function deleteDraft(scope: Scope, id: string): Promise<void> {
  const invoice = await lockInvoice(scope, id);
  assertAllowed("delete", invoice.status);
  const object = await renderInvoice(scope, invoice);
  await releaseItems(scope, id);
  await deleteInvoice(scope, id);
  recordEvent(scope, { type: "invoice.deleted", object });
}
