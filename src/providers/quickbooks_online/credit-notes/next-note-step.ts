import { isPositive, toText } from "../../../domain/decimal.ts";
import type { ActingStep } from "../../delivery-step.ts";
import { isVoided, type SalesDocument, toExternalId } from "../sales-document.ts";
import type { QuickBooksNote } from "./note-document.ts";
import { toApply, toCreateMemo, toDelete } from "./note-requests.ts";
import type { ObservedMemo, QuickBooksNoteObserved } from "./observe-note.ts";

type FoundMemo = Extract<ObservedMemo, { state: "found" }>;
type NoMemo = Extract<ObservedMemo, { state: "none" }>;

const refuse = (code: string, message: string): ActingStep => ({ step: "refuse", code, message });

const done = (externalId: string, status: string): ActingStep => ({
  step: "done",
  external: { externalId, status, details: {} },
});

function create(
  document: QuickBooksNote,
  invoice: SalesDocument | undefined,
  { items, takenNumbers }: NoMemo,
): ActingStep {
  if (invoice === undefined) {
    return refuse(
      "invoice_missing",
      "QuickBooks does not have the credited invoice any more. Void the credit note, or let the invoice be delivered anew.",
    );
  }
  if (isVoided(invoice)) {
    return refuse(
      "invoice_void",
      "The credited invoice is void in QuickBooks, and nobody has to pay it. Void the credit note, or let the invoice be delivered anew.",
    );
  }
  if (invoice.kind === "CreditMemo") {
    return refuse(
      "invoice_is_credit",
      "What would be credited is a credit memo itself. Void the credit note.",
    );
  }
  const itemIds = new Map<string, string>();
  for (const { item } of document.lines) {
    if (item.id !== undefined) continue;
    const id = items.get(item.productId)?.id ?? document.defaultItemId;
    if (id === undefined) {
      return refuse(
        "item_missing",
        `The product "${item.name}" (${item.productId}) has no item in QuickBooks. Set its custom field qbo_item_id, or the connection's default_item_id; then retry.`,
      );
    }
    itemIds.set(item.productId, id);
  }
  const number = document.numbers.find((each) => !takenNumbers.includes(each));
  if (number === undefined) {
    return refuse(
      "doc_number_taken",
      `Other credit memos in QuickBooks have the numbers ${document.numbers.join(" and ")}. Change theirs, or the connection's doc_number_prefix; then retry.`,
    );
  }
  const request = toCreateMemo(document, number, invoice, itemIds);
  return { step: "write", name: "credit", request };
}

const isWhole = ({ balance, total }: SalesDocument): boolean => balance.eq(total);

/** Stands as wanted: the credit is put to what is open of the invoice, unless somebody has used it already. */
function apply(
  document: QuickBooksNote,
  invoice: SalesDocument | undefined,
  { document: memo }: FoundMemo,
): ActingStep {
  const net = memo.total.minus(memo.tax);
  if (!net.eq(document.total)) {
    return refuse(
      "provider_document_differs",
      `The credit memo ${memo.number ?? memo.id} was kept in QuickBooks as it is: it comes to ${toText(net)} without tax instead of ${toText(document.total)}. Put it right there, then retry.`,
    );
  }
  const takes =
    invoice !== undefined &&
    invoice.customerId === memo.customerId &&
    isPositive(invoice.balance) &&
    isPositive(memo.balance) &&
    isWhole(memo);
  if (!takes) return done(toExternalId(memo), "ISSUED");
  return { step: "write", name: "apply", request: toApply(document, invoice, memo) };
}

/** Credit memos cannot be voided: what they were put to is freed, and they are deleted. */
function takeBack(
  document: QuickBooksNote,
  { document: memo, applications }: FoundMemo,
): ActingStep {
  const [application] = applications;
  if (application !== undefined) {
    const request = toDelete(document, "/payment", application);
    return { step: "write", name: `free-${application.id}`, request };
  }
  if (!isWhole(memo)) {
    return refuse(
      "credit_memo_used",
      `Somebody has used the credit memo ${memo.number ?? memo.id} in QuickBooks: take that back there, then retry.`,
    );
  }
  return { step: "write", name: "delete", request: toDelete(document, "/creditmemo", memo) };
}

/**
 * The next step towards a credit note in QuickBooks: a credit memo, then its application to what is open of the
 * invoice; of a note that is taken back the same in reverse. What stays open of the credit is the customer's.
 * Pure.
 */
export function nextNoteStep(
  document: QuickBooksNote,
  { invoice, memo }: QuickBooksNoteObserved,
): ActingStep {
  const isWanted = document.wanted === "issued";
  if (memo.state === "found") {
    return isWanted ? apply(document, invoice, memo) : takeBack(document, memo);
  }
  if (!isWanted) return done(memo.state === "deleted" ? memo.externalId : "", "VOID");
  if (memo.state === "none") return create(document, invoice, memo);
  return refuse(
    "credit_memo_deleted",
    `The credit memo ${memo.externalId} was deleted in QuickBooks. Void the credit note here as well, or let a reconciliation send it once more.`,
  );
}
