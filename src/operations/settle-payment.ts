import type { CoreTransaction } from "../db/database.ts";
import { decideWorkflow, type SeenPayment } from "../domain/payments/workflow.ts";
import { instantText } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { updateCommit } from "../store/commit-changes.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { listDeliveriesOfInvoice } from "../store/integration-runs.ts";
import {
  findWorkflowOfInvoice,
  insertReleasedSegments,
  lockWorkflow,
  type PaymentWorkflow,
  updateWorkflow,
} from "../store/payment-workflows.ts";
import { updateRun } from "../store/run-changes.ts";
import { disableThreshold } from "../store/threshold-configurations.ts";
import { announceAction, announceOutcome } from "./announce-payment.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";
import { voidInvoice } from "./void-invoice.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

/**
 * Takes over what was seen of the payment of an invoice, if it is one that is charged at once: gives
 * the commit its access, or takes everything back. The workflow's row decides, so seeing the same
 * twice does it once, and a look that comes late changes nothing that has ended.
 */
export async function settleInvoicePayment(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoiceId: string,
  seen: SeenPayment,
): Promise<void> {
  const workflow = await findWorkflowOfInvoice(tx, invoiceId);
  if (workflow !== undefined) await settlePayment(tx, ctx, workflow, seen);
}

/** As settleInvoicePayment, for a workflow that is known. */
export async function settlePayment(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: Pick<PaymentWorkflow, "id" | "customerId">,
  seen: SeenPayment,
): Promise<void> {
  await takeInvoicingTurn(tx, customerId);
  const before = await lockWorkflow(tx, id);
  const decision = decideWorkflow(before.status, seen);
  if (decision === "wait") return;
  await updateWorkflow(tx, id, {
    ...(seen.paymentId === null ? {} : { paymentId: seen.paymentId }),
    ...(seen.error === null ? {} : { error: seen.error }),
  });
  const workflow = {
    ...before,
    paymentId: seen.paymentId ?? before.paymentId,
    error: seen.error ?? before.error,
  };
  if (decision === "cancel") await takeBack(tx, ctx, workflow);
  if (decision === "ask") await ask(tx, ctx, workflow);
  const end = decision === "release" ? release : decision === "fail" ? fail : undefined;
  if (end === undefined) return;
  await watchLifecycle(tx, ctx, customerId, () => end(tx, ctx, workflow));
}

async function release(
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: PaymentWorkflow,
): Promise<void> {
  await insertReleasedSegments(tx, workflow);
  faultPoint("settle-payment/released");
  await updateWorkflow(tx, workflow.id, { status: "PAID", settledAt: instantText(ctx.now) });
  await announceOutcome(tx, ctx, workflow, "paid");
  await requestThresholdEvaluation(tx, ctx, workflow.customerId);
}

/** What stands at the provider could still be paid: it is voided there before anything else. */
async function takeBack(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, invoiceId, customerId }: PaymentWorkflow,
): Promise<void> {
  await updateWorkflow(tx, id, { status: "CANCELING" });
  const runs = await listDeliveriesOfInvoice(tx, invoiceId);
  assert(runs.length > 0, `the payment of invoice ${invoiceId} was seen over a run`);
  for (const run of runs) {
    if (run.status === "SKIPPED") continue;
    await updateRun(tx, run.id, { status: "QUEUED", error: null, updatedAt: instantText(ctx.now) });
    await enqueueDelivery(tx, ctx, run.id, customerId);
  }
}

/** No payment, no commit: nobody tries again, and a threshold stays off until somebody says so. */
async function fail(
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: PaymentWorkflow,
): Promise<void> {
  const at = instantText(ctx.now);
  await updateCommit(tx, workflow.commitId, { archivedAt: at });
  if (workflow.type !== "manual_commit") {
    await disableThreshold(tx, workflow.contractId, workflow.type);
  }
  faultPoint("settle-payment/failed");
  await updateWorkflow(tx, workflow.id, { status: "FAILED", settledAt: at });
  await voidInvoice(tx, ctx, workflow.invoiceId);
  await announceOutcome(tx, ctx, workflow, "failed");
}

async function ask(
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: PaymentWorkflow,
): Promise<void> {
  if (workflow.actionRequiredAt !== null) return;
  await updateWorkflow(tx, workflow.id, { actionRequiredAt: instantText(ctx.now) });
  await announceAction(tx, ctx, workflow);
}
