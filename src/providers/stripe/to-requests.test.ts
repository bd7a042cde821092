import { expect, test } from "vitest";
import { sampleDocument } from "../../../test/support/sample-delivery.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { toAddLines, toCreate } from "./to-requests.ts";

const waiting = { waitMinutes: 60, onTimeout: "finalize" } as const;

test.each<[string, Partial<StripeDocument>, Record<string, unknown>]>([
  ["nothing special", {}, { automatic_tax: { enabled: false } }],
  ["days until it is due", { daysUntilDue: 14 }, { days_until_due: 14 }],
  [
    "a due date in their place",
    { daysUntilDue: 14, dueDate: 1_800_000_000 },
    { due_date: 1_800_000_000 },
  ],
  ["tax by Stripe", { tax: { mode: "stripe", ...waiting } }, { automatic_tax: { enabled: true } }],
  ["tax by an app", { tax: { mode: "avalara", ...waiting } }, { automatic_tax: { enabled: true } }],
  [
    "custom fields",
    { customFields: [{ name: "PO", value: "4711" }] },
    { custom_fields: [{ name: "PO", value: "4711" }] },
  ],
])("a draft with %s", (_what, overrides, expected) => {
  const { params } = toCreate(sampleDocument(["a"], overrides));
  expect(params).toEqual({
    customer: "cus_1",
    currency: "usd",
    collection_method: "charge_automatically",
    auto_advance: false,
    automatic_tax: { enabled: false },
    discounts: "",
    pending_invoice_items_behavior: "exclude",
    metadata: { ledgerline_invoice_id: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11" },
    ...expected,
  });
});

const priceData = { currency: "usd", unit_amount_decimal: "50", product_data: { name: "a" } };
const amount = { currency: "usd", unit_amount_decimal: "100" };

test.each<[string, Partial<StripeLine>, Record<string, unknown>]>([
  ["an amount", {}, { amount: 100 }],
  ["a credit", { amountMinor: -100n, productId: "prod_1" }, { amount: -100 }],
  [
    "quantity and price",
    { priced: { quantity: "2", unitAmountDecimal: "50" } },
    { quantity: 2, price_data: priceData },
  ],
  [
    "a quantity with decimals",
    { priced: { quantity: "2.5", unitAmountDecimal: "50" } },
    { quantity_decimal: "2.5", price_data: priceData },
  ],
  [
    "quantity and price of a product that is there",
    { priced: { quantity: "2", unitAmountDecimal: "50" }, productId: "prod_1" },
    {
      quantity: 2,
      price_data: { currency: "usd", unit_amount_decimal: "50", product: "prod_1" },
    },
  ],
  [
    "an amount of a product that is there: one piece at its price",
    { productId: "prod_1" },
    { quantity: 1, price_data: { ...amount, product: "prod_1" } },
  ],
  [
    "an amount whose price carries metadata",
    { priceMetadata: { code: "x" } },
    { quantity: 1, price_data: { ...amount, product_data: { name: "a" } } },
  ],
  [
    "an amount that tax comes on top of",
    { taxBehavior: "exclusive" },
    {
      quantity: 1,
      price_data: { ...amount, tax_behavior: "exclusive", product_data: { name: "a" } },
    },
  ],
  [
    "metadata: ours stands beside it and cannot be taken",
    { metadata: { region: "eu", ledgerline_line_key: "b" } },
    { amount: 100, metadata: { region: "eu", ledgerline_line_key: "a" } },
  ],
  [
    "tax that was calculated elsewhere",
    { taxes: [{ amountMinor: 19n, taxableAmountMinor: 100n, name: "VAT", percentage: "19" }] },
    {
      amount: 100,
      tax_amounts: [
        {
          amount: 19,
          taxable_amount: 100,
          tax_rate_data: { display_name: "VAT", inclusive: false, percentage: "19" },
        },
      ],
    },
  ],
])("a line with %s", (_what, overrides, expected) => {
  const [line] = sampleDocument(["a"]).lines;
  if (line === undefined) throw new Error("no line");
  const { path, params } = toAddLines("in_1", [{ ...line, ...overrides }], "usd");
  expect(path).toBe("/v1/invoices/in_1/add_lines");
  expect(params.lines).toEqual([
    {
      description: "a",
      discountable: false,
      metadata: { ledgerline_line_key: "a" },
      ...expected,
    },
  ]);
});
