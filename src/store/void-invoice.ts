import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CommitType } from "../domain/commits/commit.ts";
import { type Decimal, dec } from "../domain/decimal.ts";

/** What an invoice took from a segment: draw-downs and true-ups less what was given back. */
export interface TakenFromSegment {
  readonly commitId: string;
  readonly commitType: CommitType;
  readonly segmentId: string;
  readonly amount: Decimal;
}

/** What the posted entries of an invoice come to, by segment; what comes to nothing is left out. */
export async function listTakenByInvoice(
  db: CoreDb,
  invoiceId: string,
): Promise<TakenFromSegment[]> {
  const rows = await db
    .selectFrom("commit_ledger_entries as entry")
    .innerJoin("commits", "commits.id", "entry.commit_id")
    .select(["entry.commit_id", "commits.type", "entry.segment_id"])
    .select(sql<string>`-sum(entry.amount)`.as("taken"))
    .where("entry.invoice_id", "=", invoiceId)
    .groupBy(["entry.commit_id", "commits.type", "entry.segment_id"])
    .having(sql`sum(entry.amount)`, "<>", "0")
    .orderBy("entry.segment_id")
    .execute();
  return rows.map((row) => ({
    commitId: row.commit_id,
    commitType: row.type,
    segmentId: row.segment_id,
    amount: dec(row.taken),
  }));
}

/** Takes a finalized invoice back; its content stays. False when it is not finalized. */
export async function markInvoiceVoid(
  tx: CoreTransaction,
  invoiceId: string,
  at: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("invoices")
    .set({ status: "VOID", voided_at: at })
    .where("id", "=", invoiceId)
    .where("status", "=", "FINALIZED")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Lets other invoices bill what this one billed by date. */
export async function deleteInvoicedItems(tx: CoreTransaction, invoiceId: string): Promise<void> {
  await tx.deleteFrom("invoiced_schedule_items").where("invoice_id", "=", invoiceId).execute();
}

/** The finalized invoices of a contract, oldest first. */
export const listFinalizedInvoiceIds = (db: CoreDb, contractId: string): Promise<string[]> =>
  listFinalized(db, "contract_id", contractId);

/** The finalized invoices of a customer, oldest first. */
export const listFinalizedInvoiceIdsOf = (db: CoreDb, customerId: string): Promise<string[]> =>
  listFinalized(db, "customer_id", customerId);

async function listFinalized(
  db: CoreDb,
  owner: "contract_id" | "customer_id",
  id: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom("invoices")
    .select("id")
    .where(owner, "=", id)
    .where("status", "=", "FINALIZED")
    .orderBy("position")
    .execute();
  return rows.map((row) => row.id);
}

/** What void invoices of these contracts billed by date. */
export async function listVoidedItems(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (contractIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("invoices")
    .select("lines")
    .where("contract_id", "in", [...contractIds])
    .where("status", "=", "VOID")
    .execute();
  const itemIds = rows.flatMap(({ lines }) => (lines ?? []).map((line) => line.scheduleItemId));
  return new Set(itemIds.filter((id) => id !== null));
}
