import type { Reconciler } from "../../reconciliation.ts";
import type { QuickBooksParts } from "../client.ts";
import type { QuickBooksDocument } from "../document.ts";
import { readDocument } from "../observe.ts";
import { type SalesDocument, toExternalState } from "../sales-document.ts";
import { toQuickBooksSettings } from "../settings.ts";
import { compareDocument } from "./compare.ts";
import { type Inspected, standingOf } from "./inspect.ts";
import { listDocuments } from "./list-documents.ts";
import { discard, repairDocument } from "./repair.ts";

/** Comparison with the books of a company, and repairs there (docs/reconciliation.md). */
export const quickBooksReconciler = (
  parts: QuickBooksParts,
): Reconciler<QuickBooksDocument, Inspected> => ({
  listDocuments: (connection, range, page) => listDocuments(parts, connection, range, page),
  async inspect(connection, externalId, notes) {
    const document = await readDocument(parts, connection, externalId);
    if (document === undefined) return { state: "missing" };
    const { home_currency: homeCurrency, realm_id: realmId } = toQuickBooksSettings(connection);
    const memos = new Map<string, SalesDocument>();
    for (const note of notes) {
      if (note.externalId === null) continue;
      const memo = await readDocument(parts, connection, note.externalId);
      if (memo !== undefined) memos.set(note.id, memo);
    }
    return { state: "found", document, realmId: realmId ?? "", homeCurrency, memos };
  },
  kind: () => "invoice",
  standing: standingOf,
  external: (observed) =>
    observed.state === "missing"
      ? undefined
      : toExternalState(observed.document, observed.homeCurrency),
  compare: compareDocument,
  repair: repairDocument,
  discard,
});
