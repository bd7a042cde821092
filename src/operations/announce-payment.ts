import type { CoreTransaction } from "../db/database.ts";
import type { CreditType } from "../domain/credit-type.ts";
import type { Decimal } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { PaymentError, WorkflowType } from "../domain/payments/workflow.ts";
import { instantText } from "../domain/time.ts";
import type { WebhookType } from "../domain/webhooks/types.ts";
import type { PaymentWorkflow } from "../store/payment-workflows.ts";
import type { OperationContext } from "./context.ts";
import { sendWebhook } from "./send-webhook.ts";

interface Party {
  readonly id: string;
  readonly type: WorkflowType;
  readonly customerId: string;
  readonly contractId: string;
}

/** Each fact of a workflow is told once: the message's id follows from the two. */
const send = (
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: Party,
  type: WebhookType,
  properties: Readonly<Record<string, unknown>>,
): Promise<void> =>
  sendWebhook(tx, ctx, {
    id: uuidV5(workflow.id, type),
    type,
    body: {
      properties: {
        workflow_type: workflow.type,
        customer_id: workflow.customerId,
        contract_id: workflow.contractId,
        timestamp: instantText(ctx.now),
        ...properties,
      },
    },
  });

/** A threshold was reached, and what it buys is about to be charged. */
export const announceThreshold = (
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: Party,
): Promise<void> => send(tx, ctx, workflow, "payment_gate.threshold_reached", {});

/** Somebody else is asked to collect, and to tell the outcome under the workflow's id. */
export const announceExternal = (
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: Party,
  invoice: { readonly id: string; readonly total: Decimal; readonly creditType: CreditType },
): Promise<void> =>
  send(tx, ctx, workflow, "payment_gate.external_initiate", {
    workflow_id: workflow.id,
    invoice_id: invoice.id,
    invoice_total: invoice.total,
    invoice_currency: invoice.creditType.currency.code,
  });

/** How the payment ended. */
export const announceOutcome = (
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: PaymentWorkflow,
  outcome: "paid" | "failed",
): Promise<void> =>
  send(tx, ctx, workflow, "payment_gate.payment_status", {
    invoice_id: workflow.invoiceId,
    payment_status: outcome,
    ...(outcome === "failed" ? toErrorFields(workflow) : {}),
    ...toProviderFields(workflow, outcome === "failed"),
  });

/** Only the payer in person can go on. */
export const announceAction = (
  tx: CoreTransaction,
  ctx: OperationContext,
  workflow: PaymentWorkflow,
): Promise<void> =>
  send(tx, ctx, workflow, "payment_gate.payment_pending_action_required", {
    invoice_id: workflow.invoiceId,
    ...toErrorFields(workflow),
    ...toProviderFields(workflow, true),
  });

const toErrorFields = ({ error }: PaymentWorkflow) =>
  error === null ? {} : { error_message: error.message };

/** The provider's own words stand under its name. */
function toProviderFields({ gate, paymentId, error }: PaymentWorkflow, withError: boolean) {
  const { provider } = gate;
  if (provider === null) return {};
  const details = {
    ...(paymentId === null ? {} : { payment_intent_id: paymentId }),
    ...(withError && error !== null ? { error: toErrorView(error) } : {}),
  };
  return { billing_provider: { type: provider, [provider]: details } };
}

const toErrorView = ({ type, code, declineCode, message }: PaymentError) => ({
  ...(type === null ? {} : { type }),
  ...(code === null ? {} : { code }),
  ...(declineCode === null ? {} : { decline_code: declineCode }),
  message,
});
