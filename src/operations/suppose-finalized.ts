import { instant, instantText, later } from "../domain/time.ts";
import { getGracePeriodHours } from "../store/environment-settings.ts";
import { dueTimeOf, type FrozenInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { getCustomerInvoice, type InvoiceDetail } from "./read-invoices.ts";

/** When it would be issued: a period that is open ends first, then comes the grace of today's settings. */
async function supposedIssue(
  { db, environment }: OperationContext,
  { record }: InvoiceDetail,
): Promise<string> {
  const known = dueTimeOf(record);
  const hours = known === null ? await getGracePeriodHours(db, environment.id) : 0;
  const due = instant(known ?? record.endAt ?? record.createdAt).add({ hours });
  return instantText(later(due, instant(record.createdAt)));
}

/**
 * A draft as it would be if it were finalized with what it says now. It is rated for that; nothing is
 * kept of it. Throws not found.
 */
export async function supposeFinalized(
  ctx: OperationContext,
  customerId: string,
  invoiceId: string,
): Promise<FrozenInvoice> {
  const detail = await getCustomerInvoice(ctx, customerId, invoiceId);
  const issuedAt = await supposedIssue(ctx, detail);
  const { lines, subtotal, total, conventions, customFields } = detail;
  return {
    ...detail.record,
    status: "FINALIZED",
    issuedAt,
    finalizedAt: instantText(later(instant(issuedAt), ctx.now)),
    netPaymentTermsDays: detail.netPaymentTermsDays,
    content: { lines, subtotal, total, conventions, customFields, hash: "" },
  };
}
