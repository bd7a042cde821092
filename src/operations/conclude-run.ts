import type { CoreTransaction } from "../db/database.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { toSeenPayment } from "../domain/payments/workflow.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { ExternalState } from "../providers/delivery-step.ts";
import { isAccessCode } from "../providers/read-error.ts";
import { clearConnectionFailure } from "../store/connection-health.ts";
import { forgetErrors } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { lockRun } from "../store/integration-runs.ts";
import { updateRun, updateRunObservation } from "../store/run-changes.ts";
import type { OperationContext } from "./context.ts";
import { noteRunFailure } from "./note-run-failure.ts";
import { recordStatusChange } from "./record-status-change.ts";
import { reportFailedConnection } from "./report-issue.ts";
import { sendWaitingNotes } from "./send-credit-note.ts";
import { sendWebhook } from "./send-webhook.ts";
import { settleFailedDelivery } from "./settle-failed-delivery.ts";
import { settleInvoicePayment } from "./settle-payment.ts";

/** How a delivery ended. */
export type RunConclusion =
  | { readonly status: "SENT"; readonly external: ExternalState; readonly observedAt: string }
  | { readonly status: "SKIPPED"; readonly reason: string }
  | {
      readonly status: "FAILED";
      readonly code: string;
      readonly message: string;
      /** By us, before anything was sent. */
      readonly refused?: boolean | undefined;
      /** What stands at the provider all the same. */
      readonly external?: ExternalState | undefined;
    };

/** In the words of the public contract: the provider refused the invoice. */
const REFUSED = "INVALID_REQUEST_ERROR";

/**
 * Writes down how a delivery ended. A refusal tells the webhook receivers once for each attempt, in
 * the same transaction.
 */
export async function concludeRun(
  ctx: OperationContext,
  run: Pick<IntegrationRun, "id" | "provider" | "invoiceId">,
  customerId: string,
  conclusion: RunConclusion,
): Promise<void> {
  const updatedAt = instantText(ctx.now);
  await inTransaction(ctx.db, async (tx) => {
    const current = await lockRun(tx, run.id);
    const ended = {
      waitsFor: null,
      waiting: null,
      writeBackDueAt: null,
      concludedAt: updatedAt,
      updatedAt,
    };
    if (conclusion.status === "SENT" && current.configurationId !== null) {
      await forgetErrors(tx, current.configurationId);
    }
    await noteAccess(tx, ctx, current, conclusion);
    if (conclusion.status === "SENT") {
      const { external, observedAt } = conclusion;
      const deliveredAt = current.deliveredAt ?? updatedAt;
      await updateRun(tx, run.id, { ...ended, status: "SENT", deliveredAt, error: null });
      await updateRunObservation(tx, run.id, { ...external, observedAt, updatedAt });
      await recordStatusChange(tx, ctx, current, { observedAt });
      const seen = toSeenPayment(external.status, external.payment);
      await settleInvoicePayment(tx, ctx, run.invoiceId, seen);
      return sendWaitingNotes(tx, ctx, run.id, customerId);
    }
    if (conclusion.status === "SKIPPED") {
      const error = { code: "skipped", message: conclusion.reason };
      await updateRun(tx, run.id, {
        ...ended,
        status: "SKIPPED",
        externalStatus: "SKIPPED",
        error,
      });
      await recordStatusChange(tx, ctx, current);
      return settleInvoicePayment(tx, ctx, run.invoiceId, toSeenPayment("SKIPPED", undefined));
    }
    const error = { code: conclusion.code, message: conclusion.message };
    await updateRun(tx, run.id, {
      ...ended,
      status: "FAILED",
      externalStatus: REFUSED,
      error,
      ...(conclusion.external === undefined ? {} : { externalId: conclusion.external.externalId }),
    });
    await recordStatusChange(tx, ctx, current);
    await settleFailedDelivery(tx, ctx, run.id, conclusion);
    if (current.status !== "FAILED") await noteRunFailure(tx, ctx, current, customerId, conclusion);
    return sendWebhook(tx, ctx, {
      id: uuidV5(run.id, `billing_provider_error:${current.attempts}`),
      type: "invoice.billing_provider_error",
      body: {
        properties: {
          invoice_id: run.invoiceId,
          customer_id: customerId,
          billing_provider: run.provider.toUpperCase(),
          billing_provider_error: conclusion.message,
        },
      },
    });
  });
}

/** A delivery shows whether the account lets us in: a refused key fails its connection, success clears it. */
async function noteAccess(
  tx: CoreTransaction,
  ctx: OperationContext,
  { connectionId }: Pick<IntegrationRun, "connectionId">,
  conclusion: RunConclusion,
): Promise<void> {
  if (connectionId === null) return;
  if (conclusion.status === "SENT") return clearConnectionFailure(tx, connectionId);
  if (conclusion.status !== "FAILED" || !isAccessCode(conclusion.code)) return;
  await reportFailedConnection(tx, ctx, connectionId, conclusion);
}
