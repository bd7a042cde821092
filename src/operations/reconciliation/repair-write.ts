import { instantText, Temporal } from "../../domain/time.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { ProviderRequest, WriteResult } from "../../providers/delivery-step.ts";
import type { JournalStep } from "../../store/journal-steps.ts";
import { insertRepairStep, updateRepairStep } from "../../store/reconciliation-steps.ts";
import type { OperationContext } from "../context.ts";
import { usedUpKeys } from "../used-up-keys.ts";
import type { OpenAccount } from "./load-delivery.ts";

export interface RepairWrite {
  readonly name: string;
  readonly request: ProviderRequest;
}

/** Journals the intent, makes one call, journals the result. Dying anywhere loses nothing. */
export async function makeRepairWrite(
  ctx: OperationContext,
  { provider, connection }: OpenAccount,
  findingId: string,
  { name, request }: RepairWrite,
  journal: readonly JournalStep[],
): Promise<WriteResult> {
  const position = journal.length;
  const keyGeneration = usedUpKeys(journal, name);
  const key = `ledgerline-reconcile-${findingId}-${name}-${keyGeneration}`;
  const intent = { ...request, idempotency_key: key };
  await insertRepairStep(ctx.db, findingId, { position, step: name, keyGeneration, intent });
  faultPoint("apply-repair/before");
  const result = await provider.execute(connection, request, key);
  faultPoint("apply-repair/sent");
  await updateRepairStep(ctx.db, findingId, position, {
    outcome: result.outcome,
    result: { ...result },
    finishedAt: instantText(Temporal.Now.instant()),
  });
  return result;
}
