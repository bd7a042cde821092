import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** Dates that a bill job gave a bill in the place of those that follow from its terms. */
export interface BillDetails {
  readonly dueDate: string | null;
  readonly externalInvoiceDate: string | null;
}

/** The given dates by invoice; one without any has none in the map. */
export async function listBillDetails(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, BillDetails>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("bill_details")
    .selectAll()
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .execute();
  return new Map(
    rows.map((row) => [
      row.invoice_id,
      { dueDate: row.due_date, externalInvoiceDate: row.external_invoice_date },
    ]),
  );
}

/** Gives bills these dates; what is undefined stays as it is. */
export async function writeBillDetails(
  tx: CoreTransaction,
  invoiceIds: readonly string[],
  given: {
    readonly dueDate?: string | undefined;
    readonly externalInvoiceDate?: string | undefined;
  },
): Promise<void> {
  const columns = {
    ...(given.dueDate === undefined ? {} : { due_date: given.dueDate }),
    ...(given.externalInvoiceDate === undefined
      ? {}
      : { external_invoice_date: given.externalInvoiceDate }),
  };
  if (invoiceIds.length === 0 || Object.keys(columns).length === 0) return;
  await tx
    .insertInto("bill_details")
    .values(
      invoiceIds.map((id) => ({
        invoice_id: id,
        due_date: null,
        external_invoice_date: null,
        ...columns,
      })),
    )
    .onConflict((clash) => clash.column("invoice_id").doUpdateSet(columns))
    .execute();
}
