import type { CoreDb } from "../db/database.ts";
import {
  fromStepRow,
  insertStep,
  type JournalStep,
  type JournalTable,
  type NewStep,
  type StepEnd,
  updateStep,
} from "./journal-steps.ts";

const RUNS: JournalTable = { table: "integration_run_steps", owner: "run_id" };

/** The journal of a run: what was about to be sent and what came of it, in order. */
export async function listRunSteps(db: CoreDb, runId: string): Promise<JournalStep[]> {
  const rows = await db
    .selectFrom("integration_run_steps")
    .selectAll()
    .where("run_id", "=", runId)
    .orderBy("position")
    .execute();
  return rows.map(fromStepRow);
}

/** As insertStep, in the journal of a run. */
export const insertRunStep = (db: CoreDb, runId: string, step: NewStep): Promise<void> =>
  insertStep(db, RUNS, runId, step);

/** As updateStep, in the journal of a run. */
export const updateRunStep = (
  db: CoreDb,
  runId: string,
  position: number,
  end: StepEnd,
): Promise<void> => updateStep(db, RUNS, runId, position, end);
