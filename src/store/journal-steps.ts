import { type Selectable, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { IntegrationRunStepsTable } from "../db/tables/integration-runs.ts";

/** A write at a provider, as it was about to be sent, and what came of it. */
export interface JournalStep {
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

/** A step as it is before its call is made. */
export type NewStep = Pick<JournalStep, "position" | "step" | "keyGeneration" | "intent">;

export interface StepEnd {
  readonly outcome: "accepted" | "rejected" | "retry";
  readonly result: Readonly<Record<string, unknown>>;
  readonly finishedAt: string;
}

/** Where journals of a kind stand, and the column that says whose each is. */
export interface JournalTable {
  readonly table: "integration_run_steps" | "reconciliation_steps";
  readonly owner: "run_id" | "finding_id";
}

/** From a row of whichever journal. */
export const fromStepRow = (
  row: Omit<Selectable<IntegrationRunStepsTable>, "run_id">,
): JournalStep => ({
  position: row.position,
  step: row.step,
  keyGeneration: row.key_generation,
  intent: row.intent,
  outcome: row.outcome,
  result: row.result,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
});

/** Writes down what is about to be sent. Committed before the call is made. */
export async function insertStep(
  db: CoreDb,
  { table, owner }: JournalTable,
  ownerId: string,
  { position, step, keyGeneration, intent }: NewStep,
): Promise<void> {
  await sql`insert into ${sql.table(table)}
    (${sql.ref(owner)}, position, step, key_generation, intent)
    values (${ownerId}, ${position}, ${step}, ${keyGeneration}, ${JSON.stringify(intent)})`.execute(
    db,
  );
}

/** Writes down what came of it. */
export async function updateStep(
  db: CoreDb,
  { table, owner }: JournalTable,
  ownerId: string,
  position: number,
  { outcome, result, finishedAt }: StepEnd,
): Promise<void> {
  await sql`update ${sql.table(table)}
    set outcome = ${outcome}, result = ${JSON.stringify(result)}, finished_at = ${finishedAt}
    where ${sql.ref(owner)} = ${ownerId} and position = ${position}`.execute(db);
}
