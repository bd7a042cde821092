import type { Standing } from "../../../domain/reconciliation/stray.ts";
import { isVoided, type SalesDocument } from "../sales-document.ts";

/** A document as it stands in a company, and in what its amounts are that name no currency. */
export interface InspectedDocument {
  readonly state: "found";
  readonly document: SalesDocument;
  readonly realmId: string;
  readonly homeCurrency: string;
  /** The credit memos of our credit notes, by note; a note without one is not in it. */
  readonly memos: ReadonlyMap<string, SalesDocument>;
}

export type Inspected = { readonly state: "missing" } | InspectedDocument;

/** What can still be done about a document: nothing in the books is a draft. */
export function standingOfDocument(document: SalesDocument): Standing {
  if (isVoided(document)) return "closed";
  return document.balance.eq(document.total) ? "open" : "paid";
}

/** The same of whatever was inspected. */
export const standingOf = (observed: Inspected): Standing =>
  observed.state === "missing" ? "missing" : standingOfDocument(observed.document);
