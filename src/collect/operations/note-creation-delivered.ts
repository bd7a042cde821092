import { instant, instantText } from "../../domain/time.ts";
import type { Scope } from "../scope.ts";
import { findAndLockInvoice, updateInvoice } from "../store/invoices.ts";
import { awaitsCreationNotice } from "../store/webhook-deliveries.ts";
import { enqueueFinalization } from "./charge-schedule.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";

/**
 * When everybody who wants to know of an invoice's creation has got it, the draft's hour begins
 * (Stripe docs: Invoice finalization, "webhooks"). A time that was asked for stays.
 */
export async function noteCreationDelivered(scope: Scope, invoiceId: string): Promise<void> {
  const invoice = await findAndLockInvoice(scope, invoiceId);
  if (invoice === undefined || invoice.webhooks_delivered_at !== null) return;
  if (await awaitsCreationNotice(scope, invoiceId)) return;
  const moves =
    invoice.status === "draft" && invoice.auto_advance && !invoice.finalization_is_fixed;
  const hours = scope.account.invoice_grace_hours;
  const before = await renderInvoice(scope, invoice);
  const row = await updateInvoice(scope, invoiceId, {
    webhooks_delivered_at: scope.nowAt,
    ...(moves
      ? { automatically_finalizes_at: instantText(instant(scope.nowAt).add({ hours })) }
      : {}),
  });
  if (row.automatically_finalizes_at === invoice.automatically_finalizes_at) return;
  enqueueFinalization(scope, row);
  await recordInvoiceChange(scope, before, row);
}
