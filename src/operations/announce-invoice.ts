import type { CoreTransaction } from "../db/database.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { sendWebhook } from "./send-webhook.ts";

/**
 * The webhook that tells integrations to fetch the invoice; its id follows from the invoice's. Each
 * `retry` tells it anew, under an id of its own.
 */
export async function announceInvoice(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: FrozenInvoice,
  retry = 0,
): Promise<void> {
  const again = retry === 0 ? "" : `:${retry}`;
  await sendWebhook(tx, ctx, {
    id: uuidV5(invoice.id, `invoice.finalized${again}`),
    type: "invoice.finalized",
    body: {
      properties: {
        invoice_id: invoice.id,
        customer_id: invoice.customerId,
        invoice_finalized_date: invoice.finalizedAt,
      },
    },
  });
}
