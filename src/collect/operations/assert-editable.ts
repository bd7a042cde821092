import { isBeforeGate } from "../api-version.ts";
import { assertAllowed } from "../domain/invoice-status.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { InvoiceRow } from "../store/invoices.ts";

/**
 * Throws 400 `invoice_not_editable` when the lines of an invoice cannot change. Before version
 * 2018-11-08 a subscription's draft that was closed for review takes no items until it is reopened.
 */
export function assertEditable(scope: Scope, invoice: InvoiceRow): void {
  assertAllowed("edit", invoice.status);
  if (invoice.auto_advance || invoice.billing_reason === "manual") return;
  if (!isBeforeGate(scope.apiVersion, "invoiceStatus")) return;
  throw refused("invoice_not_editable", "This invoice is closed; reopen it to change its items.");
}
