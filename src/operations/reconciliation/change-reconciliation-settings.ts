import { inTransaction } from "../../platform/database/database.ts";
import {
  getReconciliationSettings,
  type ReconciliationSettings,
  updateReconciliationSettings,
} from "../../store/reconciliation-settings.ts";
import type { OperationContext } from "../context.ts";
import { enqueueDailyReconciliation, nextMidnight } from "./run-daily-reconciliation.ts";

/** Changes the given settings; switched on, the first comparison is made at the next midnight in UTC. */
export async function changeReconciliationSettings(
  ctx: OperationContext,
  changes: Partial<ReconciliationSettings>,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const before = await getReconciliationSettings(tx, ctx.environment.id);
    await updateReconciliationSettings(tx, ctx.environment.id, changes);
    if (changes.schedule === "daily" && before.schedule === "off") {
      await enqueueDailyReconciliation(tx, ctx, nextMidnight(ctx.now));
    }
  });
  ctx.services.logger.info(
    { environment: ctx.environment.name, actor: ctx.actor, ...changes },
    "the reconciliation settings were changed",
  );
}
