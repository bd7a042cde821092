import { type Instant, instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { Collection, DeliverableInvoice } from "../providers/provider.ts";
import { getBillingDetails } from "../store/billing-details.ts";
import { getInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { findWorkflowOfInvoice, type PaymentWorkflow } from "../store/payment-workflows.ts";
import { findSeller } from "../store/seller.ts";
import type { OperationContext } from "./context.ts";
import { invoicePageUrl } from "./invoice-page.ts";

/** A finalized invoice, or one that is supposed to be, as providers see it. Throws AppError (not_found); a draft is a fault of ours. */
export async function getDeliverableInvoice(
  ctx: OperationContext,
  id: string,
  version: number,
  supposed?: InvoiceRecord,
): Promise<DeliverableInvoice> {
  const { db, environment } = ctx;
  const invoice = supposed ?? (await getInvoice(db, environment.id, id));
  assert(
    isFrozen(invoice) && invoice.issuedAt !== null && invoice.finalizedAt !== null,
    `invoice ${id} is delivered before it is final`,
  );
  const details = await getBillingDetails(db, invoice.customerId, invoice.contractId);
  const issuedAt = instant(invoice.issuedAt);
  const days = details.daysBeforeBillDue ?? invoice.netPaymentTermsDays;
  return {
    id,
    version,
    environment: environment.name,
    customerId: invoice.customerId,
    customerName: details.customerName,
    contractId: invoice.contractId,
    creditTypeId: invoice.creditTypeId,
    issuedAt,
    startAt: invoice.startAt === null ? null : instant(invoice.startAt),
    endAt: invoice.endAt === null ? null : instant(invoice.endAt),
    conventions: invoice.content.conventions,
    total: invoice.content.total,
    lines: invoice.content.lines,
    pageUrl: invoicePageUrl(ctx, id),
    customFields: invoice.content.customFields,
    purchaseOrderNumber: details.purchaseOrderNumber,
    dueAt: days === null ? null : addDays(issuedAt, days),
    finalizedAt: instant(invoice.finalizedAt),
    sellerName: (await findSeller(db, environment.id))?.name ?? null,
    collection: toCollection(await findWorkflowOfInvoice(db, id)),
  };
}

const addDays = (at: Instant, days: number): Instant => at.add({ hours: 24 * days });

/** Only a provider's gate makes a provider collect at once; others are delivered as ever. */
function toCollection(workflow: PaymentWorkflow | undefined): Collection | undefined {
  if (workflow?.gate.type !== "PROVIDER") return undefined;
  const { method, isOnSession, metadata } = workflow.gate;
  const wanted = ["PENDING", "PAID"].includes(workflow.status) ? "paid" : "canceled";
  return { method, wanted, isOnSession, metadata };
}
