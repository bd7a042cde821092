import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type {
  FindingState,
  ReconciliationFindingsTable,
  StoredRepair,
} from "../db/tables/reconciliations.ts";
import type { FindingClass, Severity } from "../domain/reconciliation/finding-class.ts";

export type { FindingState, StoredRepair };

/** Something that is not as it should be, and what becomes of it. */
export interface Finding {
  readonly id: string;
  readonly reconciliationId: string;
  readonly class: FindingClass;
  readonly severity: Severity;
  readonly connectionId: string | null;
  readonly runId: string | null;
  readonly invoiceId: string | null;
  readonly externalId: string | null;
  readonly subject: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly found: Readonly<Record<string, unknown>>;
  readonly repair: StoredRepair;
  readonly state: FindingState;
  /** Why it is refused, failed or was resolved without us. */
  readonly reason: string | null;
  readonly approvedBy: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly position: bigint;
}

const fromRow = (row: Selectable<ReconciliationFindingsTable>): Finding => ({
  id: row.id,
  reconciliationId: row.reconciliation_id,
  class: row.class,
  severity: row.severity,
  connectionId: row.connection_id,
  runId: row.run_id,
  invoiceId: row.invoice_id,
  externalId: row.external_id,
  subject: row.subject,
  expected: row.expected,
  found: row.found,
  repair: row.repair,
  state: row.state,
  reason: row.reason,
  approvedBy: row.approved_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  position: row.position,
});

export type NewFinding = Omit<Finding, "position" | "approvedBy" | "updatedAt">;

/** Keeps findings; one that was kept before stays as it is. Answers the ids of those that are new. */
export async function insertFindings(
  tx: CoreTransaction,
  findings: readonly NewFinding[],
): Promise<ReadonlySet<string>> {
  if (findings.length === 0) return new Set();
  const rows = await tx
    .insertInto("reconciliation_findings")
    .values(
      findings.map((finding) => ({
        id: finding.id,
        reconciliation_id: finding.reconciliationId,
        class: finding.class,
        severity: finding.severity,
        connection_id: finding.connectionId,
        run_id: finding.runId,
        invoice_id: finding.invoiceId,
        external_id: finding.externalId,
        subject: finding.subject,
        expected: JSON.stringify(finding.expected),
        found: JSON.stringify(finding.found),
        repair: JSON.stringify(finding.repair),
        state: finding.state,
        reason: finding.reason,
        created_at: finding.createdAt,
        updated_at: finding.createdAt,
      })),
    )
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export interface FindingFilter {
  readonly ids?: readonly string[] | undefined;
  readonly classes?: readonly FindingClass[] | undefined;
  readonly state?: FindingState | undefined;
  readonly after?: bigint | undefined;
  /** One more than this is read, to tell whether more follow. */
  readonly limit: number;
}

/** Findings in the order in which they were found: those of the given ids or classes. */
export async function listFindings(
  db: CoreDb,
  reconciliationId: string,
  { ids, classes, state, after, limit }: FindingFilter,
): Promise<Finding[]> {
  let query = db
    .selectFrom("reconciliation_findings")
    .selectAll()
    .where("reconciliation_id", "=", reconciliationId)
    .orderBy("position")
    .limit(limit + 1);
  if (ids !== undefined || classes !== undefined) {
    query = query.where((eb) =>
      eb.or([
        ...(ids === undefined || ids.length === 0 ? [] : [eb("id", "in", [...ids])]),
        ...(classes === undefined || classes.length === 0 ? [] : [eb("class", "in", [...classes])]),
      ]),
    );
  }
  if (state !== undefined) query = query.where("state", "=", state);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromRow);
}

/** A finding, or undefined. */
export async function findFinding(db: CoreDb, id: string): Promise<Finding | undefined> {
  const row = await db
    .selectFrom("reconciliation_findings")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Holds a finding until the transaction ends and answers it as it is now. */
export async function lockFinding(tx: CoreTransaction, id: string): Promise<Finding> {
  const row = await tx
    .selectFrom("reconciliation_findings")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export interface FindingChanges {
  readonly state: FindingState;
  readonly reason?: string | null;
  readonly approvedBy?: string;
  readonly updatedAt: string;
}

/** Changes the given facts and leaves the others. */
export async function updateFinding(
  db: CoreDb,
  id: string,
  { state, reason, approvedBy, updatedAt }: FindingChanges,
): Promise<void> {
  await db
    .updateTable("reconciliation_findings")
    .set({
      state,
      updated_at: updatedAt,
      ...(reason === undefined ? {} : { reason }),
      ...(approvedBy === undefined ? {} : { approved_by: approvedBy }),
    })
    .where("id", "=", id)
    .execute();
}

export interface FindingCount {
  readonly class: FindingClass;
  readonly state: FindingState;
  readonly count: number;
}

/** How many findings of each class are in each state, by reconciliation. */
export async function countFindings(
  db: CoreDb,
  reconciliationIds: readonly string[],
): Promise<ReadonlyMap<string, FindingCount[]>> {
  if (reconciliationIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("reconciliation_findings")
    .select((eb) => ["reconciliation_id", "class", "state", eb.fn.countAll<bigint>().as("count")])
    .where("reconciliation_id", "in", [...reconciliationIds])
    .groupBy(["reconciliation_id", "class", "state"])
    .orderBy("class")
    .orderBy("state")
    .execute();
  const counts = new Map<string, FindingCount[]>();
  for (const row of rows) {
    const count = { class: row.class, state: row.state, count: Number(row.count) };
    counts.set(row.reconciliation_id, [...(counts.get(row.reconciliation_id) ?? []), count]);
  }
  return counts;
}
