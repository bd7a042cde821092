import type { CoreDb } from "../db/database.ts";
import { type BillDates, billDates } from "../domain/integrations/bill-dates.ts";
import { instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { Collection, DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import { findCalculatedContent } from "../store/bill-calculations.ts";
import { listBillDetails } from "../store/bill-details.ts";
import { getBillingDetails } from "../store/billing-details.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { findInvoiceTaxes } from "../store/invoice-taxes.ts";
import { getInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { getOrganizationSettings } from "../store/organization-settings.ts";
import { findWorkflowOfInvoice, type PaymentWorkflow } from "../store/payment-workflows.ts";
import { findSeller } from "../store/seller.ts";
import type { OperationContext } from "./context.ts";
import { invoicePageUrl } from "./invoice-page.ts";
import { supposeFinalized } from "./suppose-finalized.ts";

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
  const { dueDate } = await loadBillDates(db, invoice, {
    issuedAt: invoice.issuedAt,
    accountDays: details.daysBeforeBillDue,
  });
  return {
    id,
    version,
    environment: environment.name,
    customerId: invoice.customerId,
    customerName: details.customerName,
    contractName: details.contractName,
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
    // At the time of day at which it was issued.
    dueAt: dueDate === null ? null : instant(`${dueDate}${invoice.issuedAt.slice(10)}`),
    finalizedAt: instant(invoice.finalizedAt),
    taxes: (await findInvoiceTaxes(db, id))?.taxes,
    sellerName: (await findSeller(db, environment.id))?.name ?? null,
    collection: toCollection(await findWorkflowOfInvoice(db, id)),
  };
}

/**
 * What a run sends: the final invoice, or what a calculation found of it while it was a draft. undefined:
 * a later calculation found something else, and another run sends that. Throws AppError (not_found).
 */
export async function getRunContent(
  ctx: OperationContext,
  { invoiceId, invoiceVersion, isDraft }: IntegrationRun,
): Promise<DeliverableInvoice | undefined> {
  if (!isDraft) {
    const invoice = await getDeliverableInvoice(ctx, invoiceId, invoiceVersion);
    return invoiceVersion === 1 ? invoice : { ...invoice, stage: "revised" };
  }
  const found = await findCalculatedContent(ctx.db, invoiceId, invoiceVersion);
  const { customerId, status } = await getInvoice(ctx.db, ctx.environment.id, invoiceId);
  if (found === undefined || status !== "DRAFT") return undefined;
  const supposed = await supposeFinalized(ctx, customerId, invoiceId);
  const draft = await getDeliverableInvoice(ctx, invoiceId, invoiceVersion, supposed);
  return { ...draft, ...found, stage: "draft" };
}

/** When it is due and booked, as the bill of the integrations API says it (docs/bills.md). */
async function loadBillDates(
  db: CoreDb,
  { id, environmentId, endAt, netPaymentTermsDays }: InvoiceRecord,
  known: { readonly issuedAt: string; readonly accountDays: number | null },
): Promise<BillDates> {
  const given = (await listBillDetails(db, [id])).get(id);
  const { daysBeforeBillDue } = await getOrganizationSettings(db, environmentId);
  return billDates({
    ...known,
    endAt,
    dueDate: given?.dueDate ?? null,
    externalInvoiceDate: given?.externalInvoiceDate ?? null,
    contractDays: netPaymentTermsDays,
    organizationDays: daysBeforeBillDue,
  });
}

/** Only a provider's gate makes a provider collect at once; others are delivered as ever. */
function toCollection(workflow: PaymentWorkflow | undefined): Collection | undefined {
  if (workflow?.gate.type !== "PROVIDER") return undefined;
  const { method, isOnSession, metadata } = workflow.gate;
  const wanted = ["PENDING", "PAID"].includes(workflow.status) ? "paid" : "canceled";
  return { method, wanted, isOnSession, metadata };
}
