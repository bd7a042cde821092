import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CommitLedgerEntriesTable } from "../db/tables/commits.ts";
import { type Decimal, dec } from "../domain/decimal.ts";

export type LedgerEntryRow = Selectable<CommitLedgerEntriesTable>;

/** What is gone of a segment by posted entries. */
export interface SegmentUse {
  /** Draw-downs less what was given back. */
  readonly used: Decimal;
  /** What went on to the contract that follows. */
  readonly rolledOver: Decimal;
}

/** What is gone of each segment of these commits; a segment without entries is left out. */
export async function listUsedBySegment(
  db: CoreDb,
  commitIds: readonly string[],
): Promise<ReadonlyMap<string, SegmentUse>> {
  if (commitIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("commit_ledger_entries")
    .select([
      "segment_id",
      sql<string>`coalesce(-sum(amount) filter (where new_contract_id is null), 0)`.as("used"),
      sql<string>`coalesce(-sum(amount) filter (where new_contract_id is not null), 0)`.as("moved"),
    ])
    .where("commit_id", "in", [...commitIds])
    .groupBy("segment_id")
    .execute();
  return new Map(
    rows.map((row) => [row.segment_id, { used: dec(row.used), rolledOver: dec(row.moved) }]),
  );
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
  entry: Omit<LedgerEntryRow, "position" | "new_contract_id" | "credit_note_id"> & {
    readonly credit_note_id?: string;
  },
): Promise<void> {
  await tx.insertInto("commit_ledger_entries").values(entry).execute();
}
