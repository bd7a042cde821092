import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { BillCalculationsTable } from "../db/tables/bills.ts";

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

/** Adds a content that a calculation found. Its version must be new: it is done once. */
export async function insertCalculation(
  tx: CoreTransaction,
  calculation: BillCalculation,
): Promise<void> {
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
    })
    .execute();
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
