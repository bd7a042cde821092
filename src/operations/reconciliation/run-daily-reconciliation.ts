import type { CoreTransaction } from "../../db/database.ts";
import { uuidV5 } from "../../domain/invoices/invoice-id.ts";
import { type Instant, instant, instantText, isAfter, Temporal } from "../../domain/time.ts";
import { readClock } from "../../platform/clock/clock.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { enqueueJob } from "../../platform/jobs/enqueue.ts";
import { getReconciliationSettings } from "../../store/reconciliation-settings.ts";
import type { OperationContext } from "../context.ts";
import { requestReconciliation } from "./request-reconciliation.ts";

const DAY_MS = 86_400_000;

const midnightAt = (day: number): Instant => Temporal.Instant.fromEpochMilliseconds(day * DAY_MS);

const dayOf = ({ epochMilliseconds }: Instant): number => Math.floor(epochMilliseconds / DAY_MS);

/** The first midnight in UTC after an instant. */
export const nextMidnight = (at: Instant): Instant => midnightAt(dayOf(at) + 1);

/** Lets the environment be compared at an instant of its clock. */
export const enqueueDailyReconciliation = (
  tx: CoreTransaction,
  ctx: OperationContext,
  at: Instant,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "reconcile-daily",
    key: ctx.environment.id,
    payload: {},
    dueAt: instantText(at),
  });

/**
 * Asks for the day's comparison, and for the next day to follow; where it was switched off it ends. One
 * move of the sandbox's clock over many days makes one comparison, at its last midnight.
 */
export async function runDailyReconciliation(ctx: OperationContext): Promise<void> {
  const { schedule } = await getReconciliationSettings(ctx.db, ctx.environment.id);
  if (schedule === "off") return;
  const { advanceTargetAt } = await readClock(ctx.db, ctx.environment.name);
  const last =
    advanceTargetAt === undefined ? ctx.now : midnightAt(dayOf(instant(advanceTargetAt)));
  const isSkipped = isAfter(last, ctx.now);
  await inTransaction(ctx.db, async (tx) => {
    if (!isSkipped) {
      const id = uuidV5(ctx.environment.id, `reconciliation/${dayOf(ctx.now)}`);
      await requestReconciliation(
        { ...ctx, db: tx },
        { id, filter: {}, automaticClasses: undefined },
      );
    }
    await enqueueDailyReconciliation(tx, ctx, isSkipped ? last : nextMidnight(ctx.now));
  });
}
