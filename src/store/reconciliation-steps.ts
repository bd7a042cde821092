import type { CoreDb } from "../db/database.ts";
import type { RunStep } from "./integration-run-steps.ts";

/** The journals of repairs, by finding: what was about to be sent and what came of it, in order. */
export async function listRepairSteps(
  db: CoreDb,
  findingIds: readonly string[],
): Promise<ReadonlyMap<string, RunStep[]>> {
  if (findingIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("reconciliation_steps")
    .selectAll()
    .where("finding_id", "in", [...findingIds])
    .orderBy("finding_id")
    .orderBy("position")
    .execute();
  const journals = new Map<string, RunStep[]>();
  for (const row of rows) {
    const step: RunStep = {
      position: row.position,
      step: row.step,
      keyGeneration: row.key_generation,
      intent: row.intent,
      outcome: row.outcome,
      result: row.result,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    };
    journals.set(row.finding_id, [...(journals.get(row.finding_id) ?? []), step]);
  }
  return journals;
}

/** Writes down what is about to be sent. Committed before the call is made. */
export async function insertRepairStep(
  db: CoreDb,
  findingId: string,
  step: Pick<RunStep, "position" | "step" | "keyGeneration" | "intent">,
): Promise<void> {
  await db
    .insertInto("reconciliation_steps")
    .values({
      finding_id: findingId,
      position: step.position,
      step: step.step,
      key_generation: step.keyGeneration,
      intent: JSON.stringify(step.intent),
    })
    .execute();
}

/** Writes down what came of it. */
export async function updateRepairStep(
  db: CoreDb,
  findingId: string,
  position: number,
  {
    outcome,
    result,
    finishedAt,
  }: {
    readonly outcome: "accepted" | "rejected" | "retry";
    readonly result: Readonly<Record<string, unknown>>;
    readonly finishedAt: string;
  },
): Promise<void> {
  await db
    .updateTable("reconciliation_steps")
    .set({ outcome, result: JSON.stringify(result), finished_at: finishedAt })
    .where("finding_id", "=", findingId)
    .where("position", "=", position)
    .execute();
}
