import { expect, test } from "vitest";
import {
  type SampleLine,
  sampleConnection,
  sampleInvoice,
} from "../../../test/support/sample-delivery.ts";
import { findCreditTypeOfCurrency } from "../../domain/credit-type.ts";
import { instant } from "../../domain/time.ts";
import { writeExact } from "../../platform/json/exact-json.ts";
import { toQuickBooksDocument } from "./to-document.ts";
import { toFields } from "./to-requests.ts";

interface Example {
  readonly id: string;
  /** Each on the item of its number: "p21" on 21. */
  readonly lines: readonly SampleLine[];
  readonly payer?: string;
  readonly currency?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly kind?: "CreditMemo";
}

const REST = "-0000-4000-8000-000000000000";
const LAST = "2026-04-01";

/** What goes out, to the byte, of an invoice of March that is issued on the first of April. */
function body({ id, lines, payer = "58", currency = "USD", settings = {}, kind }: Example): string {
  const invoice = sampleInvoice(
    lines.map((line) => ({ startingAt: null, endingBefore: null, ...line })),
    {
      id: `${id}${REST}`,
      contractId: "c1",
      issuedAt: instant(`${LAST}T10:00:00Z`),
      startAt: instant("2026-03-01T00:00:00Z"),
      endAt: instant(`${LAST}T00:00:00Z`),
      creditTypeId: findCreditTypeOfCurrency(currency)?.id ?? "",
      currentFields: {
        customer: { customer: { qbo_customer_id: payer } },
        contract_product: Object.fromEntries(
          lines.map(({ productId }) => [productId, { qbo_item_id: productId?.slice(1) ?? "" }]),
        ),
      },
    },
  );
  const connection = sampleConnection({ realm_id: "9130", commit_item_id: "30", ...settings });
  const plan = toQuickBooksDocument(invoice, {}, connection);
  if (plan.outcome !== "send") throw new Error(JSON.stringify(plan));
  expect(plan.document.kind).toBe(kind ?? "Invoice");
  const resolved = { customerId: payer, itemIds: new Map<string, string>() };
  return writeExact(toFields(plan.document, plan.document.numbers[0], resolved));
}

/** The header and the lines that a row expects, as they follow each other. */
const whole = (
  { id, payer = "58", kind }: Example,
  between: string,
  lines: readonly string[],
): string =>
  `{"CustomerRef":{"value":"${payer}"},"TxnDate":"${LAST}",` +
  `${kind === "CreditMemo" ? "" : '"DueDate":"2026-05-01",'}"DocNumber":"MTR-${id.toUpperCase()}",${between}` +
  `"PrivateNote":"invoice=${id}${REST}; FINALIZED; 2026-03-01..${LAST}; contract=c1",` +
  `"CustomerMemo":{"value":"Usage 1 Mar 2026 to 31 Mar 2026"},"Line":[${lines.join(",")}]}`;

const line = (amount: string, text: string, detail: string): string =>
  `{"Amount":${amount},"DetailType":"SalesItemLineDetail","Description":"${text}","SalesItemLineDetail":${detail}}`;
const detail = (item: number, quantity: string, price: string, tax = ""): string =>
  `{"ItemRef":{"value":"${item}"},"Qty":${quantity},"UnitPrice":${price}${tax}}`;

const API_CALLS = { name: "API Calls", productId: "p21" };
const applied = (total: string): SampleLine => ({
  name: "Prepaid commit applied",
  type: "applied_commit_or_credit",
  productId: "p21",
  total,
  quantity: null,
  unitPrice: null,
});
const CODE = ',"TaxCodeRef":{"value":"2"}';
const EUROS = { id: "d00d4e11", payer: "77" };

test.each<[string, Example, string, readonly string[]]>([
  [
    // 1234567.89 x 0.0325 c = 401.23456425; 987654321 x 0.000012345 c = 121.92592592745, of 11 decimals.
    "E2: a rate of six decimals survives, one of eleven goes as one piece",
    {
      id: "0b2c91dd",
      lines: [
        { name: "Storage GB-hours", productId: "p22", quantity: "1234567.89", unitPrice: "0.0325" },
        { name: "Tokens", productId: "p23", quantity: "987654321", unitPrice: "0.000012345" },
      ],
    },
    "",
    [
      line("401.23", "Storage GB-hours (usage); product p22", detail(22, "1234567.89", "0.000325")),
      line(
        "121.93",
        "Tokens (usage); product p23; 987654321 x 0.00000012345",
        detail(23, "1", "121.93"),
      ),
    ],
  ],
  [
    // 1000000 x 0.25 c = 2500.00; 2500 - 2000 = 500, not below zero.
    "E3: a commit that is drawn down is a negative line on its own item",
    {
      id: "7a1f00c2",
      lines: [{ ...API_CALLS, quantity: "1000000", unitPrice: "0.25" }, applied("-200000")],
    },
    "",
    [
      line("2500", "API Calls (usage); product p21", detail(21, "1000000", "0.0025")),
      line(
        "-2000",
        "Prepaid commit applied (commit or credit applied); product p21",
        detail(30, "1", "-2000"),
      ),
    ],
  ],
  [
    // 2500 - 2600 = -100: the memo credits 100, with every sign turned, and is due never.
    "E3 below zero: a credit memo of 100",
    {
      id: "7a1f00c2",
      lines: [{ ...API_CALLS, quantity: "1000000", unitPrice: "0.25" }, applied("-260000")],
      kind: "CreditMemo",
    },
    "",
    [
      line("-2500", "API Calls (usage); product p21", detail(21, "1000000", "-0.0025")),
      line(
        "2600",
        "Prepaid commit applied (commit or credit applied); product p21",
        detail(30, "1", "2600"),
      ),
    ],
  ],
  [
    // 12.345 + 20.115 + 7.545 = 40.005 -> 40.01; 12.35 + 20.12 + 7.55 is a cent too much: the last gives it.
    "E4: a cent that moves in rounding",
    {
      id: "91d4e0aa",
      lines: [
        { name: "Events tier 1", productId: "p24", quantity: "1234.5", unitPrice: "1" },
        { name: "Events tier 2", productId: "p24", quantity: "2682", unitPrice: "0.75" },
        { name: "Events tier 3", productId: "p24", quantity: "1509", unitPrice: "0.5" },
      ],
    },
    "",
    [
      line("12.35", "Events tier 1 (usage); product p24", detail(24, "1234.5", "0.01")),
      line("20.12", "Events tier 2 (usage); product p24", detail(24, "2682", "0.0075")),
      line("7.54", "Events tier 3 (usage); product p24; 1509 x 0.005", detail(24, "1", "7.54")),
    ],
  ],
  [
    // Whole pounds on the wire: 40 x 2.50 = 100.00; 59.99; 500 x 0 = 0.
    "E5: 20% in the United Kingdom, the code on every line, the line of zero too",
    {
      id: "3c55b7f1",
      payer: "61",
      currency: "GBP",
      settings: { home_currency: "GBP", tax_code_id: "2" },
      lines: [
        { ...API_CALLS, quantity: "40", unitPrice: "2.5" },
        { name: "Support", productId: "p25", quantity: "1", unitPrice: "59.99" },
        { name: "Free tier", productId: "p26", quantity: "500", unitPrice: "0" },
      ],
    },
    '"GlobalTaxCalculation":"TaxExcluded",',
    [
      line("100", "API Calls (usage); product p21", detail(21, "40", "2.5", CODE)),
      line("59.99", "Support (usage); product p25", detail(25, "1", "59.99", CODE)),
      line("0", "Free tier (usage); product p26", detail(26, "500", "0", CODE)),
    ],
  ],
  [
    // 833 x 1.50 = 1249.50.
    "E6: euros in a company of dollars, at the rate that is set",
    {
      ...EUROS,
      currency: "EUR",
      settings: { multicurrency: true, exchange_rates: { EUR: "1.0825" } },
      lines: [{ ...API_CALLS, quantity: "833", unitPrice: "1.5" }],
    },
    '"CurrencyRef":{"value":"EUR"},"ExchangeRate":1.0825,',
    [line("1249.5", "API Calls (usage); product p21", detail(21, "833", "1.5"))],
  ],
  [
    // No exponent, no division: 500 x 250 = 125000.
    "E6 in yen",
    {
      ...EUROS,
      currency: "JPY",
      settings: { multicurrency: true },
      lines: [{ ...API_CALLS, quantity: "500", unitPrice: "250" }],
    },
    '"CurrencyRef":{"value":"JPY"},',
    [line("125000", "API Calls (usage); product p21", detail(21, "500", "250"))],
  ],
  [
    // -2.5 x 54 = -135: the memo credits 2.5 x 54 = 135, and no price is below zero.
    "usage that is taken back is a quantity that is credited",
    {
      id: "7a1f00c2",
      lines: [{ ...API_CALLS, quantity: "-2.5", unitPrice: "5400" }],
      kind: "CreditMemo",
    },
    "",
    [line("135", "API Calls (usage); product p21", detail(21, "2.5", "54"))],
  ],
  [
    // A credit memo keeps its line of zero, which has no sign.
    "a line of zero in a credit memo",
    {
      id: "7a1f00c2",
      lines: [{ ...API_CALLS, quantity: "5", unitPrice: "0" }, applied("-100")],
      kind: "CreditMemo",
    },
    "",
    [
      line("0", "API Calls (usage); product p21", detail(21, "5", "0")),
      line(
        "1",
        "Prepaid commit applied (commit or credit applied); product p21",
        detail(30, "1", "1"),
      ),
    ],
  ],
  [
    // 3 x 0.0000001 = 0.0000003, which rounds to 0: seven decimals, written out.
    "the smallest price is written without an exponent",
    {
      id: "7a1f00c2",
      lines: [{ ...API_CALLS, quantity: "3", unitPrice: "0.00001" }],
    },
    "",
    [line("0", "API Calls (usage); product p21", detail(21, "3", "0.0000001"))],
  ],
])("%s", (_title, example, between, lines) => {
  expect(body(example)).toBe(whole(example, between, lines));
});
