import { describe, expect, test } from "vitest";
import {
  type SampleLine,
  sampleConnection,
  sampleInvoice,
} from "../../../test/support/sample-delivery.ts";
import { findCreditTypeOfCurrency } from "../../domain/credit-type.ts";
import { instant } from "../../domain/time.ts";
import { writeExact } from "../../platform/json/exact-json.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { QuickBooksDocument } from "./document.ts";
import { toQuickBooksDocument } from "./to-document.ts";
import { toFields } from "./to-requests.ts";

const ID = "ef9e4917-2d1c-5b7a-9a70-2f6d5f1f3b11";

const BASE: Partial<DeliverableInvoice> = {
  id: ID,
  contractId: "c1",
  contractName: "Acme 2026",
  issuedAt: instant("2026-03-01T10:00:00Z"),
  startAt: instant("2026-02-01T00:00:00Z"),
  endAt: instant("2026-03-01T00:00:00Z"),
};
const WINDOW = {
  startingAt: instant("2026-02-01T00:00:00Z"),
  endingBefore: instant("2026-03-01T00:00:00Z"),
};

/** Products with an item each: "p21" has item 21. */
const mapped = (lines: readonly SampleLine[]) => ({
  customer: { customer: { qbo_customer_id: "58" } },
  contract: { c1: { qbo_memo_ref: "PO-7" } },
  contract_product: Object.fromEntries(
    lines.flatMap(({ productId }) =>
      productId == null ? [] : [[productId, { qbo_item_id: productId.slice(1) }]],
    ),
  ),
});

function plan(
  lines: readonly SampleLine[],
  settings: Record<string, unknown> = {},
  overrides: Partial<DeliverableInvoice> = {},
) {
  const windowed = lines.map((line) => ({ ...WINDOW, ...line }));
  const invoice = sampleInvoice(windowed, {
    ...BASE,
    currentFields: mapped(lines),
    ...overrides,
  });
  return toQuickBooksDocument(
    invoice,
    {},
    sampleConnection({ realm_id: "9130", commit_item_id: "30", ...settings }),
  );
}

function document(...given: Parameters<typeof plan>): QuickBooksDocument {
  const planned = plan(...given);
  if (planned.outcome !== "send") throw new Error(JSON.stringify(planned));
  return planned.document;
}

/** What goes out, to the byte. */
const body = (...given: Parameters<typeof plan>): string => {
  const made = document(...given);
  return writeExact(
    toFields(made, made.numbers[0], {
      customerId: made.customer.id ?? "",
      itemIds: new Map(),
    }),
  );
};

/** The lines of what goes out, as short texts: "Amount = Qty x UnitPrice (item)". */
const lines = (...given: Parameters<typeof plan>): string[] =>
  (
    JSON.parse(body(...given)) as {
      Line: {
        Amount: number;
        SalesItemLineDetail: { ItemRef: { value: string }; Qty: number; UnitPrice: number };
      }[];
    }
  ).Line.map(
    ({ Amount, SalesItemLineDetail: { ItemRef, Qty, UnitPrice } }) =>
      `${Amount} = ${Qty} x ${UnitPrice} (${ItemRef.value})`,
  );

const idOf = (code: string): string => findCreditTypeOfCurrency(code)?.id ?? "";
const [EUR, JPY, GBP] = [idOf("EUR"), idOf("JPY"), idOf("GBP")];

test("the guide's own example goes out to the byte: 140.73 x 54.00 = 7599.42", () => {
  expect(
    body([{ name: "Warehouse Compute", productId: "p21", quantity: "140.73", unitPrice: "5400" }]),
  ).toBe(
    '{"CustomerRef":{"value":"58"},"TxnDate":"2026-03-01","DueDate":"2026-03-31","DocNumber":"MTR-EF9E4917",' +
      `"PrivateNote":"invoice=${ID}; FINALIZED; 2026-02-01..2026-03-01; contract=c1; Acme 2026; ref=PO-7",` +
      '"CustomerMemo":{"value":"Usage 1 Feb 2026 to 28 Feb 2026, Acme 2026"},' +
      '"Line":[{"Amount":7599.42,"DetailType":"SalesItemLineDetail",' +
      '"Description":"Warehouse Compute (usage); 2026-02-01 to 2026-03-01; product p21",' +
      '"SalesItemLineDetail":{"ItemRef":{"value":"21"},"Qty":140.73,"UnitPrice":54}}]}',
  );
});

describe("lines whose amount is not what QuickBooks would multiply are one piece", () => {
  test("sub-cent rates: 11 decimals do not survive, six do", () => {
    // 1234567.89 x 0.000325 = 401.23456425; 987654321 x 0.00000012345 = 121.92592592745.
    expect(
      lines([
        { name: "Storage", productId: "p22", quantity: "1234567.89", unitPrice: "0.0325" },
        { name: "Tokens", productId: "p23", quantity: "987654321", unitPrice: "0.000012345" },
      ]),
    ).toEqual(["401.23 = 1234567.89 x 0.000325 (22)", "121.93 = 1 x 121.93 (23)"]);
  });

  test("their true quantity and price stand in the text", () => {
    const [line] = document([
      { name: "Tokens", productId: "p23", quantity: "987654321", unitPrice: "0.000012345" },
    ]).lines;
    expect(line?.description).toBe(
      "Tokens (usage); 2026-02-01 to 2026-03-01; product p23; 987654321 x 0.00000012345",
    );
  });

  test("a cent that moves in rounding: 12.345 + 20.115 + 7.545 = 40.005, which is 40.01", () => {
    const tier = { name: "Events", productId: "p24" };
    expect(
      lines([
        { ...tier, quantity: "1234.5", unitPrice: "1" },
        { ...tier, quantity: "2682", unitPrice: "0.75" },
        { ...tier, quantity: "1509", unitPrice: "0.5" },
      ]),
    ).toEqual(["12.35 = 1234.5 x 0.01 (24)", "20.12 = 2682 x 0.0075 (24)", "7.54 = 1 x 7.54 (24)"]);
  });
});

describe("commits that are applied", () => {
  const usage = { name: "API Calls", productId: "p21", quantity: "1000000", unitPrice: "0.25" };
  const applied = (total: string): SampleLine => ({
    name: "Prepaid commit applied",
    type: "applied_commit_or_credit",
    productId: "p21",
    total,
    quantity: null,
    unitPrice: null,
  });

  test("are a negative line on their own item", () => {
    expect(lines([usage, applied("-200000")])).toEqual([
      "2500 = 1000000 x 0.0025 (21)",
      "-2000 = 1 x -2000 (30)",
    ]);
    expect(document([usage, applied("-200000")]).kind).toBe("Invoice");
  });

  test("that are more than the rest make a credit memo of what is left, with every sign turned", () => {
    const made = document([usage, applied("-260000")]);
    expect(made).toMatchObject({ kind: "CreditMemo", dueDate: undefined });
    expect(made.total.toFixed()).toBe("100");
    expect(lines([usage, applied("-260000")])).toEqual([
      "-2500 = 1000000 x -0.0025 (21)",
      "2600 = 1 x 2600 (30)",
    ]);
  });

  test("need an item: else the invoice is refused and says which setting helps", () => {
    expect(plan([usage, applied("-1")], { commit_item_id: null })).toMatchObject({
      outcome: "refuse",
      code: "item_missing",
      message: expect.stringContaining("commit_item_id"),
    });
  });

  test("of a postpaid commit are paid later and not sent", () => {
    const commit = { commitId: "c", segmentId: "s", type: "POSTPAID" as const };
    expect(lines([usage, { ...applied("-200000"), commit }])).toHaveLength(1);
  });
});

test("tax and a line of zero in the United Kingdom: the code on every line, amounts without tax", () => {
  const made = body(
    [
      { name: "API Calls", productId: "p21", quantity: "40", unitPrice: "2.5" },
      { name: "Support", productId: "p25", quantity: "1", unitPrice: "59.99" },
      { name: "Free tier", productId: "p26", quantity: "500", unitPrice: "0" },
    ],
    { tax_code_id: "2", home_currency: "GBP" },
    { creditTypeId: GBP },
  );
  expect(made).toContain('"DocNumber":"MTR-EF9E4917","GlobalTaxCalculation":"TaxExcluded"');
  expect(made).toContain(
    '"SalesItemLineDetail":{"ItemRef":{"value":"21"},"Qty":40,"UnitPrice":2.5,"TaxCodeRef":{"value":"2"}}',
  );
  expect(made).toContain('"Amount":0,"DetailType":"SalesItemLineDetail"');
  expect(made.match(/"TaxCodeRef":\{"value":"2"\}/g)).toHaveLength(3);
});

test("codes of the United States say whether a line is taxed, and nothing of how", () => {
  const made = body([{ productId: "p21" }], { tax_code_id: "TAX" });
  expect(made).toContain('"TaxCodeRef":{"value":"TAX"}');
  expect(made).not.toContain("GlobalTaxCalculation");
});

describe("currencies", () => {
  const line = { name: "API Calls", productId: "p21", quantity: "833", unitPrice: "1.5" };

  test("a foreign one with its rate, where the company keeps several: 833 x 1.50 = 1249.50", () => {
    const made = body(
      [line],
      { multicurrency: true, exchange_rates: { EUR: "1.0825" } },
      { creditTypeId: EUR },
    );
    expect(made).toContain('"CurrencyRef":{"value":"EUR"},"ExchangeRate":1.0825');
    expect(made).toContain('"Amount":1249.5');
  });

  test("without a rate the company's own of that day holds", () => {
    const made = body([line], { multicurrency: true }, { creditTypeId: EUR });
    expect(made).toContain('"CurrencyRef":{"value":"EUR"}');
    expect(made).not.toContain("ExchangeRate");
  });

  test("yen have no cents: 500 x 250 = 125000", () => {
    expect(
      lines(
        [{ ...line, quantity: "500", unitPrice: "250" }],
        { home_currency: "JPY" },
        { creditTypeId: JPY },
      ),
    ).toEqual(["125000 = 500 x 250 (21)"]);
  });

  test("another than the company's only one is refused before anything is sent", () => {
    expect(plan([line], {}, { creditTypeId: EUR })).toMatchObject({
      outcome: "refuse",
      code: "currency_mismatch",
    });
  });
});

describe("when it is due", () => {
  const due = (settings: Record<string, unknown>, overrides: Partial<DeliverableInvoice> = {}) => {
    const { dueDate, termId } = document([{ productId: "p21" }], settings, overrides);
    return dueDate ?? `term ${termId}`;
  };
  test.each([
    [{}, {}, "2026-03-31", "30 days from its date, unless something else is set"],
    [{ net_terms_days: 0 }, {}, "2026-03-01", "at once"],
    [
      { due_date: "period_end" },
      {},
      "2026-03-01",
      "the end of the period, which is before its date: its date",
    ],
    [
      { due_date: "period_end" },
      { endAt: instant("2026-04-01T00:00:00Z") },
      "2026-04-01",
      "the end of a period that is billed ahead",
    ],
    [{ due_date: "sales_term", sales_term_id: "3" }, {}, "term 3", "a term of the company"],
    [
      { due_date: "sales_term", sales_term_id: "3" },
      { dueAt: instant("2026-03-15T10:00:00Z") },
      "2026-03-15",
      "what the bill says wins",
    ],
    [{}, { dueAt: instant("2026-02-15T10:00:00Z") }, "2026-03-01", "never before its date"],
  ])("%j, %j: %s, %s", (settings, overrides, expected, _why) => {
    expect(due(settings, overrides)).toBe(expected);
  });

  test("a term that nobody named is refused", () => {
    expect(plan([{ productId: "p21" }], { due_date: "sales_term" })).toMatchObject({
      code: "sales_term_missing",
    });
  });
});

describe("items", () => {
  test("one for everything", () => {
    expect(
      lines([{ productId: "p21" }, { productId: "p22" }], {
        item_strategy: "single",
        default_item_id: "7",
      }),
    ).toEqual(["1 = 1 x 1 (7)", "1 = 1 x 1 (7)"]);
  });

  test("one for everything, which nobody named, is refused", () => {
    expect(plan([{ productId: "p21" }], { item_strategy: "single" })).toMatchObject({
      code: "item_missing",
      message: expect.stringContaining("default_item_id"),
    });
  });

  test("of a product that nothing maps: looked for by its name, which QuickBooks can take", () => {
    const [line] = document(
      [{ name: "API: Calls\t(EU)", productId: "p21" }],
      {},
      { currentFields: { customer: { customer: { qbo_customer_id: "58" } } } },
    ).lines;
    expect(line?.item).toEqual({
      id: undefined,
      name: "API Calls (EU)",
      productId: "p21",
      isMappedElsewhere: false,
    });
  });
});

describe("zeros", () => {
  const zero = { productId: "p21", quantity: "5", unitPrice: "0" };
  test("lines of zero are left out where that is set", () => {
    expect(lines([zero, { productId: "p22" }], { zero_lines: "drop" })).toEqual(["1 = 1 x 1 (22)"]);
    expect(plan([zero], { zero_lines: "drop" })).toMatchObject({ outcome: "skip" });
    // 0.4 cents are zero where they are sent; with 100.2 cents they are 100.6, which is 101.
    const little = { productId: "p23", unitPrice: "0.4" };
    const some = { productId: "p22", unitPrice: "100.2" };
    expect(lines([little, some])).toEqual(["0.01 = 1 x 0.01 (23)", "1 = 1 x 1.002 (22)"]);
    const less = { productId: "p22", unitPrice: "100" };
    expect(lines([little, less])).toEqual(["0 = 1 x 0.004 (23)", "1 = 1 x 1 (22)"]);
    expect(lines([little, less], { zero_lines: "drop" })).toEqual(["1 = 1 x 1 (22)"]);
    expect(plan([little], { zero_lines: "drop" })).toMatchObject({ outcome: "skip" });
  });
  test("a total of zero is sent, or skipped where that is set", () => {
    expect(plan([zero])).toMatchObject({ outcome: "send" });
    expect(plan([zero], { zero_totals: "skip" })).toMatchObject({ outcome: "skip" });
  });
});

test("more than 500 lines go by product, to the same total", () => {
  const many = Array.from({ length: 501 }, (_, index) => ({
    name: "Tokens",
    productId: index % 2 === 0 ? "p21" : "p22",
    quantity: "1",
    unitPrice: "0.5",
  }));
  // 251 and 250 times half a cent: 1.255 and 1.25 dollars, together 2.505, which is 2.51.
  expect(lines(many)).toEqual(["1.26 = 1 x 1.26 (21)", "1.25 = 1 x 1.25 (22)"]);
});

test("lines of more than 500 products are refused as what they are", () => {
  const many = Array.from({ length: 501 }, (_, index) => ({ productId: `p${index}` }));
  expect(plan(many)).toMatchObject({ outcome: "refuse", code: "too_many_lines" });
});

test("what a document says of itself holds however long the names are, and never that it was voided", () => {
  const long = document([{ productId: "p21" }], {}, { contractName: "n".repeat(5000) });
  expect([long.note.length, long.memo.length]).toEqual([3999, 1000]);
  expect(long.note.startsWith(`invoice=${ID}; `)).toBe(true);
  const named = (contractName: string) =>
    document([{ productId: "p21" }], {}, { contractName, currentFields: {} }).note;
  expect(named("Replaces one that was Voided").endsWith("that was Voided.")).toBe(true);
  expect(named("Voided ").endsWith("; Voided .")).toBe(true);
  expect(named("Acme 2026").endsWith("; Acme 2026")).toBe(true);
  const groups = { region: "r".repeat(5000) };
  const [line] = document([
    {
      productId: "p23",
      quantity: "987654321",
      unitPrice: "0.000012345",
      pricingGroupValues: groups,
    },
  ]).lines;
  expect(line?.description.length).toBe(4000);
  expect(line?.description.endsWith("r; 987654321 x 0.00000012345")).toBe(true);
});

test("without a company nothing can be planned", () => {
  const invoice = sampleInvoice([{}], BASE);
  expect(toQuickBooksDocument(invoice, {}, sampleConnection())).toMatchObject({
    outcome: "refuse",
    code: "authorization_required",
  });
});
