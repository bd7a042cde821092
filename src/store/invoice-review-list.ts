import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { INVOICE_COLUMNS, type InvoiceRecord, toInvoiceRecord } from "./invoices.ts";

/** What invoices wait for. */
export type ReviewState = "AWAITING_APPROVAL" | "APPROVED" | "HELD";

/** Drafts whose contract, or else environment, wants them approved. */
const ON_APPROVAL = sql<SqlBool>`exists (
  select from contracts join environments on environments.id = contracts.environment_id
  where contracts.id = invoices.contract_id
    and coalesce(contracts.finalization, environments.finalization) = 'on_approval')`;

const CONDITIONS = {
  AWAITING_APPROVAL: sql<SqlBool>`status = 'DRAFT' and approved_at is null and held_at is null
    and ${ON_APPROVAL}`,
  APPROVED: sql<SqlBool>`status = 'DRAFT' and approved_at is not null`,
  HELD: sql<SqlBool>`held_at is not null`,
} satisfies Record<ReviewState, unknown>;

export interface ReviewFilter {
  readonly environmentId: string;
  readonly state: ReviewState;
  /** Of usage invoices whose period ends at this instant. */
  readonly endingAt: string | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Invoices that wait for a person, oldest first; one more than asked, to tell whether more follow. */
export async function listInvoicesInReview(
  db: CoreDb,
  { environmentId, state, endingAt, after, limit }: ReviewFilter,
): Promise<InvoiceRecord[]> {
  let query = db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("environment_id", "=", environmentId)
    .where(CONDITIONS[state])
    .orderBy("position")
    .limit(limit + 1);
  if (endingAt !== undefined) query = query.where("end_at", "=", endingAt);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(toInvoiceRecord);
}

/** The first of an environment's usage invoices of periods that end then and wait for approval. */
export async function listAwaitingApproval(
  db: CoreDb,
  environmentId: string,
  endingAt: string,
  limit: number,
): Promise<string[]> {
  const rows = await awaiting(db, environmentId, endingAt)
    .select("id")
    .orderBy("position")
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** How many wait for approval of those periods. */
export async function countAwaitingApproval(
  db: CoreDb,
  environmentId: string,
  endingAt: string,
): Promise<number> {
  const row = await awaiting(db, environmentId, endingAt)
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

const awaiting = (db: CoreDb, environmentId: string, endingAt: string) =>
  db
    .selectFrom("invoices")
    .where("environment_id", "=", environmentId)
    .where("type", "=", "USAGE")
    .where("end_at", "=", endingAt)
    .where(CONDITIONS.AWAITING_APPROVAL);
