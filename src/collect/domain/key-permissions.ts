/** What a restricted key may do, by resource; what is not named it may not touch. */
export type KeyPermissions = Readonly<Record<string, "read" | "write">>;

/** What a restricted key is given rights to. Invoices cover their items, lines and payments. */
export const KEY_RESOURCES = [
  "account",
  "charges",
  "coupons",
  "credit_notes",
  "customers",
  "events",
  "invoices",
  "payment_intents",
  "payment_methods",
  "payment_records",
  "prices",
  "products",
  "subscriptions",
  "tax_rates",
  "test_clocks",
  "webhook_endpoints",
] as const;

export type KeyResource = (typeof KEY_RESOURCES)[number];

/** The resource of each first part of a path under /v1. */
const RESOURCE_OF: Readonly<Record<string, KeyResource>> = {
  account: "account",
  accounts: "account",
  charges: "charges",
  coupons: "coupons",
  credit_notes: "credit_notes",
  customers: "customers",
  events: "events",
  invoice_payments: "invoices",
  invoiceitems: "invoices",
  invoices: "invoices",
  payment_intents: "payment_intents",
  payment_methods: "payment_methods",
  payment_records: "payment_records",
  plans: "prices",
  prices: "prices",
  products: "products",
  refunds: "charges",
  subscription_items: "subscriptions",
  subscriptions: "subscriptions",
  tax_rates: "tax_rates",
  test_helpers: "test_clocks",
  webhook_endpoints: "webhook_endpoints",
};

/** Objects whose resource does not follow from their name. */
const RESOURCE_OF_OBJECT: Readonly<Record<string, KeyResource>> = {
  account: "account",
  customer_balance_transaction: "customers",
  credit_note_line_item: "credit_notes",
  discount: "coupons",
  invoice_payment: "invoices",
  invoiceitem: "invoices",
  line_item: "invoices",
  plan: "prices",
  refund: "charges",
  subscription_item: "subscriptions",
  "test_helpers.test_clock": "test_clocks",
};

/** What a request to this path needs rights to: "/v1/customers/:customer/payment_methods". */
export function resourceOfPath(path: string): KeyResource {
  const [, , first = ""] = path.split("/");
  const resource = path.includes("/payment_methods") ? "payment_methods" : RESOURCE_OF[first];
  if (resource === undefined) throw new Error(`No key resource covers ${path}`);
  return resource;
}

/** What reading such an object needs rights to: "customer" -> "customers". */
export function resourceOfObject(object: string): KeyResource {
  const named = `${object}s` as KeyResource;
  const resource =
    RESOURCE_OF_OBJECT[object] ?? (KEY_RESOURCES.includes(named) ? named : undefined);
  if (resource === undefined) throw new Error(`No key resource covers the object ${object}`);
  return resource;
}

/** Whether a key may read, or write, a resource; null: a secret key, which may do everything. */
export const isPermitted = (
  permissions: KeyPermissions | null,
  resource: KeyResource,
  wanted: "read" | "write",
): boolean =>
  permissions === null ||
  permissions[resource] === "write" ||
  (wanted === "read" && permissions[resource] === "read");
