import type { CoreTransaction } from "../db/database.ts";
import { toText } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { insertLedgerEntry } from "../store/commit-ledger.ts";
import { GIVEN_BACK } from "../store/freeze-invoice.ts";
import { getInvoice } from "../store/invoices.ts";
import { findWorkflowOfInvoice, type PaymentWorkflow } from "../store/payment-workflows.ts";
import { deleteInvoicedItems, listTakenByInvoice, markInvoiceVoid } from "../store/void-invoice.ts";
import { endAwaited } from "./await-write-back.ts";
import type { OperationContext } from "./context.ts";
import { liftHold } from "./hold-invoice.ts";
import { releaseCorrections } from "./release-corrections.ts";

export interface VoidOptions {
  /** What it billed by date may be billed by another invoice. */
  readonly billsAgain?: boolean;
  /** Every invoice of its contract is taken back, so that it does not matter what corrects what. */
  readonly withCorrections?: boolean;
}

/**
 * Takes a finalized invoice back: what it drew down or trued up is given back to each segment by an
 * entry of its own, and what it billed by date may be billed again, unless `billsAgain` is false. Its lines stay as they are, and
 * so does what stands at a provider. The caller holds the customer, has taken its invoicing turn,
 * and opens the contract's invoices afterwards unless it is archived. Doing it again changes
 * nothing; a draft is refused. Throws not found.
 */
export async function voidInvoice(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoiceId: string,
  { billsAgain = true, withCorrections = true }: VoidOptions = {},
): Promise<void> {
  const invoice = await getInvoice(tx, ctx.environment.id, invoiceId);
  const { status, review } = invoice;
  if (status === "VOID") return;
  if (review.lock !== null) throw invoiceLocked(invoiceId, review.lock);
  const workflow = await findWorkflowOfInvoice(tx, invoiceId);
  if (workflow !== undefined) refuseWhileCollected(workflow);
  const at = instantText(ctx.now);
  if (!(await markInvoiceVoid(tx, invoiceId, at))) {
    throw invalid(`Invoice ${invoiceId} is ${status}: only a finalized invoice can be voided`);
  }
  await releaseCorrections(tx, ctx, invoice, { withCorrections });
  // Its delivery finds that it is void, and ends.
  if (review.hold !== null) await liftHold(tx, ctx, invoice);
  await endAwaited(tx, ctx, invoice);
  for (const { commitId, commitType, segmentId, amount } of await listTakenByInvoice(
    tx,
    invoiceId,
  )) {
    await insertLedgerEntry(tx, {
      id: uuidV5(invoiceId, `void/${segmentId}`),
      commit_id: commitId,
      segment_id: segmentId,
      type: GIVEN_BACK[commitType],
      amount: toText(amount),
      entered_at: at,
      invoice_id: invoiceId,
      reason: commitType === "POSTPAID" ? `Invoice ${invoiceId} was voided` : null,
    });
  }
  // What was bought at once is never billed again by its date.
  if (workflow === undefined && billsAgain) await deleteInvoicedItems(tx, invoiceId);
}

const invoiceLocked = (invoiceId: string, { at, by }: { at: string; by: string }) =>
  conflict(
    `Invoice ${invoiceId} was locked at ${at} by ${by} and stays as it is`,
    "invoice_locked",
  );

/** Its money may be on its way: only the outcome of the payment takes such an invoice back. */
function refuseWhileCollected({ invoiceId, settledAt }: PaymentWorkflow): void {
  if (settledAt !== null) return;
  throw invalid(
    `Invoice ${invoiceId} is being collected by a payment gate: void it when its payment has ended`,
    "invoice_id",
    "payment_pending",
  );
}
