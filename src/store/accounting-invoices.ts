import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { InvoiceCursor } from "./invoice-list.ts";
import { type FrozenInvoice, INVOICE_COLUMNS, isFrozen, toInvoiceRecord } from "./invoices.ts";

export interface AccountingFilter {
  readonly environmentId: string;
  readonly status: "FINALIZED" | "VOID";
  readonly imported: boolean;
  /** Canonical instants: issued at or after the one, and before the other. */
  readonly startingOn: string;
  readonly endingBefore: string;
  readonly customerId: string | undefined;
  readonly creditTypeId: string | undefined;
  /** Only those that can come to less than zero: lines that are rounded one by one can do so by themselves. */
  readonly onlyNegative: boolean;
}

/** Final invoices that are meant to be collected, by date of issue: so many after a place in that order. */
export async function listAccountingInvoices(
  db: CoreDb,
  filter: AccountingFilter,
  after: InvoiceCursor | undefined,
  limit: number,
): Promise<FrozenInvoice[]> {
  const { customerId, creditTypeId } = filter;
  let query = db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("environment_id", "=", filter.environmentId)
    .where("status", "=", filter.status)
    .where("imported", "=", filter.imported)
    .where("billable_status", "=", "billable")
    .where("issued_at", ">=", filter.startingOn)
    .where("issued_at", "<", filter.endingBefore)
    .orderBy("issued_at")
    .orderBy("position")
    .limit(limit);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  if (creditTypeId !== undefined) query = query.where("credit_type_id", "=", creditTypeId);
  if (filter.onlyNegative) {
    query = query.where(
      sql<SqlBool>`(total < 0 or conventions->>'invoiceRounding' = 'round_then_sum')`,
    );
  }
  if (after !== undefined) {
    query = query.where(
      sql<SqlBool>`(issued_at, position) > (${after.at}::timestamptz, ${after.position}::bigint)`,
    );
  }
  return (await query.execute()).map(toInvoiceRecord).filter(isFrozen);
}

/** Final invoices of the environment by their ids, in the order of the ids. */
export async function listFrozenInvoices(
  db: CoreDb,
  environmentId: string,
  ids: readonly string[],
): Promise<FrozenInvoice[]> {
  const rows = await db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("environment_id", "=", environmentId)
    .where(sql<SqlBool>`id = any(${ids}::uuid[])`)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, toInvoiceRecord(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []).filter(isFrozen);
}
