import type Stripe from "stripe";
import { DEFAULT_CONVENTIONS } from "../../src/domain/conventions.ts";
import { USD_CREDIT_TYPE_ID } from "../../src/domain/credit-type.ts";
import { dec, sum } from "../../src/domain/decimal.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../../src/domain/invoices/line.ts";
import { instant } from "../../src/domain/time.ts";
import type { DeliverableInvoice } from "../../src/providers/deliverable-invoice.ts";
import type { Known } from "../../src/providers/delivery-step.ts";
import type { PlannedConnection } from "../../src/providers/provider-connection.ts";
import type { StripeDocument } from "../../src/providers/stripe/document.ts";
import { LINE_KEY } from "../../src/providers/stripe/next-step.ts";

export interface SampleLine extends Partial<Omit<InvoiceLine, "total" | "quantity" | "unitPrice">> {
  readonly total?: string;
  readonly quantity?: string | null;
  readonly unitPrice?: string | null;
}

/** A usage line of January 2024; its total is quantity x price unless it is named. */
export function sampleLine({ total, quantity, unitPrice, ...rest }: SampleLine = {}): InvoiceLine {
  const units = quantity === null ? null : dec(quantity ?? "1");
  const price = unitPrice === null ? null : dec(unitPrice ?? "100");
  const product = units === null || price === null ? dec("0") : units.times(price);
  return {
    ...NO_LINE_DETAILS,
    lineKey: "line",
    type: "usage",
    name: "Tokens",
    creditTypeId: USD_CREDIT_TYPE_ID,
    total: total === undefined ? product : dec(total),
    quantity: units,
    unitPrice: price,
    productId: "product",
    productType: "USAGE",
    productTags: [],
    startingAt: instant("2024-01-01T00:00:00Z"),
    endingBefore: instant("2024-02-01T00:00:00Z"),
    trace: [],
    ...rest,
  };
}

/** The invoice of these lines, each with a key of its own. */
export function sampleInvoice(
  lines: readonly SampleLine[],
  overrides: Partial<DeliverableInvoice> = {},
): DeliverableInvoice {
  const { creditTypeId = USD_CREDIT_TYPE_ID } = overrides;
  const made = lines.map((line, index) =>
    sampleLine({ lineKey: `line ${index}`, creditTypeId, ...line }),
  );
  return {
    id: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11",
    version: 1,
    environment: "SANDBOX",
    customerId: "customer",
    customerName: "Acme",
    contractId: "contract",
    creditTypeId: USD_CREDIT_TYPE_ID,
    issuedAt: instant("2024-02-02T00:00:00Z"),
    startAt: instant("2024-01-01T00:00:00Z"),
    endAt: instant("2024-02-01T00:00:00Z"),
    conventions: DEFAULT_CONVENTIONS,
    total: sum(made.map((line) => line.total)),
    lines: made,
    pageUrl: "https://bill.example/i/inv_1",
    customFields: {},
    purchaseOrderNumber: null,
    dueAt: null,
    finalizedAt: instant("2024-02-02T00:00:00Z"),
    sellerName: null,
    ...overrides,
  };
}

/** An account with these settings, in the sandbox. */
export const sampleConnection = (settings: Record<string, unknown> = {}): PlannedConnection => ({
  id: "connection",
  environment: "SANDBOX",
  builtIn: false,
  settings,
});

/** A document with one line of 100 minor units for each key. */
export function sampleDocument(
  keys: readonly string[],
  overrides: Partial<StripeDocument> = {},
): StripeDocument {
  return {
    kind: "invoice",
    invoiceId: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11",
    customer: "cus_1",
    currency: "usd",
    collectionMethod: "charge_automatically",
    daysUntilDue: undefined,
    dueDate: undefined,
    sends: false,
    leaveAsDraft: false,
    customFields: [],
    tax: { mode: "none" },
    collection: undefined,
    revises: false,
    metadata: { ledgerline_invoice_id: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11" },
    lines: keys.map((key) => ({
      key,
      description: key,
      amountMinor: 100n,
      priced: undefined,
      productName: key,
      productId: undefined,
      metadata: {},
      priceMetadata: {},
      taxes: [],
      period: undefined,
    })),
    totalMinor: BigInt(keys.length * 100),
    pendingItems: undefined,
    ...overrides,
  };
}

/** Nothing was sent yet that the invoice does not show, at the moment the sample invoice was made. */
export const sampleKnown = (overrides: Partial<Known> = {}): Known => ({
  externalId: "in_1",
  begun: [],
  accepted: [],
  refused: [],
  now: instant("2024-02-02T00:00:00Z"),
  waitingSince: undefined,
  ...overrides,
});

/** What Stripe says of an invoice, as far as we read it. */
export const stripeInvoice = (overrides: Partial<Stripe.Invoice> = {}): Stripe.Invoice =>
  ({
    id: "in_1",
    object: "invoice",
    customer: "cus_1",
    currency: "usd",
    collection_method: "charge_automatically",
    status: "draft",
    total: 0,
    subtotal: 0,
    total_taxes: [],
    total_discount_amounts: [],
    automatic_tax: { enabled: false, status: null },
    auto_advance: false,
    metadata: {},
    amount_paid: 0,
    attempt_count: 0,
    number: null,
    created: 1_706_832_000,
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    ...overrides,
  }) as Stripe.Invoice;

/** A line at Stripe with our key in its metadata; without a key it is somebody else's. */
export const stripeLine = (key: string | undefined, amount = 100): Stripe.InvoiceLineItem =>
  ({
    id: `il_${key}`,
    object: "line_item",
    amount,
    metadata: key === undefined ? {} : { [LINE_KEY]: key },
  }) as unknown as Stripe.InvoiceLineItem;
