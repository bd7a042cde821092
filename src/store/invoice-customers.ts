import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** Whose invoice each of these is, by invoice id. */
export async function listCustomersOfInvoices(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("invoices")
    .select(["id", "customer_id"])
    .where("id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row.customer_id]));
}
