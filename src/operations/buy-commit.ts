import type { CoreTransaction } from "../db/database.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { dec } from "../domain/decimal.ts";
import { billableStatusAt } from "../domain/invoices/billable-status.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { TraceStep } from "../domain/invoices/trace.ts";
import { NO_GATE, type PaymentGate } from "../domain/payments/payment-gate.ts";
import { toPurchaseInvoice } from "../domain/payments/purchase-invoice.ts";
import type { SeenPayment, WorkflowType } from "../domain/payments/workflow.ts";
import { productStateAt } from "../domain/pricing/product-history.ts";
import { instantText } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { listBillableStatuses } from "../store/billable-statuses.ts";
import { getConventions } from "../store/conventions.ts";
import { freezeInvoice, insertInvoicedItems } from "../store/freeze-invoice.ts";
import { loadInvoiceCustomFields } from "../store/invoice-custom-fields.ts";
import { findInvoiceRoute } from "../store/invoice-routes.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import { insertWorkflow } from "../store/payment-workflows.ts";
import { listProducts, toProduct } from "../store/products.ts";
import { getPurchaseItem, insertPurchaseDraft } from "../store/purchase-invoices.ts";
import type { CommitPlace, CommitTerms } from "./add-commit.ts";
import { announceInvoice } from "./announce-invoice.ts";
import { announceExternal, announceThreshold } from "./announce-payment.ts";
import { collects } from "./check-purchase.ts";
import type { OperationContext } from "./context.ts";
import { routeInvoice } from "./route-invoice.ts";
import { settlePayment } from "./settle-payment.ts";

/** What a purchase at once comes from, when nobody asked for this commit in so many words. */
export interface PurchaseReason {
  readonly id: string;
  readonly type: Exclude<WorkflowType, "manual_commit">;
  readonly step: TraceStep;
}

/**
 * Charges a commit that was just added, and that has no access yet, at once: it gets an invoice of
 * its own, finalized now, and a workflow that gives the access when the money is there. All of it
 * commits with the caller's transaction, before anybody is asked for money.
 */
export async function buyCommit(
  tx: CoreTransaction,
  ctx: OperationContext,
  commitId: string,
  terms: CommitTerms,
  place: CommitPlace,
): Promise<void> {
  const { customerId, contractId, invoiceContract } = place;
  assert(contractId !== null && invoiceContract !== null, `commit ${commitId} has a contract`);
  const workflow = {
    id: place.workflow?.id ?? uuidV5(commitId, "payment"),
    type: place.workflow?.type ?? ("manual_commit" as const),
    environmentId: ctx.environment.id,
    customerId,
    contractId,
    gate: terms.gate ?? NO_GATE,
  };
  const invoice = await finalizePurchase(tx, ctx, { commitId, terms, place, workflow });
  await insertWorkflow(tx, {
    ...workflow,
    commitId,
    invoiceId: invoice.id,
    segments: terms.segments,
    createdAt: instantText(ctx.now),
  });
  if (workflow.type !== "manual_commit") await announceThreshold(tx, ctx, workflow);
  await announceInvoice(tx, ctx, invoice);
  faultPoint("buy-commit/announced");
  await collect(tx, ctx, workflow, invoice);
}

interface NewPurchase {
  readonly commitId: string;
  readonly terms: CommitTerms;
  readonly place: CommitPlace;
  readonly workflow: {
    readonly id: string;
    readonly contractId: string;
    readonly gate: PaymentGate;
  };
}

async function finalizePurchase(
  tx: CoreTransaction,
  ctx: OperationContext,
  { commitId, terms, place, workflow }: NewPurchase,
): Promise<FrozenInvoice> {
  const [product] = (await listProducts(tx, [terms.productId])).map(toProduct);
  assert(product !== undefined, `product ${terms.productId} was checked`);
  const { name, tags } = productStateAt(product.versions, ctx.now);
  const item = await getPurchaseItem(tx, commitId);
  const rated = toPurchaseInvoice({
    workflowId: workflow.id,
    customerId: place.customerId,
    contractId: workflow.contractId,
    creditTypeId: item.creditTypeId,
    commitId,
    name: terms.name ?? name,
    product: { id: product.id, type: product.type, tags },
    item: {
      id: item.id,
      quantity: dec(item.quantity),
      unitPrice: dec(item.unitPrice),
      amount: dec(item.amount),
    },
    reason: place.workflow?.step ?? null,
    tax: workflow.gate.tax,
    at: ctx.now,
  });
  const at = instantText(ctx.now);
  const environmentId = ctx.environment.id;
  await insertPurchaseDraft(tx, rated, { environmentId, workflowId: workflow.id });
  const invoice = await freezeInvoice(tx, {
    rated,
    usageInputs: [],
    customFields: await loadInvoiceCustomFields(tx, environmentId, [rated]),
    conventions: await getConventions(tx, environmentId),
    billableStatus: billableStatusAt(await listBillableStatuses(tx, place.customerId), at),
    issuedAt: at,
    finalizedAt: at,
  });
  await insertInvoicedItems(tx, rated);
  return invoice;
}

const PAID: SeenPayment = { state: "paid", paymentId: null, error: null };
const NO_PROVIDER: SeenPayment = {
  state: "closed",
  paymentId: null,
  error: {
    type: "invalid_request_error",
    code: "billing_provider_missing",
    declineCode: null,
    message:
      "Neither the contract nor its customer has a billing provider configuration that the payment gate can collect over.",
  },
};

/** Asks for the money, as the gate says. Without a gate the access comes first and the bill follows. */
async function collect(
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: NewPurchase["workflow"] & {
    readonly type: WorkflowType;
    readonly customerId: string;
  },
  invoice: FrozenInvoice,
): Promise<void> {
  const { gate } = workflow;
  if (gate.type === "EXTERNAL") {
    const creditType = getCreditType(invoice.creditTypeId);
    const { total } = invoice.content;
    return announceExternal(tx, ctx, workflow, { id: invoice.id, total, creditType });
  }
  // What is not billable is not collected: the access is given all the same.
  if (gate.type === "NONE" || invoice.billableStatus === "unbillable") {
    await routeInvoice(tx, ctx, invoice);
    return settlePayment(tx, ctx, workflow, PAID);
  }
  const route = await findInvoiceRoute(tx, invoice);
  if (!collects(ctx, gate, route?.provider)) return settlePayment(tx, ctx, workflow, NO_PROVIDER);
  // One provider collects it; a second bill for it would be paid twice.
  return routeInvoice(tx, ctx, invoice, { byRules: false });
}
