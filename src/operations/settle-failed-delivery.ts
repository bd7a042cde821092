import type { CoreTransaction } from "../db/database.ts";
import type { PaymentError, SeenPayment } from "../domain/payments/workflow.ts";
import { listRunSteps } from "../store/integration-run-steps.ts";
import { lockRun } from "../store/integration-runs.ts";
import { findWorkflowOfInvoice } from "../store/payment-workflows.ts";
import type { OperationContext } from "./context.ts";
import { settlePayment } from "./settle-payment.ts";

/**
 * What a delivery that failed means for a payment: it failed as well when nothing stands at the
 * provider; what stands there is taken back first; as long as the outcome of a call is unknown,
 * nothing is decided and a person retries the run, as they do when the taking back fails.
 */
export async function settleFailedDelivery(
  tx: CoreTransaction,
  ctx: OperationContext,
  runId: string,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<void> {
  const run = await lockRun(tx, runId);
  const workflow = await findWorkflowOfInvoice(tx, run.invoiceId);
  if (workflow === undefined || workflow.status === "CANCELING") return;
  const error: PaymentError = { type: "invalid_request_error", code, declineCode: null, message };
  const steps = await listRunSteps(tx, runId);
  const isUnknown = steps.some(({ outcome }) => outcome === null || outcome === "retry");
  const state = stateOf(run.externalId !== null, isUnknown);
  await settlePayment(tx, ctx, workflow, { state, paymentId: null, error });
}

function stateOf(stands: boolean, isUnknown: boolean): SeenPayment["state"] {
  if (stands) return "declined";
  return isUnknown ? "open" : "closed";
}
