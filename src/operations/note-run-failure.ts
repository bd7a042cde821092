import type { CoreTransaction } from "../db/database.ts";
import { eventOfFailure } from "../domain/integrations/event-name.ts";
import {
  countsAsError,
  MAX_SUCCESSIVE_ERRORS,
  toRunWord,
} from "../domain/integrations/run-word.ts";
import { instantText } from "../domain/time.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { countError, disableRule, findRule } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import type { OperationContext } from "./context.ts";
import { mailDisabled } from "./mail-disabled.ts";
import { raiseDisabled, raiseRunEvent } from "./raise-integration-event.ts";
import { reportDisabledIntegration } from "./report-issue.ts";

/**
 * What follows from a run that failed, in the transaction that concludes it: an event, and one more
 * error of its integration configuration. The tenth in a row switches the configuration off; its row
 * is held from the count on, so that runs that fail side by side count one after the other.
 */
export async function noteRunFailure(
  tx: CoreTransaction,
  ctx: OperationContext,
  run: IntegrationRun,
  customerId: string,
  failure: {
    readonly code: string;
    readonly message: string;
    readonly refused?: boolean | undefined;
  },
): Promise<void> {
  const word = toRunWord({ status: "FAILED", waitsFor: null, errorCode: failure.code });
  const name = eventOfFailure(word, failure);
  if (name !== undefined) await raiseRunEvent(tx, ctx, name, run, customerId, failure);
  const { configurationId } = run;
  if (configurationId === null || !countsAsError(word)) return;
  const { errorCount, enabled } = await countError(tx, configurationId);
  if (!enabled || errorCount < MAX_SUCCESSIVE_ERRORS) return;
  const rule = await findRule(tx, ctx.environment.id, configurationId);
  if (rule === undefined || rule.archivedAt !== null) return;
  const reason = `Disabled after ${errorCount} successive errors; the last one: ${failure.message}`;
  await disableRule(tx, rule.id, { at: instantText(ctx.now), by: "automatic", reason });
  faultPoint("note-run-failure/disabled");
  const end = { runId: run.id, attempts: run.attempts, reason };
  await raiseDisabled(tx, ctx, rule, end);
  await reportDisabledIntegration(tx, ctx, rule, end);
  await mailDisabled(tx, ctx, rule, reason);
}
