import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CommitLedgerEntriesTable } from "../db/tables/commits.ts";
import { type Decimal, dec } from "../domain/decimal.ts";

export type LedgerEntryRow = Selectable<CommitLedgerEntriesTable>;

/** What is gone of each segment by posted entries: draw-downs less what was given back. */
export async function listUsedBySegment(
  db: CoreDb,
  commitIds: readonly string[],
): Promise<ReadonlyMap<string, Decimal>> {
  if (commitIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("commit_ledger_entries")
    .select(["segment_id", sql<string>`-sum(amount)`.as("used")])
    .where("commit_id", "in", [...commitIds])
    .groupBy("segment_id")
    .execute();
  return new Map(rows.map((row) => [row.segment_id, dec(row.used)]));
}

/** The posted entries of these commits in the order of their posting, by commit. */
export async function listLedgerEntries(
  db: CoreDb,
  commitIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LedgerEntryRow[]>> {
  if (commitIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("commit_ledger_entries")
    .selectAll()
    .where("commit_id", "in", [...commitIds])
    .orderBy("position")
    .execute();
  return Map.groupBy(rows, (row) => row.commit_id);
}

/** The contract of each of these invoices, by invoice. */
export async function listContractsOfInvoices(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("invoices")
    .select(["id", "contract_id"])
    .where("id", "in", [...new Set(invoiceIds)])
    .execute();
  return new Map(rows.map((row) => [row.id, row.contract_id]));
}

/** Posts one entry. */
export async function insertLedgerEntry(
  tx: CoreTransaction,
  entry: Omit<LedgerEntryRow, "position">,
): Promise<void> {
  await tx.insertInto("commit_ledger_entries").values(entry).execute();
}
