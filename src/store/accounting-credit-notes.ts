import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { AccountingFilter } from "./accounting-invoices.ts";
import { type CreditNote, fromCreditNoteRow } from "./credit-notes.ts";
import type { InvoiceCursor } from "./invoice-list.ts";

/** Credit notes of invoices that are meant to be collected, by date of issue: so many after a place in that order. */
export async function listAccountingNotes(
  db: CoreDb,
  filter: Omit<AccountingFilter, "onlyNegative">,
  after: InvoiceCursor | undefined,
  limit: number,
): Promise<CreditNote[]> {
  const { customerId, creditTypeId } = filter;
  let query = db
    .selectFrom("credit_notes as note")
    .innerJoin("invoices as invoice", "invoice.id", "note.invoice_id")
    .selectAll("note")
    .where("note.environment_id", "=", filter.environmentId)
    .where("note.status", "=", filter.status === "VOID" ? "VOID" : "ISSUED")
    .where("note.issued_at", ">=", filter.startingOn)
    .where("note.issued_at", "<", filter.endingBefore)
    .where("invoice.imported", "=", filter.imported)
    .where("invoice.billable_status", "=", "billable")
    .orderBy("note.issued_at")
    .orderBy("note.position")
    .limit(limit);
  if (customerId !== undefined) query = query.where("note.customer_id", "=", customerId);
  if (creditTypeId !== undefined) query = query.where("note.credit_type_id", "=", creditTypeId);
  if (after !== undefined) {
    query = query.where(
      sql<SqlBool>`(note.issued_at, note.position) > (${after.at}::timestamptz, ${after.position}::bigint)`,
    );
  }
  return (await query.execute()).map(fromCreditNoteRow);
}

/** Credit notes of the environment by their ids, in the order of the ids. */
export async function listNotesByIds(
  db: CoreDb,
  environmentId: string,
  ids: readonly string[],
): Promise<CreditNote[]> {
  const rows = await db
    .selectFrom("credit_notes")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where(sql<SqlBool>`id = any(${ids}::uuid[])`)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, fromCreditNoteRow(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
