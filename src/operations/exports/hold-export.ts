import type { CoreTransaction } from "../../db/database.ts";
import { inTransaction } from "../../platform/database/database.ts";
import type { OperationContext } from "../context.ts";

/** Another worker has the export by now: it goes on from what is noted, and knows better how that ends. */
export class ExportTakenOver extends Error {
  override readonly name = "ExportTakenOver";
}

/**
 * Keeps an export with this worker until the transaction ends. Throws ExportTakenOver when it stood still for
 * longer than its lease, and another one has it.
 */
export type HoldExport = (tx: CoreTransaction) => Promise<void>;

/** Throws ExportTakenOver when another worker has the export by now. */
export const checkHeld = (ctx: OperationContext, hold: HoldExport): Promise<void> =>
  inTransaction(ctx.db, hold);
