import { assert } from "../../../errors.ts";
import type { Scope } from "../../scope.ts";
import { ratesOf, toCreditNote, toCreditNoteLine } from "../../serializers/to-credit-note.ts";
import {
  type CreditNoteLineRow,
  type CreditNoteRow,
  listLinesOfNotes,
} from "../../store/credit-notes.ts";
import { listTaxRatesById } from "../../store/tax-rates.ts";

const ratesOfLines = (scope: Scope, lines: readonly CreditNoteLineRow[]) =>
  listTaxRatesById(scope, lines.flatMap(ratesOf));

/** Renders lines of notes with their tax rates, in the order given. */
export async function renderNoteLines(scope: Scope, lines: readonly CreditNoteLineRow[]) {
  const rates = await ratesOfLines(scope, lines);
  return lines.map((line) => toCreditNoteLine(line, rates));
}

/** Renders notes with their lines, in the order given: two queries for all of them. */
export async function renderCreditNotes(scope: Scope, rows: readonly CreditNoteRow[]) {
  const lines = await listLinesOfNotes(
    scope,
    rows.map((row) => row.id),
  );
  const rates = await ratesOfLines(scope, [...lines.values()].flat());
  return rows.map((row) => toCreditNote(row, lines.get(row.id) ?? [], rates, scope.publicUrl));
}

/** Renders one note. */
export async function renderCreditNote(scope: Scope, row: CreditNoteRow) {
  const [note] = await renderCreditNotes(scope, [row]);
  assert(note !== undefined, `credit note ${row.id} renders`);
  return note;
}

export type WireCreditNote = Awaited<ReturnType<typeof renderCreditNote>>;
