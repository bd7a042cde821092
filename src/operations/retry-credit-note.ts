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
    const deliveries = (await listNoteDeliveries(tx, [id])).get(id) ?? [];
    const failed = deliveries.filter(({ status }) => status === "FAILED");
    if (failed.length === 0) {
      throw conflict(
        `Only a failed delivery is retried; that of credit note ${id} is ${deliveries[0]?.status ?? "none"}`,
        "delivery_not_failed",
      );
    }
    const updatedAt = instantText(ctx.now);
    for (const delivery of failed) {
      await updateNoteDelivery(tx, delivery, { status: "QUEUED", error: null, updatedAt });
      await enqueueNoteDelivery(tx, ctx, delivery, customerId);
    }
  });
