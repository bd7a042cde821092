import { readFileSync, writeFileSync } from "node:fs";
import { collectShapes, type PropertyShape, readInterfaces } from "./stripe-types.ts";

/*
 * Writes test/collect/stripe-shapes.json: for each object that Collect answers with, the properties
 * that the `stripe` package's types promise. Run it again when the package changes:
 * `node scripts/collect-required-keys.ts`.
 */

const RESOURCES = "node_modules/stripe/esm/resources";
const TARGET = "test/collect/stripe-shapes.json";

/** `object` of a reply -> the file and the interface that describe it. */
const ROOTS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  account: ["Accounts", "Account"],
  charge: ["Charges", "Charge"],
  coupon: ["Coupons", "Coupon"],
  credit_note: ["CreditNotes", "CreditNote"],
  credit_note_line_item: ["CreditNoteLineItems", "CreditNoteLineItem"],
  customer: ["Customers", "Customer"],
  discount: ["Discounts", "Discount"],
  customer_balance_transaction: ["CustomerBalanceTransactions", "CustomerBalanceTransaction"],
  event: ["Events", "EventBase"],
  invoice: ["Invoices", "Invoice"],
  invoice_payment: ["InvoicePayments", "InvoicePayment"],
  invoiceitem: ["InvoiceItems", "InvoiceItem"],
  line_item: ["InvoiceLineItems", "InvoiceLineItem"],
  payment_record: ["PaymentRecords", "PaymentRecord"],
  refund: ["Refunds", "Refund"],
  payment_intent: ["PaymentIntents", "PaymentIntent"],
  payment_method: ["PaymentMethods", "PaymentMethod"],
  price: ["Prices", "Price"],
  plan: ["Plans", "Plan"],
  product: ["Products", "Product"],
  subscription: ["Subscriptions", "Subscription"],
  subscription_item: ["SubscriptionItems", "SubscriptionItem"],
  "test_helpers.test_clock": ["TestHelpers/TestClocks", "TestClock"],
  tax_rate: ["TaxRates", "TaxRate"],
  webhook_endpoint: ["WebhookEndpoints", "WebhookEndpoint"],
};

const sources = [
  ...Object.values(ROOTS).map(([file]) => `${RESOURCES}/${file}.d.ts`),
  "node_modules/stripe/esm/shared.d.ts",
];
const interfaces = new Map(
  sources.flatMap((source) => [...readInterfaces(readFileSync(source, "utf8"))]),
);
const objects = Object.fromEntries(Object.entries(ROOTS).map(([name, [, type]]) => [name, type]));
const missing = Object.values(objects).filter((type) => !interfaces.has(type));
if (missing.length > 0) throw new Error(`Not found in the stripe package: ${missing.join(", ")}`);
const shapes = collectShapes(interfaces, Object.values(objects));
/** "o" optional, "n" nullable, then the interfaces that a value may have: "on Address". */
const toCode = ({ optional, nullable, shapes: names }: PropertyShape): string =>
  [`${optional ? "o" : ""}${nullable ? "n" : ""}`, ...names].join(" ");

const codes = Object.fromEntries(
  Object.entries(shapes).map(([type, shape]) => [
    type,
    Object.fromEntries(Object.entries(shape).map(([name, property]) => [name, toCode(property)])),
  ]),
);
writeFileSync(TARGET, `${JSON.stringify({ objects, shapes: codes }, null, 2)}\n`);
process.stdout.write(`${TARGET}: ${Object.keys(shapes).length} types\n`);
