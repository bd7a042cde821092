import { type Selectable, type SqlBool, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { BillJobsTable } from "../db/tables/bills.ts";
import type { BillJobTerms } from "../domain/integrations/bill-job.ts";
import { notFound } from "../errors.ts";

export const BILL_JOB_STATUSES = [
  "PENDING",
  "INITIALIZING",
  "RUNNING",
  "COMPLETE",
  "CANCELLED",
] as const satisfies readonly Selectable<BillJobsTable>["status"][];
export type BillJobStatus = (typeof BILL_JOB_STATUSES)[number];

/** A request to calculate bills anew, and how far it has come. */
export interface BillJob {
  readonly id: string;
  readonly type: "CREATE" | "RECALCULATE";
  readonly status: BillJobStatus;
  /** Asked for by the organization's schedule. */
  readonly scheduled: boolean;
  readonly terms: BillJobTerms;
  /** Position of the last customer that is done. */
  readonly doneUntil: bigint;
  readonly calculated: number;
  readonly regenerated: number;
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly position: bigint;
}

const fromRow = (row: Selectable<BillJobsTable>): BillJob => ({
  id: row.id,
  type: row.type,
  status: row.status,
  scheduled: row.scheduled,
  terms: row.terms,
  doneUntil: row.done_until,
  calculated: row.calculated,
  regenerated: row.regenerated,
  version: row.version,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
  position: row.position,
});

const isUnfinished = sql<SqlBool>`status in ('PENDING', 'INITIALIZING', 'RUNNING')`;

/** Whether a job may still do something. */
export const isOpen = ({ status }: BillJob): boolean =>
  status !== "COMPLETE" && status !== "CANCELLED";

const jobsIn = (db: CoreDb, environmentId: string) =>
  db.selectFrom("bill_jobs").selectAll().where("environment_id", "=", environmentId);

/** A job of the environment. Throws not_found. */
export async function getBillJob(db: CoreDb, environmentId: string, id: string): Promise<BillJob> {
  const row = await jobsIn(db, environmentId).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("bill job", id);
  return fromRow(row);
}

/** As getBillJob, held until the transaction ends. */
export async function lockBillJob(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<BillJob> {
  const row = await jobsIn(tx, environmentId).where("id", "=", id).forUpdate().executeTakeFirst();
  if (row === undefined) throw notFound("bill job", id);
  return fromRow(row);
}

export interface BillJobFilter {
  readonly status?: BillJobStatus | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Jobs, oldest first; one more than asked, to tell whether more follow. */
export async function listBillJobs(
  db: CoreDb,
  environmentId: string,
  { status, after, limit }: BillJobFilter,
): Promise<BillJob[]> {
  let query = jobsIn(db, environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (status !== undefined) query = query.where("status", "=", status);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromRow);
}

/** How many jobs that people asked for are not finished. */
export async function countOpenJobs(db: CoreDb, environmentId: string): Promise<number> {
  const row = await db
    .selectFrom("bill_jobs")
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .where("environment_id", "=", environmentId)
    .where(isUnfinished)
    .where("scheduled", "=", false)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Whether a job of the schedule is not finished. */
export async function hasOpenScheduledJob(db: CoreDb, environmentId: string): Promise<boolean> {
  const row = await db
    .selectFrom("bill_jobs")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where(isUnfinished)
    .where("scheduled", "=", true)
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewBillJob {
  readonly environmentId: string;
  readonly type: BillJob["type"];
  readonly scheduled: boolean;
  readonly terms: BillJobTerms;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Adds a job that nobody works on yet. */
export async function insertBillJob(tx: CoreTransaction, job: NewBillJob): Promise<BillJob> {
  const row = await tx
    .insertInto("bill_jobs")
    .values({
      environment_id: job.environmentId,
      type: job.type,
      scheduled: job.scheduled,
      terms: JSON.stringify(job.terms),
      created_at: job.createdAt,
      created_by: job.createdBy,
      updated_at: job.createdAt,
      updated_by: job.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export interface BillJobChanges {
  readonly status?: BillJobStatus;
  readonly doneUntil?: bigint;
  readonly calculated?: number;
  readonly regenerated?: number;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** Changes the given facts and leaves the others; another status is another version. */
export async function updateBillJob(
  tx: CoreTransaction,
  { id, version }: Pick<BillJob, "id" | "version">,
  { status, doneUntil, calculated, regenerated, updatedAt, updatedBy }: BillJobChanges,
): Promise<void> {
  await tx
    .updateTable("bill_jobs")
    .set({
      updated_at: updatedAt,
      updated_by: updatedBy,
      ...(status === undefined ? {} : { status, version: version + 1 }),
      ...(doneUntil === undefined ? {} : { done_until: doneUntil }),
      ...(calculated === undefined ? {} : { calculated }),
      ...(regenerated === undefined ? {} : { regenerated }),
    })
    .where("id", "=", id)
    .execute();
}

/** The next customers with drafts in the scope of a job, in the order of their creation. */
export async function listCustomersOfJob(
  db: CoreDb,
  environmentId: string,
  { terms: { accountIds, billIds }, doneUntil }: Pick<BillJob, "terms" | "doneUntil">,
  limit: number,
): Promise<{ readonly id: string; readonly position: bigint }[]> {
  let query = db
    .selectFrom("customers")
    .select(["id", "position"])
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .where("position", ">", doneUntil as never)
    .where(
      sql<SqlBool>`exists (select from invoices
        where invoices.customer_id = customers.id and invoices.status = 'DRAFT')`,
    )
    .orderBy("position")
    .limit(limit);
  if (accountIds !== undefined) {
    query = query.where(sql<SqlBool>`customers.id = any(${accountIds}::uuid[])`);
  }
  if (billIds !== undefined) {
    query = query.where(
      sql<SqlBool>`customers.id in (select customer_id from invoices
        where invoices.id = any(${billIds}::uuid[]))`,
    );
  }
  return query.execute();
}
