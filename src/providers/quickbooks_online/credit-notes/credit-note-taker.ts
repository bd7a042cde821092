import type { CreditNoteTaker } from "../../credit-notes.ts";
import type { QuickBooksParts } from "../client.ts";
import { nextNoteStep } from "./next-note-step.ts";
import type { QuickBooksNote } from "./note-document.ts";
import { observeNote, type QuickBooksNoteObserved } from "./observe-note.ts";
import { planNote } from "./plan-note.ts";

/** Credit notes of ours as credit memos in the books of a company (docs/quickbooks.md). */
export const quickBooksCreditNotes = (
  parts: QuickBooksParts,
): CreditNoteTaker<QuickBooksNote, QuickBooksNoteObserved> => ({
  plan: planNote,
  observe: (connection, document, known) => observeNote(parts, connection, document, known),
  nextStep: nextNoteStep,
});
