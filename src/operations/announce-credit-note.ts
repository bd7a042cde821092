import type { CoreTransaction } from "../db/database.ts";
import type { Decimal } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instantText } from "../domain/time.ts";
import type { OperationContext } from "./context.ts";
import { sendWebhook } from "./send-webhook.ts";

/** Tells the webhook endpoints that a credit note was issued, or taken back. */
export const announceCreditNote = (
  tx: CoreTransaction,
  ctx: OperationContext,
  type: "credit_note.issued" | "credit_note.voided",
  note: {
    readonly id: string;
    readonly invoiceId: string;
    readonly customerId: string;
    readonly creditTypeId: string;
    readonly total: Decimal;
  },
): Promise<void> =>
  sendWebhook(tx, ctx, {
    id: uuidV5(note.id, type),
    type,
    body: {
      properties: {
        credit_note_id: note.id,
        invoice_id: note.invoiceId,
        customer_id: note.customerId,
        credit_type_id: note.creditTypeId,
        total: note.total,
        timestamp: instantText(ctx.now),
      },
    },
  });
