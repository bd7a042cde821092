import type Stripe from "stripe";
import type { Discrepancy } from "../../reconciliation.ts";
import type { StripeDocument } from "../document.ts";
import { toExternalStatus } from "../status.ts";
import { compareLines } from "./compare-lines.ts";
import { compareMetadata } from "./compare-metadata.ts";
import { compareNotes, comparePayments, compareTotals } from "./compare-money.ts";
import { comparePayment } from "./compare-payment.ts";
import { compareStatus } from "./compare-status.ts";
import { type DeliveredDocument, wantedInvoice } from "./delivered-document.ts";
import type { Inspected, InspectedInvoice } from "./inspect.ts";

const SECONDS_A_DAY = 86_400;

/** A document that is gone. What was taken back, or is void here, may be. */
function compareGone(delivered: DeliveredDocument): Discrepancy[] {
  const { notedStatus, isVoid, delivery, document } = delivered;
  if (isVoid || document?.collection?.wanted === "canceled") return [];
  // Stripe deletes drafts only: what was final cannot have gone.
  const wasFinal = delivery === "SENT" && notedStatus !== null && notedStatus !== "DELETED";
  return [
    {
      class: wasFinal ? "missing" : "deleted",
      subject: "",
      expected: { status: notedStatus },
      found: {},
    },
  ];
}

/** Bounds within which Stripe may have counted the days until an invoice is due, in Unix seconds. */
export function dueBounds(
  { dueDate, daysUntilDue }: StripeDocument,
  invoice: Stripe.Invoice,
): { readonly from: number; readonly to: number; readonly exact: number } | undefined {
  if (dueDate !== undefined) return { from: dueDate, to: dueDate, exact: dueDate };
  if (daysUntilDue === undefined) return undefined;
  const days = daysUntilDue * SECONDS_A_DAY;
  const finalizedAt = invoice.status_transitions.finalized_at ?? invoice.created;
  const exact = finalizedAt + days;
  return { from: invoice.created + days - SECONDS_A_DAY, to: exact + SECONDS_A_DAY, exact };
}

function compareHeader(document: StripeDocument, invoice: Stripe.Invoice): Discrepancy[] {
  const discrepancies: Discrepancy[] = [];
  const add = (
    name: Discrepancy["class"],
    expected: Record<string, unknown>,
    found: Record<string, unknown>,
  ) => discrepancies.push({ class: name, subject: "", expected, found });
  const { customer } = invoice;
  const owner = typeof customer === "string" ? customer : customer?.id;
  if (owner !== document.customer) {
    add("customer_changed", { customer: document.customer }, { customer: owner ?? null });
  }
  if (typeof customer === "object" && customer?.deleted === true) {
    add("customer_deleted", { customer: document.customer }, { deleted: true });
  }
  if (invoice.currency !== document.currency) {
    add("currency_differs", { currency: document.currency }, { currency: invoice.currency });
  }
  if (invoice.collection_method !== document.collectionMethod) {
    add(
      "collection_method_changed",
      { collection_method: document.collectionMethod },
      { collection_method: invoice.collection_method },
    );
  } else {
    const bounds = dueBounds(document, invoice);
    const due = invoice.due_date;
    if (bounds !== undefined && (due === null || due < bounds.from || due > bounds.to)) {
      add("due_date_changed", { due_date: bounds.exact }, { due_date: due });
    }
  }
  return discrepancies;
}

/** Final documents have numbers: ours of it may be old, theirs may be none. */
function compareNumber(
  { delivery, notedStatus, notedDetails }: DeliveredDocument,
  invoice: Stripe.Invoice,
): Discrepancy[] {
  if (invoice.status === "draft") return [];
  const isNoted = delivery === "SENT" && notedStatus !== null && "number" in notedDetails;
  const noted = isNoted ? notedDetails.number : invoice.number;
  if (invoice.number !== null && noted === invoice.number) return [];
  return [
    {
      class: "number_missing",
      subject: "",
      expected: { number: noted ?? null },
      found: { number: invoice.number },
    },
  ];
}

function compareInvoice(
  delivered: DeliveredDocument,
  { invoice, lines, notes }: InspectedInvoice,
): Discrepancy[] {
  const document = wantedInvoice(delivered);
  const status = compareStatus(delivered, invoice, document);
  // Nobody has to pay it, here or there: what stands on it no longer matters.
  if (document === undefined || delivered.isVoid || toExternalStatus(invoice) === "VOID") {
    return status;
  }
  const differing = compareLines(document, lines);
  const haveLinesChanged = differing.some((each) => each.class !== "metadata_removed");
  return [
    ...differing,
    ...compareTotals(document, invoice, haveLinesChanged),
    ...compareHeader(document, invoice),
    ...compareMetadata(document.metadata, invoice.metadata),
    ...compareNumber(delivered, invoice),
    ...comparePayments(invoice),
    ...compareNotes(delivered, notes),
    ...status,
  ];
}

/** Everything about a document at Stripe that is not as it was sent, or as we noted it. Pure. */
export function compareDocument(delivered: DeliveredDocument, observed: Inspected): Discrepancy[] {
  if (observed.state === "missing") return compareGone(delivered);
  // Items are on an invoice of somebody else, which may hold anything.
  if (observed.state === "items") return [];
  return observed.state === "invoice"
    ? compareInvoice(delivered, observed)
    : comparePayment(delivered, observed.intent);
}
