import type { Type } from "typescript/unstable/sync";
import type { StripePackage } from "./open-package.ts";
import { type Definitions, type JsonSchema, schemaWriter } from "./to-json-schema.ts";

/** `object` of a reply -> the file and the interface that describe it. */
const ROOTS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  account: ["Accounts", "Account"],
  charge: ["Charges", "Charge"],
  coupon: ["Coupons", "Coupon"],
  credit_note: ["CreditNotes", "CreditNote"],
  credit_note_line_item: ["CreditNoteLineItems", "CreditNoteLineItem"],
  customer: ["Customers", "Customer"],
  customer_balance_transaction: ["CustomerBalanceTransactions", "CustomerBalanceTransaction"],
  discount: ["Discounts", "Discount"],
  event: ["Events", "EventBase"],
  invoice: ["Invoices", "Invoice"],
  invoice_payment: ["InvoicePayments", "InvoicePayment"],
  invoiceitem: ["InvoiceItems", "InvoiceItem"],
  line_item: ["InvoiceLineItems", "InvoiceLineItem"],
  payment_intent: ["PaymentIntents", "PaymentIntent"],
  payment_method: ["PaymentMethods", "PaymentMethod"],
  payment_record: ["PaymentRecords", "PaymentRecord"],
  plan: ["Plans", "Plan"],
  price: ["Prices", "Price"],
  product: ["Products", "Product"],
  refund: ["Refunds", "Refund"],
  subscription: ["Subscriptions", "Subscription"],
  subscription_item: ["SubscriptionItems", "SubscriptionItem"],
  tax_rate: ["TaxRates", "TaxRate"],
  "test_helpers.test_clock": ["TestHelpers/TestClocks", "TestClock"],
  webhook_endpoint: ["WebhookEndpoints", "WebhookEndpoint"],
};

/** What is known of every reply that Collect may give. */
export interface ResponseSchemas {
  /** `object` -> its schema. */
  readonly objects: Readonly<Record<string, JsonSchema>>;
  /** `object` -> the schema of what a DELETE leaves: `{ id, object, deleted: true }`. */
  readonly deleted: Readonly<Record<string, JsonSchema>>;
  /** Type of an event -> the schema of the object that it is about. */
  readonly events: Readonly<Record<string, JsonSchema>>;
  readonly definitions: Definitions;
}

/** The schemas of all objects that Collect answers with, from the package's own types. */
export function responseSchemas({ checker, exportsOf }: StripePackage): ResponseSchemas {
  const writer = schemaWriter(checker, (object) => object === "list" || object in ROOTS);
  const schemaOf = (file: string, type: string): JsonSchema | undefined => {
    const symbol = exportsOf(file).get(type);
    return symbol === undefined ? undefined : writer.write(checker.getDeclaredTypeOfSymbol(symbol));
  };
  const objects: Record<string, JsonSchema> = {};
  const deleted: Record<string, JsonSchema> = {};
  for (const [object, [file, type]] of Object.entries(ROOTS)) {
    const schema = schemaOf(file, type);
    if (schema === undefined) throw new Error(`The stripe package has no ${type} in ${file}`);
    objects[object] = schema;
    const remains = schemaOf(file, `Deleted${type}`);
    if (remains !== undefined) deleted[object] = remains;
  }
  const events: Record<string, JsonSchema> = {};
  for (const [name, symbol] of exportsOf("Events")) {
    if (!name.endsWith("Event") || name === "Event") continue;
    const event = checker.getDeclaredTypeOfSymbol(symbol);
    const member = (of: Type, property: string): Type | undefined => {
      const found = checker.getPropertyOfType(of, property);
      return found === undefined ? undefined : checker.getTypeOfSymbol(found);
    };
    const type = member(event, "type");
    const data = member(event, "data");
    const object = data === undefined ? undefined : member(data, "object");
    if (type === undefined || !type.isStringLiteralType() || object === undefined) continue;
    const schema = writer.write(object);
    if (schema.not === undefined) events[String(type.value)] = schema;
  }
  return { objects, deleted, events, definitions: writer.definitions };
}
