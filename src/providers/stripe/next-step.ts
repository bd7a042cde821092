import type Stripe from "stripe";
import type { ProviderRequest, Step } from "../provider.ts";
import { collect, takeBack } from "./collect-step.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { toExternalState } from "./status.ts";
import { LINE_KEY, toAddLines, toCreate } from "./to-requests.ts";

export { CREATE_PATH, LINE_KEY, toAddLines, toCreate } from "./to-requests.ts";

/** What stands at Stripe: nothing yet, the invoice with every one of its lines, nothing any more. */
export type StripeObserved =
  | { readonly state: "none" }
  | { readonly state: "deleted"; readonly externalId: string }
  | {
      readonly state: "found";
      readonly invoice: Stripe.Invoice;
      readonly lines: readonly Stripe.InvoiceLineItem[];
    };

const BATCH = 100;

/** What is paid explicitly must not be charged by Stripe's own schedule as well. */
export const toFinalize = (id: string, autoAdvance: boolean): ProviderRequest => ({
  method: "POST",
  path: `/v1/invoices/${id}/finalize`,
  params: { auto_advance: autoAdvance },
});

/** Cuts lines into the batches in which they are sent. */
export const toBatches = (lines: readonly StripeLine[]): StripeLine[][] =>
  Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, i) =>
    lines.slice(i * BATCH, (i + 1) * BATCH),
  );

const taxOf = (invoice: Stripe.Invoice): number =>
  (invoice.total_taxes ?? []).reduce((total, tax) => total + tax.amount, 0);

/** What of the invoice itself is not as we want it and cannot be changed any more, in words. */
function findForeign(document: StripeDocument, invoice: Stripe.Invoice): string | undefined {
  const { customer, currency, collection_method: method } = invoice;
  const owner = customer === null || typeof customer === "string" ? customer : customer.id;
  if (owner !== document.customer) return `it is ${owner}'s instead of ${document.customer}'s`;
  if (currency !== document.currency) return `it is in ${currency} instead of ${document.currency}`;
  if (invoice.status === "draft" && method !== document.collectionMethod) {
    return `it is set to ${method} instead of ${document.collectionMethod}`;
  }
  return undefined;
}

/** What differs between the lines we want and those that stand there, in words; missing ones aside. */
function findDifference(
  document: StripeDocument,
  lines: readonly Stripe.InvoiceLineItem[],
): string | undefined {
  const wanted = new Map(document.lines.map((line) => [line.key, line]));
  const seen = new Set<string>();
  for (const line of lines) {
    const key = line.metadata[LINE_KEY];
    const want = key === undefined ? undefined : wanted.get(key);
    if (key === undefined || want === undefined) return `line ${line.id} is not ours`;
    if (seen.has(key)) return `line ${line.id} stands there twice`;
    seen.add(key);
    if (BigInt(line.amount) !== want.amountMinor) {
      return `line ${line.id} comes to ${line.amount} instead of ${want.amountMinor}`;
    }
  }
  return undefined;
}

/** The first batch of which a line is missing: only the missing ones are added. */
function findMissing(document: StripeDocument, lines: readonly Stripe.InvoiceLineItem[]) {
  const present = new Set(lines.map((line) => line.metadata[LINE_KEY]));
  const isMissing = (line: StripeLine): boolean => !present.has(line.key);
  const batch = toBatches(document.lines).find((part) => part.some(isMissing));
  if (batch === undefined) return undefined;
  return { missing: batch.filter(isMissing), first: document.lines.findIndex(isMissing) };
}

/**
 * From whatever stands at Stripe to the next step: create the draft, add the lines that are
 * missing, compare exactly, finalize. A draft that differs is kept and reported, never finalized;
 * one that somebody deleted stays deleted.
 */
export function nextStep(document: StripeDocument, observed: StripeObserved): Step {
  if (observed.state === "none") {
    return { step: "write", name: "create", request: toCreate(document) };
  }
  if (observed.state === "deleted") {
    const { externalId } = observed;
    return { step: "done", external: { externalId, status: "DELETED", details: {} } };
  }
  const { invoice, lines } = observed;
  const external = toExternalState(invoice);
  if (document.collection?.wanted === "canceled") return takeBack(invoice, external);
  const kept = `The Stripe invoice ${external.externalId} was kept as it is`;
  const difference = findForeign(document, invoice) ?? findDifference(document, lines);
  if (difference !== undefined) {
    const message = `${kept}: ${difference}. Delete the draft or put it right, then retry.`;
    return { step: "refuse", code: "provider_invoice_differs", message, external };
  }
  const rest = findMissing(document, lines);
  if (rest !== undefined && invoice.status === "draft") {
    const request = toAddLines(external.externalId, rest.missing, document.currency);
    return { step: "write", name: `lines-${rest.first}`, request };
  }
  const totalMinor = BigInt(invoice.total - taxOf(invoice));
  if (rest !== undefined || totalMinor !== document.totalMinor) {
    const message = `${kept}: it comes to ${totalMinor} instead of ${document.totalMinor} minor units.`;
    return { step: "refuse", code: "provider_total_differs", message, external };
  }
  if (invoice.status === "draft" && !document.leaveAsDraft) {
    const request = toFinalize(external.externalId, document.collection === undefined);
    return { step: "write", name: "finalize", request };
  }
  return collect(document, invoice, external);
}
