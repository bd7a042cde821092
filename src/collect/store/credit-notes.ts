import type { Selectable, Updateable } from "kysely";
import type { CreditNoteLinesTable, CreditNotesTable } from "../db/money-tables.ts";
import type { Scope } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type CreditNoteRow = Selectable<CreditNotesTable>;
export type CreditNoteLineRow = Selectable<CreditNoteLinesTable>;
export type CreditNoteLineInsert = NewObject<CreditNoteLinesTable>;

const objects = ownedObjects("credit_notes", "credit_note");

/** Throws 404, naming `param`, when there is no such note in this account and mode. */
export const getCreditNote = objects.get;

/** Like getCreditNote, and keeps others from changing it until the transaction ends. */
export const lockCreditNote = objects.lock;

/** Those that exist, in no particular order. */
export const listCreditNotesByIds = objects.listByIds;

/** Adds a note of a locked invoice with its lines. */
export async function insertCreditNote(
  scope: Scope,
  note: NewObject<CreditNotesTable>,
  lines: readonly Omit<CreditNoteLineInsert, "credit_note" | "position">[],
): Promise<CreditNoteRow> {
  const row = await scope.tx
    .insertInto("credit_notes")
    .values({ ...note, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
  await scope.tx
    .insertInto("credit_note_lines")
    .values(
      lines.map((line, position) => ({
        ...line,
        ...ownership(scope),
        credit_note: row.id,
        position,
      })),
    )
    .execute();
  return row;
}

/** Changes a note whose invoice is locked, or what of it may change at any time. */
export async function updateCreditNote(
  scope: Scope,
  id: string,
  changes: Updateable<CreditNotesTable>,
): Promise<CreditNoteRow> {
  return scope.tx
    .updateTable("credit_notes")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The lines of each note, in order. */
export async function listLinesOfNotes(
  scope: Scope,
  notes: readonly string[],
): Promise<ReadonlyMap<string, readonly CreditNoteLineRow[]>> {
  if (notes.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("credit_note_lines")
    .selectAll()
    .where("credit_note", "in", notes)
    .orderBy("credit_note")
    .orderBy("position")
    .execute();
  return Map.groupBy(rows, (row) => row.credit_note);
}

/** What the notes that hold took back of an invoice's lines, by line. */
export async function listCreditsByLine(
  scope: Scope,
  invoice: string,
): Promise<ReadonlyMap<string | null, readonly CreditNoteLineRow[]>> {
  const rows = await scope.tx
    .selectFrom("credit_note_lines as line")
    .innerJoin("credit_notes as note", "note.id", "line.credit_note")
    .selectAll("line")
    .where("note.invoice", "=", invoice)
    .where("note.status", "=", "issued")
    .where("line.invoice_line", "is not", null)
    .execute();
  return Map.groupBy(rows, (row) => row.invoice_line);
}

export interface CreditNoteFilter {
  readonly customer?: string | undefined;
  readonly invoice?: string | undefined;
}

/** Newest first. */
export async function listCreditNotes(
  scope: Scope,
  page: PageQuery,
  { customer, invoice }: CreditNoteFilter,
): Promise<Page<CreditNoteRow>> {
  let query = scope.tx.selectFrom("credit_notes").selectAll();
  if (customer !== undefined) query = query.where("customer", "=", customer);
  if (invoice !== undefined) query = query.where("invoice", "=", invoice);
  return listPage(scope, "credit_notes", "credit_note", query, page);
}
