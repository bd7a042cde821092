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

const REPAIRS: JournalTable = { table: "reconciliation_steps", owner: "finding_id" };

/** The journals of repairs, by finding: what was about to be sent and what came of it, in order. */
export async function listRepairSteps(
  db: CoreDb,
  findingIds: readonly string[],
): Promise<ReadonlyMap<string, JournalStep[]>> {
  if (findingIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("reconciliation_steps")
    .selectAll()
    .where("finding_id", "in", [...findingIds])
    .orderBy("finding_id")
    .orderBy("position")
    .execute();
  const journals = new Map<string, JournalStep[]>();
  for (const row of rows) {
    journals.set(row.finding_id, [...(journals.get(row.finding_id) ?? []), fromStepRow(row)]);
  }
  return journals;
}

/** As insertStep, in the journal of a repair. */
export const insertRepairStep = (db: CoreDb, findingId: string, step: NewStep): Promise<void> =>
  insertStep(db, REPAIRS, findingId, step);

/** As updateStep, in the journal of a repair. */
export const updateRepairStep = (
  db: CoreDb,
  findingId: string,
  position: number,
  end: StepEnd,
): Promise<void> => updateStep(db, REPAIRS, findingId, position, end);
