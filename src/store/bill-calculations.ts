import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { BillCalculationsTable } from "../db/tables/bills.ts";
import { type Decimal, dec } from "../domain/decimal.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import { fromStoredLine, toStoredLines } from "./invoice-lines.ts";

/** What a draft was when a calculation found it changed. */
export interface BillCalculation {
  readonly invoiceId: string;
  /** Counts from 1 the contents that calculations found. */
  readonly version: number;
  readonly contentHash: string;
  /** Exact, in the wire unit of the invoice's currency. */
  readonly total: string;
  readonly regeneratedAt: string;
  /** When it was last found to be so. */
  readonly calculatedAt: string;
  readonly billJobId: string | null;
}

const fromRow = (row: Selectable<BillCalculationsTable>): BillCalculation => ({
  invoiceId: row.invoice_id,
  version: row.version,
  contentHash: row.content_hash,
  total: row.total,
  regeneratedAt: row.regenerated_at,
  calculatedAt: row.calculated_at,
  billJobId: row.bill_job_id,
});

/** The last calculation of each invoice; one that was never calculated has none in the map. */
export async function listLastCalculations(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, BillCalculation>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("bill_calculations")
    .selectAll()
    .distinctOn("invoice_id")
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .orderBy("invoice_id")
    .orderBy("version", "desc")
    .execute();
  return new Map(rows.map((row) => [row.invoice_id, fromRow(row)]));
}

/**
 * Adds a content that a calculation found, with its lines; those of earlier ones are let go. Its version
 * must be new: it is done once.
 */
export async function insertCalculation(
  tx: CoreTransaction,
  calculation: BillCalculation,
  lines: readonly InvoiceLine[],
): Promise<void> {
  await tx
    .updateTable("bill_calculations")
    .set({ lines: null })
    .where("invoice_id", "=", calculation.invoiceId)
    .where("lines", "is not", null)
    .execute();
  await tx
    .insertInto("bill_calculations")
    .values({
      invoice_id: calculation.invoiceId,
      version: calculation.version,
      content_hash: calculation.contentHash,
      total: calculation.total,
      regenerated_at: calculation.regeneratedAt,
      calculated_at: calculation.calculatedAt,
      bill_job_id: calculation.billJobId,
      lines: JSON.stringify(toStoredLines(lines)),
    })
    .execute();
}

/** What the last calculation found of an invoice, when that was this version; else undefined. */
export async function findCalculatedContent(
  db: CoreDb,
  invoiceId: string,
  version: number,
): Promise<{ readonly lines: readonly InvoiceLine[]; readonly total: Decimal } | undefined> {
  const row = await db
    .selectFrom("bill_calculations")
    .select(["lines", "total"])
    .where("invoice_id", "=", invoiceId)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row === undefined || row.lines === null) return undefined;
  return { lines: row.lines.map(fromStoredLine), total: dec(row.total) };
}

/** Notes that a calculation found a bill unchanged. */
export async function confirmCalculation(
  tx: CoreTransaction,
  { invoiceId, version }: Pick<BillCalculation, "invoiceId" | "version">,
  { calculatedAt, billJobId }: Pick<BillCalculation, "calculatedAt" | "billJobId">,
): Promise<void> {
  await tx
    .updateTable("bill_calculations")
    .set({ calculated_at: calculatedAt, bill_job_id: billJobId })
    .where("invoice_id", "=", invoiceId)
    .where("version", "=", version)
    .execute();
}
