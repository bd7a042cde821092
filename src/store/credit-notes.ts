import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CreditNotesTable } from "../db/tables/corrections.ts";
import type { CreditLine } from "../domain/credit-notes/creditable.ts";
import { type Decimal, dec, toText } from "../domain/decimal.ts";
import { toPlain } from "../domain/invoices/canonical.ts";
import { notFound } from "../errors.ts";

/** What is given back of an invoice. Instants are canonical text, amounts exact. */
export interface CreditNote {
  readonly id: string;
  readonly environmentId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly invoiceId: string;
  /** The correction of late usage that it is a part of; null: a person's. */
  readonly correctionId: string | null;
  readonly status: "ISSUED" | "VOID";
  readonly reason: string;
  readonly memo: string | null;
  readonly creditTypeId: string;
  readonly lines: readonly CreditLine[];
  /** Tax included. */
  readonly total: Decimal;
  readonly tax: Decimal;
  /** In minor units, rounded as its invoice; null: it is older than that was kept, and went nowhere. */
  readonly amountMinor: bigint | null;
  readonly issuedAt: string;
  readonly issuedBy: string;
  readonly voidedAt: string | null;
  readonly position: bigint;
}

export const fromCreditNoteRow = (row: Selectable<CreditNotesTable>): CreditNote => ({
  id: row.id,
  environmentId: row.environment_id,
  customerId: row.customer_id,
  contractId: row.contract_id,
  invoiceId: row.invoice_id,
  correctionId: row.correction_id,
  status: row.status,
  reason: row.reason,
  memo: row.memo,
  creditTypeId: row.credit_type_id,
  lines: row.lines.map((line) => ({
    ...line,
    amount: dec(line.amount),
    returned: line.returned && { ...line.returned, amount: dec(line.returned.amount) },
  })),
  total: dec(row.total),
  tax: dec(row.tax),
  amountMinor: row.amount_minor,
  issuedAt: row.issued_at,
  issuedBy: row.issued_by,
  voidedAt: row.voided_at,
  position: row.position,
});

/** Keeps a note that is issued now. */
export async function insertCreditNote(
  tx: CoreTransaction,
  note: Omit<CreditNote, "status" | "voidedAt" | "position">,
): Promise<void> {
  await tx
    .insertInto("credit_notes")
    .values({
      id: note.id,
      environment_id: note.environmentId,
      customer_id: note.customerId,
      contract_id: note.contractId,
      invoice_id: note.invoiceId,
      correction_id: note.correctionId,
      status: "ISSUED",
      reason: note.reason,
      memo: note.memo,
      credit_type_id: note.creditTypeId,
      lines: JSON.stringify(toPlain(note.lines)),
      total: toText(note.total),
      tax: toText(note.tax),
      amount_minor: note.amountMinor,
      issued_at: note.issuedAt,
      issued_by: note.issuedBy,
      voided_at: null,
    })
    .execute();
}

/** A note of the environment. Throws not found. */
export async function getCreditNote(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<CreditNote> {
  const row = await db
    .selectFrom("credit_notes")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("credit note", id);
  return fromCreditNoteRow(row);
}

export interface CreditNoteFilter {
  readonly environmentId: string;
  readonly invoiceId: string | undefined;
  readonly customerId: string | undefined;
  readonly status: CreditNote["status"] | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Notes in the order in which they were issued; one more than asked, to tell whether more follow. */
export async function listCreditNotes(
  db: CoreDb,
  { environmentId, invoiceId, customerId, status, after, limit }: CreditNoteFilter,
): Promise<CreditNote[]> {
  let query = db
    .selectFrom("credit_notes")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (invoiceId !== undefined) query = query.where("invoice_id", "=", invoiceId);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  // In the text: a plan for either status would be one for the many that are issued.
  if (status !== undefined) query = query.where("status", "=", sql.lit(status));
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromCreditNoteRow);
}

/** The notes of these invoices that count, oldest first. */
export async function listIssuedNotes(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<CreditNote[]> {
  if (invoiceIds.length === 0) return [];
  const rows = await db
    .selectFrom("credit_notes")
    .selectAll()
    .where("invoice_id", "in", [...invoiceIds])
    .where("status", "=", "ISSUED")
    .orderBy("position")
    .execute();
  return rows.map(fromCreditNoteRow);
}

/** The notes that these corrections of late usage consist of. */
export async function listNotesOfCorrections(
  db: CoreDb,
  correctionIds: readonly string[],
): Promise<CreditNote[]> {
  if (correctionIds.length === 0) return [];
  const rows = await db
    .selectFrom("credit_notes")
    .selectAll()
    .where("correction_id", "in", [...correctionIds])
    .orderBy("position")
    .execute();
  return rows.map(fromCreditNoteRow);
}

/** What notes have credited of each of these invoices; those without are left out. */
export async function listCreditedTotals(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, Decimal>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("credit_notes")
    .select((eb) => ["invoice_id", eb.fn.sum<string>("total").as("credited")])
    .where("invoice_id", "in", [...invoiceIds])
    .where("status", "=", "ISSUED")
    .groupBy("invoice_id")
    .execute();
  return new Map(rows.map((row) => [row.invoice_id, dec(row.credited)]));
}

/** Takes notes back. */
export async function markNotesVoid(
  tx: CoreTransaction,
  ids: readonly string[],
  at: string,
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable("credit_notes")
    .set({ status: "VOID", voided_at: at })
    .where("id", "in", [...ids])
    .execute();
}
