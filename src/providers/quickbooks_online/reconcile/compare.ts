import { toText } from "../../../domain/decimal.ts";
import type { FindingClass } from "../../../domain/reconciliation/finding-class.ts";
import type { Delivered, Discrepancy } from "../../reconciliation.ts";
import type { QuickBooksDocument } from "../document.ts";
import { isNoteOf } from "../header.ts";
import { isVoided, type SalesDocument, statusOf } from "../sales-document.ts";
import { type AsSent, toAsSent } from "./as-sent.ts";
import { compareNotes } from "./compare-notes.ts";
import type { Inspected, InspectedDocument } from "./inspect.ts";

type DeliveredDocument = Delivered<QuickBooksDocument>;
type Values = Readonly<Record<string, unknown>>;

const UNPAID = new Set(["FINALIZED", "SENT", "PARTIALLY_PAID"]);

const finding = (name: FindingClass, expected: Values, found: Values): Discrepancy => ({
  class: name,
  subject: "",
  expected,
  found,
});

/** What it means that we noted one status and another one stands there. */
function classOf(noted: string | null, actual: string): FindingClass {
  if (actual === "PAID" && noted !== null && UNPAID.has(noted)) return "open_here_paid_there";
  if (noted === "PAID" && UNPAID.has(actual)) return "paid_here_open_there";
  return "status_missed";
}

function compareStatus(
  { delivery, isVoid, notedStatus }: DeliveredDocument,
  document: SalesDocument,
): Discrepancy[] {
  const actual = statusOf(document);
  const found = { status: actual, balance: toText(document.balance) };
  if (isVoid && actual !== "VOID") {
    return [finding("void_here_open_there", { status: "VOID" }, found)];
  }
  if (!isVoid && actual === "VOID") {
    return [finding("voided_there", { invoice_status: "FINALIZED" }, found)];
  }
  if (delivery !== "SENT" || actual === notedStatus) return [];
  return [finding(classOf(notedStatus, actual), { status: notedStatus }, found)];
}

/** Which part of the document findings about its lines are of. */
const LINES = "lines";

/** Lines by their amounts, in order: those of a document have no keys that stay. */
function compareLines(sent: AsSent, { amounts }: SalesDocument): Discrepancy[] {
  const [expected, found] = [sent.amounts.map(toText), amounts.map(toText)];
  const make = (name: FindingClass): Discrepancy => ({
    ...finding(name, { amounts: expected }, { amounts: found }),
    subject: LINES,
  });
  if (expected.length !== found.length) {
    return [make(found.length < expected.length ? "missing_lines" : "extra_lines")];
  }
  const isSame = expected.every((amount, index) => amount === found[index]);
  return isSame ? [] : [make("edited_lines")];
}

function compareHeader(sent: AsSent, document: SalesDocument, homeCurrency: string): Discrepancy[] {
  const discrepancies: Discrepancy[] = [];
  if (document.customerId !== sent.customerId) {
    discrepancies.push(
      finding("customer_changed", { customer: sent.customerId }, { customer: document.customerId }),
    );
  }
  const [wanted, code] = [sent.currency ?? homeCurrency, document.currency ?? homeCurrency];
  if (code !== wanted) {
    discrepancies.push(finding("currency_differs", { currency: wanted }, { currency: code }));
  }
  if (sent.dueDate !== undefined && document.dueDate !== sent.dueDate) {
    discrepancies.push(
      finding(
        "due_date_changed",
        { due_date: sent.dueDate },
        { due_date: document.dueDate ?? null },
      ),
    );
  }
  return discrepancies;
}

function compareStanding(delivered: DeliveredDocument, observed: InspectedDocument): Discrepancy[] {
  const { document, homeCurrency } = observed;
  const status = compareStatus(delivered, document);
  // Nobody has to pay it, here or there: what stands on it no longer matters.
  if (delivered.isVoid || isVoided(document)) return status;
  const notes = compareNotes(delivered.notes, observed);
  const sent = toAsSent(delivered);
  if (sent === undefined) return [...status, ...notes];
  const lines = compareLines(sent, document);
  const net = document.total.minus(document.tax);
  const hasOtherTotal = lines.length === 0 && !net.eq(sent.total);
  const invoiceId = delivered.document?.invoiceId;
  const isNoted = invoiceId === undefined || isNoteOf(document.note, invoiceId);
  return [
    ...lines,
    ...(hasOtherTotal
      ? [finding("edited_total", { total: toText(sent.total) }, { total: toText(net) })]
      : []),
    ...compareHeader(sent, document, homeCurrency),
    ...(isNoted ? [] : [finding("metadata_removed", { note: sent.fields.PrivateNote }, {})]),
    ...(document.number === null
      ? [finding("number_missing", { number: sent.fields.DocNumber }, { number: null })]
      : []),
    ...status,
    ...notes,
  ];
}

/** Everything about a document in the books that is not as it was sent, or as we noted it. Pure. */
export function compareDocument(delivered: DeliveredDocument, observed: Inspected): Discrepancy[] {
  if (observed.state === "found") return compareStanding(delivered, observed);
  if (delivered.isVoid) return [];
  return [finding("deleted", { status: delivered.notedStatus }, {})];
}
