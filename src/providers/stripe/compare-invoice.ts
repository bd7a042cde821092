import type Stripe from "stripe";
import type { StripeDocument, StripeLine } from "./document.ts";
import { isTaxLine, waitedTax } from "./tax-step.ts";
import { LINE_KEY } from "./to-requests.ts";

/** What of the invoice itself is not as we want it and cannot be changed any more, in words. */
export function findForeign(document: StripeDocument, invoice: Stripe.Invoice): string | undefined {
  const { customer, currency, collection_method: method } = invoice;
  const owner = customer === null || typeof customer === "string" ? customer : customer.id;
  if (owner !== document.customer) return `it is ${owner}'s instead of ${document.customer}'s`;
  if (currency !== document.currency) return `it is in ${currency} instead of ${document.currency}`;
  if (document.revises || invoice.status !== "draft") return undefined;
  if (method !== document.collectionMethod) {
    return `it is set to ${method} instead of ${document.collectionMethod}`;
  }
  return undefined;
}

/** The lines that are to be compared with ours: tax that a tax app adds beside them is not. */
export const withoutTax = (
  document: StripeDocument,
  lines: readonly Stripe.InvoiceLineItem[],
): readonly Stripe.InvoiceLineItem[] =>
  waitedTax(document.tax) === undefined ? lines : lines.filter((line) => !isTaxLine(line));

/** What differs between the lines we want and those that stand there, in words; missing ones aside. */
export function findDifference(
  document: StripeDocument,
  lines: readonly Stripe.InvoiceLineItem[],
): string | undefined {
  const wanted = new Map(document.lines.map((line) => [line.key, line]));
  const seen = new Set<string>();
  for (const line of withoutTax(document, lines)) {
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

const BATCH = 100;

/** Cuts lines into the batches in which they are sent. */
export const toBatches = (lines: readonly StripeLine[]): StripeLine[][] =>
  Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, i) =>
    lines.slice(i * BATCH, (i + 1) * BATCH),
  );

/** The first batch of which a line is missing: only the missing ones are added. */
export function findMissing(document: StripeDocument, lines: readonly Stripe.InvoiceLineItem[]) {
  const present = new Set(lines.map((line) => line.metadata[LINE_KEY]));
  const isMissing = (line: StripeLine): boolean => !present.has(line.key);
  const batch = toBatches(document.lines).find((part) => part.some(isMissing));
  if (batch === undefined) return undefined;
  return { missing: batch.filter(isMissing), first: document.lines.findIndex(isMissing) };
}
