import type { CoreDb } from "../db/database.ts";

export interface RunStep {
  readonly position: number;
  readonly step: string;
  /** How often an earlier key of this step was used up. */
  readonly keyGeneration: number;
  readonly intent: Readonly<Record<string, unknown>>;
  /** null: the call was about to be made and its outcome is unknown. */
  readonly outcome: "accepted" | "rejected" | "retry" | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** The journal of a run: what was about to be sent and what came of it, in order. */
export async function listRunSteps(db: CoreDb, runId: string): Promise<RunStep[]> {
  const rows = await db
    .selectFrom("integration_run_steps")
    .selectAll()
    .where("run_id", "=", runId)
    .orderBy("position")
    .execute();
  return rows.map((row) => ({
    position: row.position,
    step: row.step,
    keyGeneration: row.key_generation,
    intent: row.intent,
    outcome: row.outcome,
    result: row.result,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }));
}

/** Writes down what is about to be sent. Committed before the call is made. */
export async function insertRunStep(
  db: CoreDb,
  runId: string,
  step: Pick<RunStep, "position" | "step" | "keyGeneration" | "intent">,
): Promise<void> {
  await db
    .insertInto("integration_run_steps")
    .values({
      run_id: runId,
      position: step.position,
      step: step.step,
      key_generation: step.keyGeneration,
      intent: JSON.stringify(step.intent),
    })
    .execute();
}

/** Writes down what came of it. */
export async function updateRunStep(
  db: CoreDb,
  runId: string,
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
    .updateTable("integration_run_steps")
    .set({ outcome, result: JSON.stringify(result), finished_at: finishedAt })
    .where("run_id", "=", runId)
    .where("position", "=", position)
    .execute();
}
