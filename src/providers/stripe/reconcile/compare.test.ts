import type Stripe from "stripe";
import { expect, test } from "vitest";
import {
  sampleDocument,
  stripeInvoice,
  stripeLine,
} from "../../../../test/support/sample-delivery.ts";
import type { StripeDocument, StripePayment } from "../document.ts";
import { putTaxes } from "../stated-tax.ts";
import { compareDocument } from "./compare.ts";
import type { DeliveredDocument } from "./delivered-document.ts";
import type { Inspected } from "./inspect.ts";
import { repairDocument } from "./repair.ts";

const DAY = 86_400;
const CREATED = 1_706_832_000;

const delivered = (
  document: StripeDocument | StripePayment,
  overrides: Partial<DeliveredDocument> = {},
): DeliveredDocument => ({
  document,
  externalId: "in_1",
  sent: [],
  notedStatus: "FINALIZED",
  notedDetails: { number: "A-1" },
  delivery: "SENT",
  isVoid: false,
  notes: [],
  ...overrides,
});

const line = (key: string, overrides: Partial<Stripe.InvoiceLineItem> = {}) => ({
  ...stripeLine(key),
  description: key,
  quantity: 1,
  ...overrides,
});

/** Of two lines of 100, open, as it was sent. */
const invoice = (overrides: Partial<Stripe.Invoice> = {}): Stripe.Invoice =>
  stripeInvoice({
    status: "open",
    number: "A-1",
    total: 200,
    amount_due: 200,
    amount_overpaid: 0,
    amount_paid: 0,
    pre_payment_credit_notes_amount: 0,
    discounts: [],
    total_discount_amounts: [],
    default_tax_rates: [],
    automatic_tax: { enabled: false } as Stripe.Invoice.AutomaticTax,
    due_date: null,
    created: CREATED,
    metadata: { ledgerline_invoice_id: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11" },
    ...overrides,
  });

const inspected = (
  overrides: Partial<Stripe.Invoice> = {},
  lines = [line("a"), line("b")],
): Inspected => ({ state: "invoice", invoice: invoice(overrides), lines, notes: [] });

const paid = (amount: number) =>
  ({ status: "paid", amount_paid: amount, payment: {} }) as Stripe.InvoicePayment;
const payments = (...amounts: number[]) =>
  ({ data: amounts.map(paid) }) as Stripe.ApiList<Stripe.InvoicePayment>;

const plain = sampleDocument(["a", "b"]);
const sends = sampleDocument(["a", "b"], { collectionMethod: "send_invoice", daysUntilDue: 30 });
const sent = (due: number) => ({
  collection_method: "send_invoice" as const,
  due_date: CREATED + due * DAY,
});
const finalized = {
  status_transitions: {
    finalized_at: CREATED + DAY,
    marked_uncollectible_at: null,
    paid_at: null,
    voided_at: null,
  },
};
const tax = (amount: number) => [{ amount }] as Stripe.Invoice.TotalTax[];
const stated = (amountMinor: bigint): StripeDocument => ({
  ...plain,
  tax: { mode: "precalculated", isStated: true, waitMinutes: 60, onTimeout: "finalize" },
  lines: putTaxes(plain.lines, [{ name: "VAT", percentage: "19", amountMinor }]),
});
const stripeTax = {
  ...plain,
  tax: { mode: "stripe", waitMinutes: 60, onTimeout: "finalize" },
} as const;

type Row = readonly [
  what: string,
  delivery: DeliveredDocument,
  observed: Inspected,
  /** Class, and what is done: an action, or "refused". */
  expected: Readonly<Record<string, string>>,
];

const ROWS: readonly Row[] = [
  ["as it was sent", delivered(plain), inspected(), {}],
  [
    "gone, left as a draft",
    delivered(plain, { notedStatus: null }),
    { state: "missing" },
    { deleted: "recreate" },
  ],
  [
    "gone, known to be deleted",
    delivered(plain, { notedStatus: "DELETED" }),
    { state: "missing" },
    { deleted: "recreate" },
  ],
  [
    "gone, refused before",
    delivered(plain, { notedStatus: "INVALID_REQUEST_ERROR", delivery: "FAILED" }),
    { state: "missing" },
    { deleted: "recreate" },
  ],
  ["gone, final", delivered(plain), { state: "missing" }, { missing: "recreate" }],
  [
    "gone, paid",
    delivered(plain, { notedStatus: "PAID" }),
    { state: "missing" },
    { missing: "refused" },
  ],
  ["gone, void here", delivered(plain, { isVoid: true }), { state: "missing" }, {}],
  ["no number there", delivered(plain), inspected({ number: null }), { number_missing: "refused" }],
  [
    "another number",
    delivered(plain),
    inspected({ number: "A-2" }),
    { number_missing: "refresh_status" },
  ],
  ["due in time", delivered(sends), inspected({ ...sent(31), ...finalized }), {}],
  [
    "due a day late, counted from the draft",
    delivered(sends),
    inspected({ ...sent(30), ...finalized }),
    {},
  ],
  [
    "due 3 days late",
    delivered(sends),
    inspected({ ...sent(34), ...finalized }),
    { due_date_changed: "refused" },
  ],
  [
    "not due at all",
    delivered(sends),
    inspected({ ...sent(0), due_date: null }),
    { due_date_changed: "refused" },
  ],
  [
    "due at a fixed time",
    delivered({ ...sends, daysUntilDue: undefined, dueDate: CREATED + 9 * DAY }),
    inspected(sent(9)),
    {},
  ],
  [
    "tax that is not wanted",
    delivered(plain),
    inspected({ total: 238, total_taxes: tax(38) }),
    { tax_unexpected: "void_and_recreate" },
  ],
  [
    "automatic tax on a draft",
    delivered(plain, { notedStatus: null }),
    inspected({ status: "draft", automatic_tax: { enabled: true } as Stripe.Invoice.AutomaticTax }),
    { tax_unexpected: "remove_taxes", stuck_draft: "refused" },
  ],
  [
    "tax as it was stated",
    delivered(stated(38n)),
    inspected({ total: 238, total_taxes: tax(38) }),
    {},
  ],
  [
    "less tax than was stated",
    delivered(stated(38n)),
    inspected({ total: 230, total_taxes: tax(30) }),
    { tax_unexpected: "void_and_recreate" },
  ],
  [
    "other tax than was stated, on a draft",
    delivered(stated(38n), { notedStatus: null }),
    inspected({ status: "draft", total: 200, total_taxes: [] }),
    { tax_unexpected: "delete_and_recreate", stuck_draft: "refused" },
  ],
  ["tax that is wanted", delivered(stripeTax), inspected({ total: 238, total_taxes: tax(38) }), {}],
  [
    "a line of a tax app",
    delivered({ ...stripeTax, tax: { mode: "avalara", waitMinutes: 60, onTimeout: "finalize" } }),
    inspected({}, [line("a"), line("b"), { ...line("t"), metadata: {}, description: "Sales tax" }]),
    {},
  ],
  [
    "a line more, open",
    delivered(plain),
    inspected({ total: 300 }, [line("a"), line("b"), line("c")]),
    { extra_lines: "void_and_recreate" },
  ],
  [
    "a line more, collected by a gate",
    delivered({ ...plain, collection: { wanted: "paid", isOnSession: false } }),
    inspected({ total: 300 }, [line("a"), line("b"), line("c")]),
    { extra_lines: "refused" },
  ],
  [
    "a line more, paid in part",
    delivered(plain, { notedStatus: "PARTIALLY_PAID" }),
    inspected({ total: 300, amount_paid: 5 }, [line("a"), line("b"), line("c")]),
    { extra_lines: "refused" },
  ],
  [
    "other text, open",
    delivered(plain),
    inspected({}, [line("a"), line("b", { description: "B" })]),
    { edited_lines: "refused" },
  ],
  [
    "no key, open",
    delivered(plain),
    inspected({}, [line("a"), line("b", { metadata: {} })]),
    { metadata_removed: "refused" },
  ],
  [
    "paid once",
    delivered(plain, { notedStatus: "PAID" }),
    inspected({ status: "paid", amount_paid: 200, payments: payments(200) }),
    {},
  ],
  [
    "paid in two parts",
    delivered(plain, { notedStatus: "PAID" }),
    inspected({ status: "paid", amount_paid: 200, payments: payments(150, 50) }),
    {},
  ],
  [
    "paid twice",
    delivered(plain, { notedStatus: "PAID" }),
    inspected({ status: "paid", amount_paid: 200, payments: payments(200, 200) }),
    { paid_twice: "refused" },
  ],
  [
    "paid too much",
    delivered(plain, { notedStatus: "PAID" }),
    inspected({ status: "paid", amount_paid: 200, amount_overpaid: 9, payments: payments(209) }),
    { overpaid: "refused" },
  ],
  [
    "paid by a balance",
    delivered(plain, { notedStatus: "PAID" }),
    inspected({ status: "paid", amount_due: 0 }),
    { paid_without_money: "refused" },
  ],
  [
    "credited in full",
    delivered(plain, { notedStatus: "PAID" }),
    inspected({ status: "paid", amount_due: 0, pre_payment_credit_notes_amount: 200 }),
    {},
  ],
  [
    "given up, and known",
    delivered(plain, { notedStatus: "UNCOLLECTIBLE" }),
    inspected({ status: "uncollectible" }),
    {},
  ],
  [
    "given up",
    delivered(plain),
    inspected({ status: "uncollectible" }),
    { marked_uncollectible: "refresh_status" },
  ],
  [
    "taken back by a gate",
    delivered(
      { ...plain, collection: { wanted: "canceled", isOnSession: false } },
      { notedStatus: "VOID" },
    ),
    inspected({ status: "void" }),
    {},
  ],
  [
    "a draft that was refused",
    delivered(plain, { delivery: "FAILED", notedStatus: "INVALID_REQUEST_ERROR" }),
    inspected({ status: "draft" }),
    { stuck_draft: "retry_run" },
  ],
  [
    "a draft that was to be left",
    delivered({ ...plain, leaveAsDraft: true }, { notedStatus: null }),
    inspected({ status: "draft", number: null }),
    {},
  ],
];

test.each(ROWS)("%s", (_what, delivery, observed, expected) => {
  const found = compareDocument(delivery, observed).map((discrepancy) => {
    const repair = repairDocument(discrepancy, delivery, observed);
    return [discrepancy.class, repair.outcome === "act" ? repair.action : "refused"];
  });
  expect(Object.fromEntries(found)).toEqual(expected);
});

const payment: StripePayment = {
  kind: "payment",
  invoiceId: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11",
  customer: "cus_1",
  currency: "usd",
  amountMinor: 200n,
  description: "Top-up",
  metadata: { metronome_id: "m" },
  collection: { wanted: "paid", isOnSession: false },
};

const intent = (overrides: Partial<Stripe.PaymentIntent> = {}): Inspected => ({
  state: "payment",
  intent: {
    id: "pi_1",
    status: "succeeded",
    customer: "cus_1",
    currency: "usd",
    amount: 200,
    created: CREATED,
    metadata: { metronome_id: "m" },
    last_payment_error: null,
    ...overrides,
  } as Stripe.PaymentIntent,
});

const collected = (overrides: Partial<DeliveredDocument> = {}) =>
  delivered(payment, { notedStatus: "PAID", ...overrides });

const PAYMENT_ROWS: readonly Row[] = [
  ["as it was made", collected(), intent(), {}],
  ["of another amount", collected(), intent({ amount: 100 }), { edited_total: "refused" }],
  ["of another payer", collected(), intent({ customer: "cus_2" }), { customer_changed: "refused" }],
  [
    "in another currency",
    collected(),
    intent({ currency: "eur" }),
    { currency_differs: "refused" },
  ],
  [
    "without metadata",
    collected(),
    intent({ metadata: {} }),
    { metadata_removed: "restore_metadata" },
  ],
  [
    "failed, not known",
    collected({ notedStatus: "FINALIZED" }),
    intent({ status: "requires_payment_method" }),
    { status_missed: "refresh_status" },
  ],
  [
    "made, not known",
    collected({ notedStatus: "PAYMENT_FAILED" }),
    intent(),
    { open_here_paid_there: "refresh_status" },
  ],
  [
    "void here, open there",
    collected({ isVoid: true, notedStatus: "PAYMENT_FAILED" }),
    intent({ status: "requires_action" }),
    { void_here_open_there: "cancel_payment" },
  ],
  [
    "void here, made there",
    collected({ isVoid: true }),
    intent(),
    { void_here_open_there: "refused" },
  ],
];

test.each(PAYMENT_ROWS)("a payment %s", (_what, delivery, observed, expected) => {
  const found = compareDocument(delivery, observed).map((discrepancy) => {
    const repair = repairDocument(discrepancy, delivery, observed);
    return [discrepancy.class, repair.outcome === "act" ? repair.action : "refused"];
  });
  expect(Object.fromEntries(found)).toEqual(expected);
});
