import { instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { Collection, DeliverableInvoice } from "../providers/provider.ts";
import { getInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { findWorkflowOfInvoice, type PaymentWorkflow } from "../store/payment-workflows.ts";
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
    isFrozen(invoice) && invoice.issuedAt !== null,
    `invoice ${id} is delivered before it is final`,
  );
  const customer = await db
    .selectFrom("customers")
    .where("id", "=", invoice.customerId)
    .select("name")
    .executeTakeFirstOrThrow();
  return {
    id,
    version,
    environment: environment.name,
    customerId: invoice.customerId,
    customerName: customer.name,
    contractId: invoice.contractId,
    creditTypeId: invoice.creditTypeId,
    issuedAt: instant(invoice.issuedAt),
    startAt: invoice.startAt === null ? null : instant(invoice.startAt),
    endAt: invoice.endAt === null ? null : instant(invoice.endAt),
    conventions: invoice.content.conventions,
    total: invoice.content.total,
    lines: invoice.content.lines,
    pageUrl: invoicePageUrl(ctx, id),
    collection: toCollection(await findWorkflowOfInvoice(db, id)),
  };
}

/** Only a provider's gate makes a provider collect at once; others are delivered as ever. */
function toCollection(workflow: PaymentWorkflow | undefined): Collection | undefined {
  if (workflow?.gate.type !== "PROVIDER") return undefined;
  const { method, isOnSession, metadata } = workflow.gate;
  const wanted = ["PENDING", "PAID"].includes(workflow.status) ? "paid" : "canceled";
  return { method, wanted, isOnSession, metadata };
}
