import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listNoteDeliveries, updateNoteDelivery } from "../store/credit-note-deliveries.ts";
import { getCreditNote } from "../store/credit-notes.ts";
import type { OperationContext } from "./context.ts";
import { enqueueNoteDelivery } from "./send-credit-note.ts";

/** Tries once more to deliver a credit note that failed. Throws AppError (conflict), not found. */
export const retryCreditNote = (ctx: OperationContext, id: string): Promise<void> =>
  inTransaction(ctx.db, async (tx) => {
    const { customerId } = await getCreditNote(tx, ctx.environment.id, id);
    const delivery = (await listNoteDeliveries(tx, [id])).get(id);
    if (delivery?.status !== "FAILED") {
      throw conflict(
        `Only a failed delivery is retried; that of credit note ${id} is ${delivery?.status ?? "none"}`,
        "delivery_not_failed",
      );
    }
    const updatedAt = instantText(ctx.now);
    await updateNoteDelivery(tx, id, { status: "QUEUED", error: null, updatedAt });
    await enqueueNoteDelivery(tx, ctx, id, customerId);
  });
