import { dec, isZero } from "../../../domain/decimal.ts";
import type { KnownNote } from "../../credit-notes.ts";
import type { ProviderConnection } from "../../provider-connection.ts";
import { callCompany, type QuickBooksParts } from "../client.ts";
import { GONE, toReadFailure } from "../faults.ts";
import type { Found } from "../next-step.ts";
import { findByNumber, findItems, readDocument, refusedNumbers } from "../observe.ts";
import type { SalesDocument } from "../sales-document.ts";
import { isMarkOf, type QuickBooksNote } from "./note-document.ts";

/** A payment of ours that puts the credit to the invoice. */
export interface Application {
  readonly id: string;
  readonly syncToken: string;
}

export type ObservedMemo =
  | {
      readonly state: "found";
      readonly document: SalesDocument;
      /** Looked for where the note is taken back. */
      readonly applications: readonly Application[];
    }
  | { readonly state: "deleted"; readonly externalId: string }
  | {
      readonly state: "none";
      /** Numbers of ours that other documents have. */
      readonly takenNumbers: readonly string[];
      /** By our product, of those that no custom field maps. */
      readonly items: ReadonlyMap<string, Found>;
    };

/** What stands in the books for a credit note, and of the invoice that it credits. */
export interface QuickBooksNoteObserved {
  /** undefined: the company does not have it any more. */
  readonly invoice: SalesDocument | undefined;
  readonly memo: ObservedMemo;
}

/** Which of the payments put this credit to the invoice, and no money. */
async function findApplications(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { noteId }: QuickBooksNote,
  ids: readonly string[],
): Promise<Application[]> {
  const found: Application[] = [];
  for (const id of ids) {
    const path = `/payment/${encodeURIComponent(id)}`;
    const answer = await callCompany(parts, connection, { method: "GET", path });
    if (answer.outcome === "failed") {
      if (answer.fault.code === GONE) continue;
      throw toReadFailure(answer.fault);
    }
    const payment = (answer.body.Payment ?? {}) as Readonly<Record<string, unknown>>;
    const { Id, SyncToken, TotalAmt, PrivateNote } = payment;
    if (!isMarkOf(PrivateNote, noteId) || !isZero(dec(String(TotalAmt ?? 0)))) continue;
    found.push({ id: String(Id), syncToken: String(SyncToken) });
  }
  return found;
}

/**
 * Looks at the credited invoice and at the credit memo of the note: by its id, else by its numbers, where the
 * text tells ours from another's. Throws ProviderReadError.
 */
export async function observeNote(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  document: QuickBooksNote,
  known: KnownNote,
): Promise<QuickBooksNoteObserved> {
  const invoice = await readDocument(parts, connection, document.externalInvoiceId);
  const { externalId } = known;
  const numbered =
    externalId === undefined
      ? await findByNumber(parts, connection, "CreditMemo", document.numbers)
      : [];
  const memo =
    externalId === undefined
      ? numbered.find(({ note }) => isMarkOf(note, document.noteId))
      : await readDocument(parts, connection, externalId);
  if (memo !== undefined) {
    const ids = document.wanted === "void" ? (invoice?.payments ?? []) : [];
    const applications = await findApplications(parts, connection, document, ids);
    return { invoice, memo: { state: "found", document: memo, applications } };
  }
  if (externalId !== undefined) return { invoice, memo: { state: "deleted", externalId } };
  const takenNumbers = [
    ...numbered.map(({ number }) => number ?? ""),
    ...refusedNumbers(known, "CreditMemo"),
  ];
  const items = await findItems(parts, connection, document, known);
  return { invoice, memo: { state: "none", takenNumbers, items } };
}
