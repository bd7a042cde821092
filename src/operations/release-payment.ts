import { conflict, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { getWorkflow, lockWorkflow } from "../store/payment-workflows.ts";
import type { OperationContext } from "./context.ts";
import { settlePayment } from "./settle-payment.ts";

export type ExternalOutcome = "PAID" | "FAILED";

/**
 * Takes in how a payment ended that somebody else collected. The same outcome once more changes
 * nothing. Throws not found, a conflict when it ended otherwise, and invalid when the provider
 * collects it and nobody else.
 */
export async function releasePayment(
  ctx: OperationContext,
  workflowId: string,
  outcome: ExternalOutcome,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const { customerId } = await getWorkflow(tx, ctx.environment.id, workflowId);
    await takeInvoicingTurn(tx, customerId);
    const workflow = await lockWorkflow(tx, workflowId);
    if (workflow.gate.type !== "EXTERNAL") {
      throw invalid("The workflow is not paid by an EXTERNAL payment gate", "workflow_id");
    }
    if (workflow.settledAt !== null) {
      if (workflow.status === outcome) return;
      throw conflict(`The workflow has ended as ${workflow.status}`, "workflow_ended");
    }
    await settlePayment(tx, ctx, workflow, {
      state: outcome === "PAID" ? "paid" : "closed",
      paymentId: null,
      error: null,
    });
  });
}
