import type { CoreTransaction } from "../db/database.ts";
import { toInvoiceDocument } from "../domain/invoices/invoice-document.ts";
import { REPORTED_CURRENCY } from "../domain/usage-reports/usage-report.ts";
import type { InvoiceRoute } from "../store/invoice-routes.ts";
import { getInvoice, isFrozen } from "../store/invoices.ts";
import { insertMeteredInvoice } from "../store/usage-meters.ts";
import type { OperationContext } from "./context.ts";

/**
 * Counts a final invoice where it is reported as usage, with what it comes to in whole cents, in the transaction
 * that finalizes it. False: its route leads to no such provider, or it is in another currency.
 */
export async function meterInvoice(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoiceId: string,
  route: InvoiceRoute | undefined,
): Promise<boolean> {
  const { usageReporters } = ctx.services;
  if (route === undefined || !Object.hasOwn(usageReporters, route.provider)) return false;
  const invoice = await getInvoice(tx, ctx.environment.id, invoiceId);
  if (!isFrozen(invoice) || invoice.creditTypeId !== REPORTED_CURRENCY.id) return false;
  const { totalMinor } = toInvoiceDocument(invoice.content, REPORTED_CURRENCY);
  await insertMeteredInvoice(tx, route.configurationId, invoiceId, totalMinor);
  return true;
}
