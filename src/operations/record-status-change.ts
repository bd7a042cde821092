import { createHash } from "node:crypto";
import type { CoreTransaction } from "../db/database.ts";
import { instantText, Temporal } from "../domain/time.ts";
import { insertStatusChange } from "../store/external-status-changes.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { getRun } from "../store/integration-runs.ts";
import type { OperationContext } from "./context.ts";

const hashOf = (details: IntegrationRun["externalDetails"]): string =>
  createHash("sha256").update(JSON.stringify(details)).digest("hex");

/**
 * Adds to the history of a run that its document came to another status, when it did: `before` is the
 * run as it was locked, in the same transaction. The same status again is no change.
 */
export async function recordStatusChange(
  tx: CoreTransaction,
  ctx: OperationContext,
  before: Pick<IntegrationRun, "id" | "externalStatus">,
  from: { readonly observedAt?: string; readonly eventId?: string } = {},
): Promise<void> {
  const run = await getRun(tx, ctx.environment.id, before.id);
  if (run.externalStatus === before.externalStatus) return;
  await insertStatusChange(tx, run.id, {
    status: run.externalStatus,
    changedAt: instantText(ctx.now),
    observedAt: from.observedAt ?? instantText(Temporal.Now.instant()),
    detailsHash: hashOf(run.externalDetails),
    sourceEventId: from.eventId ?? null,
  });
}
