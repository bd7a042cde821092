import type { CoreTransaction } from "../db/database.ts";
import { findFinalVersion, type InvoiceDraft, listDraftDocuments } from "../store/draft-runs.ts";

/** What was sent of an invoice while it was a draft, read when it is first asked for, and then known. */
export interface SentDrafts {
  /** The newest document at each account. */
  documents(): Promise<readonly InvoiceDraft[]>;
  /** The version under which the final invoice goes out. */
  finalVersion(): Promise<number>;
}

/** For one routing, in whose transaction nothing is added to what was sent. */
export function sentDraftsOf(tx: CoreTransaction, invoiceId: string): SentDrafts {
  let documents: Promise<readonly InvoiceDraft[]> | undefined;
  let finalVersion: Promise<number> | undefined;
  return {
    documents() {
      documents ??= listDraftDocuments(tx, [invoiceId]);
      return documents;
    },
    finalVersion() {
      finalVersion ??= findFinalVersion(tx, invoiceId);
      return finalVersion;
    },
  };
}
