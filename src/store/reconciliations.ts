import type { Selectable } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type {
  ReconciliationCursor,
  ReconciliationFilter,
  ReconciliationsTable,
} from "../db/tables/reconciliations.ts";
import type { FindingClass } from "../domain/reconciliation/finding-class.ts";
import { notFound } from "../errors.ts";

export type { ReconciliationCursor, ReconciliationFilter };

/** One comparison of deliveries with what stands at the providers. */
export interface Reconciliation {
  readonly id: string;
  readonly environmentId: string;
  readonly status: ReconciliationsTable["status"];
  readonly filter: ReconciliationFilter;
  readonly automaticClasses: readonly FindingClass[];
  readonly total: number;
  readonly checked: number;
  readonly documents: number;
  readonly cursor: ReconciliationCursor;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<ReconciliationsTable>): Reconciliation => ({
  id: row.id,
  environmentId: row.environment_id,
  status: row.status,
  filter: row.filter,
  automaticClasses: row.automatic_classes,
  total: row.total,
  checked: row.checked,
  documents: row.documents,
  cursor: row.cursor,
  error:
    row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? "" },
  createdAt: row.created_at,
  createdBy: row.created_by,
  startedAt: row.started_at,
  completedAt: row.completed_at,
  position: row.position,
});

export interface NewReconciliation {
  /** Given where the same one must not begin twice. */
  readonly id?: string | undefined;
  readonly environmentId: string;
  readonly filter: ReconciliationFilter;
  readonly automaticClasses: readonly FindingClass[];
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Adds one that waits to begin, or answers undefined when its id is there already. */
export async function insertReconciliation(
  db: CoreDb,
  { id, environmentId, filter, automaticClasses, createdAt, createdBy }: NewReconciliation,
): Promise<Reconciliation | undefined> {
  const row = await db
    .insertInto("reconciliations")
    .values({
      ...(id === undefined ? {} : { id }),
      environment_id: environmentId,
      status: "QUEUED",
      filter: JSON.stringify(filter),
      automatic_classes: JSON.stringify(automaticClasses),
      cursor: JSON.stringify({}),
      created_at: createdAt,
      created_by: createdBy,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** One of the environment. Throws AppError (not_found). */
export async function getReconciliation(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Reconciliation> {
  const row = await db
    .selectFrom("reconciliations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("reconciliation", id);
  return fromRow(row);
}

/** Those of the environment, oldest first; one more than asked, to tell whether more follow. */
export async function listReconciliations(
  db: CoreDb,
  environmentId: string,
  { after, limit }: { readonly after: bigint | undefined; readonly limit: number },
): Promise<Reconciliation[]> {
  let query = db
    .selectFrom("reconciliations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromRow);
}

export interface ReconciliationChanges {
  readonly status?: Reconciliation["status"];
  readonly total?: number;
  readonly checked?: number;
  readonly documents?: number;
  readonly cursor?: ReconciliationCursor;
  readonly error?: { readonly code: string; readonly message: string };
  readonly startedAt?: string;
  readonly completedAt?: string;
}

/** Changes the given facts and leaves the others. */
export async function updateReconciliation(
  db: CoreDb,
  id: string,
  changes: ReconciliationChanges,
): Promise<void> {
  const { status, total, checked, documents, cursor, error, startedAt, completedAt } = changes;
  await db
    .updateTable("reconciliations")
    .set({
      ...(status === undefined ? {} : { status }),
      ...(total === undefined ? {} : { total }),
      ...(checked === undefined ? {} : { checked }),
      ...(documents === undefined ? {} : { documents }),
      ...(cursor === undefined ? {} : { cursor: JSON.stringify(cursor) }),
      ...(error === undefined ? {} : { error_code: error.code, error_message: error.message }),
      ...(startedAt === undefined ? {} : { started_at: startedAt }),
      ...(completedAt === undefined ? {} : { completed_at: completedAt }),
    })
    .where("id", "=", id)
    .execute();
}
