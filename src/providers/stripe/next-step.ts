import type Stripe from "stripe";
import type { ProviderRequest, Step } from "../provider.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { toExternalState } from "./status.ts";

/** What stands at Stripe: nothing yet, or the invoice with every one of its lines. */
export type StripeObserved =
  | { readonly exists: false }
  | {
      readonly exists: true;
      readonly invoice: Stripe.Invoice;
      readonly lines: readonly Stripe.InvoiceLineItem[];
    };

export const LINE_KEY = "ledgerline_line_key";
const BATCH = 100;

/** The draft comes first, takes no pending items and does nothing by itself until it is checked. */
export const toCreate = (document: StripeDocument): ProviderRequest => ({
  method: "POST",
  path: "/v1/invoices",
  params: {
    customer: document.customer,
    currency: document.currency,
    collection_method: document.collectionMethod,
    ...(document.daysUntilDue === undefined ? {} : { days_until_due: document.daysUntilDue }),
    auto_advance: false,
    automatic_tax: { enabled: false },
    discounts: "",
    pending_invoice_items_behavior: "exclude",
    metadata: document.metadata,
  },
});

const toLineParams = (line: StripeLine, currency: string) => ({
  ...(line.priced === undefined
    ? { amount: Number(line.amountMinor) }
    : {
        quantity: line.priced.quantity,
        price_data: {
          currency,
          unit_amount_decimal: line.priced.unitAmountDecimal,
          product_data: { name: line.productName },
        },
      }),
  description: line.description,
  discountable: false,
  ...(line.period === undefined ? {} : { period: line.period }),
  metadata: { [LINE_KEY]: line.key },
});

/** Adds up to 100 lines; named after its first line, so that each batch has a key of its own. */
export const toAddLines = (
  id: string,
  lines: readonly StripeLine[],
  currency: string,
): ProviderRequest => ({
  method: "POST",
  path: `/v1/invoices/${id}/add_lines`,
  params: { lines: lines.map((line) => toLineParams(line, currency)) },
});

export const toFinalize = (id: string): ProviderRequest => ({
  method: "POST",
  path: `/v1/invoices/${id}/finalize`,
  params: { auto_advance: true },
});

/** Cuts lines into the batches in which they are sent. */
export const toBatches = (lines: readonly StripeLine[]): StripeLine[][] =>
  Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, i) =>
    lines.slice(i * BATCH, (i + 1) * BATCH),
  );

const taxOf = (invoice: Stripe.Invoice): number =>
  (invoice.total_taxes ?? []).reduce((total, tax) => total + tax.amount, 0);

/** What differs between the lines we want and those that stand there, in words; missing ones aside. */
function findDifference(document: StripeDocument, lines: readonly Stripe.InvoiceLineItem[]) {
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

/**
 * From whatever stands at Stripe to the next step: create the draft, add the lines that are
 * missing, compare exactly, finalize. A draft that differs is kept and reported, never finalized.
 */
export function nextStep(document: StripeDocument, observed: StripeObserved): Step {
  if (!observed.exists) return { step: "write", name: "create", request: toCreate(document) };
  const { invoice, lines } = observed;
  const external = toExternalState(invoice);
  const difference = findDifference(document, lines);
  if (difference !== undefined) {
    return {
      step: "refuse",
      code: "provider_invoice_differs",
      message: `The Stripe invoice ${external.externalId} was kept as it is: ${difference}.`,
      external,
    };
  }
  const present = new Set(lines.map((line) => line.metadata[LINE_KEY]));
  const batch = toBatches(document.lines).find((part) =>
    part.some((line) => !present.has(line.key)),
  );
  if (batch !== undefined && invoice.status === "draft") {
    const missing = batch.filter((line) => !present.has(line.key));
    const first = document.lines.indexOf(missing[0] as StripeLine);
    return {
      step: "write",
      name: `lines-${first}`,
      request: toAddLines(external.externalId, missing, document.currency),
    };
  }
  const totalMinor = BigInt(invoice.total - taxOf(invoice));
  if (batch !== undefined || totalMinor !== document.totalMinor) {
    return {
      step: "refuse",
      code: "provider_total_differs",
      message: `The Stripe invoice ${external.externalId} comes to ${totalMinor} instead of ${document.totalMinor} minor units.`,
      external,
    };
  }
  if (invoice.status === "draft" && !document.leaveAsDraft) {
    return { step: "write", name: "finalize", request: toFinalize(external.externalId) };
  }
  return { step: "done", external };
}
