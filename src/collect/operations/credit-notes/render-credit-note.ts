import { assert } from "../../../errors.ts";
import type { Scope } from "../../scope.ts";
import { toCreditNote } from "../../serializers/to-credit-note.ts";
import { type CreditNoteRow, listLinesOfNotes } from "../../store/credit-notes.ts";

/** Renders notes with their lines, in the order given: one query for all of them. */
export async function renderCreditNotes(scope: Scope, rows: readonly CreditNoteRow[]) {
  const lines = await listLinesOfNotes(
    scope,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toCreditNote(row, lines.get(row.id) ?? [], scope.publicUrl));
}

/** Renders one note. */
export async function renderCreditNote(scope: Scope, row: CreditNoteRow) {
  const [note] = await renderCreditNotes(scope, [row]);
  assert(note !== undefined, `credit note ${row.id} renders`);
  return note;
}

export type WireCreditNote = Awaited<ReturnType<typeof renderCreditNote>>;
