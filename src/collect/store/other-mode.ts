import type { Scope } from "../scope.ts";

/** Where the objects are kept that a refusal calls by these names. */
const TABLES = {
  PaymentMethod: "payment_methods",
  charge: "charges",
  coupon: "coupons",
  credit_note: "credit_notes",
  customer: "customers",
  "customer balance transaction": "customer_balance_transactions",
  event: "events",
  invoice: "invoices",
  invoice_payment: "invoice_payments",
  invoiceitem: "invoice_items",
  payment_intent: "payment_intents",
  payment_record: "payment_records",
  plan: "prices",
  price: "prices",
  product: "products",
  refund: "refunds",
  subscription: "subscriptions",
  subscription_item: "subscription_items",
  tax_rate: "tax_rates",
  test_clock: "test_clocks",
  "webhook endpoint": "webhook_endpoints",
} as const;

const isKept = (what: string): what is keyof typeof TABLES => Object.hasOwn(TABLES, what);

/** Whether the same account has such an object in the mode that this work does not belong to. */
export async function isInOtherMode(scope: Scope, what: string, id: string): Promise<boolean> {
  if (!isKept(what)) return false;
  const row = await scope.tx
    .selectFrom(TABLES[what])
    .select("id")
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", !scope.livemode)
    .where("id", "=", id)
    .executeTakeFirst();
  return row !== undefined;
}
