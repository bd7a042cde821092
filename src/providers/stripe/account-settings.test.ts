import { describe, expect, test } from "vitest";
import type { SampleLine } from "../../../test/support/sample-delivery.ts";
import {
  credit,
  documentOf,
  planOf,
  type SamplePlan,
  showLine,
  units,
} from "../../../test/support/sample-plan.ts";
import { DEFAULT_CONVENTIONS } from "../../domain/conventions.ts";
import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import { instant } from "../../domain/time.ts";

/* What each setting of an account does to its invoices (guide "Invoice with Stripe", docs/stripe.md). */

const sent = { stripe_collection_method: "send_invoice" };
const collection = {
  method: "INVOICE",
  wanted: "paid",
  isOnSession: false,
  metadata: {},
} as const;
const creditType = (name: string) => CREDIT_TYPES.find((type) => type.name === name)?.id ?? "";

describe("how an invoice is collected", () => {
  const dueAt = instant("2024-03-03T00:00:00Z");
  test.each<[string, SamplePlan, Record<string, unknown>]>([
    ["charged", {}, { sends: false, daysUntilDue: undefined, dueDate: undefined }],
    ["sent", { options: sent }, { sends: true, daysUntilDue: 30 }],
    [
      "sent, due in 14 days",
      { options: sent, settings: { days_until_due: 14 } },
      { daysUntilDue: 14 },
    ],
    [
      "charged: days mean nothing",
      { settings: { days_until_due: 14 } },
      { daysUntilDue: undefined },
    ],
    ["left as a draft", { settings: { leave_invoices_in_draft: true } }, { leaveAsDraft: true }],
    [
      "collected at once: never a draft, never sent, without tax to wait for",
      {
        invoice: { collection },
        options: sent,
        settings: { leave_invoices_in_draft: true, tax_mode: "stripe" },
      },
      {
        leaveAsDraft: false,
        sends: false,
        tax: { mode: "none" },
        collectionMethod: "charge_automatically",
      },
    ],
    [
      "due on the day of the bill",
      { invoice: { dueAt }, options: { ...sent, send_due_date: true } },
      // 2024-03-03, UTC.
      { dueDate: 1_709_424_000, daysUntilDue: undefined, sends: true },
    ],
    [
      "charged: a due date means nothing",
      { invoice: { dueAt }, options: { send_due_date: true } },
      { dueDate: undefined, daysUntilDue: undefined },
    ],
    [
      "of an account without days: those of the settings",
      { options: { ...sent, send_due_date: true } },
      { dueDate: undefined, daysUntilDue: 30 },
    ],
    ["with tax by nobody", {}, { tax: { mode: "none" } }],
    [
      "with tax by an app",
      { settings: { tax_mode: "anrok", tax_wait_minutes: 5, on_tax_timeout: "leave_draft" } },
      { tax: { mode: "anrok", waitMinutes: 5, onTimeout: "leave_draft" } },
    ],
    [
      "left for the invoices of a subscription",
      { options: { create_invoice: false, stripe_subscription_id: "sub_1" } },
      { pendingItems: { subscription: "sub_1" } },
    ],
    [
      "left for the customer's next invoice",
      { options: { create_invoice: false } },
      { pendingItems: { subscription: undefined } },
    ],
    [
      "made in spite of a subscription",
      { options: { create_invoice: true, stripe_subscription_id: "sub_1" } },
      { pendingItems: undefined },
    ],
    [
      "collected at once, whatever else is left for others",
      { invoice: { collection }, options: { create_invoice: false } },
      { pendingItems: undefined },
    ],
  ])("%s", (_how, terms, expected) => {
    expect(documentOf([units("1", "100")], terms)).toMatchObject(expected);
  });

  test.each(["2024-02-02T00:00:00Z", "2024-01-15T00:00:00Z"])(
    "a bill of February 2nd that was due %s is refused",
    (due) => {
      const options = { ...sent, send_due_date: true };
      const plan = planOf([units("1", "100")], { invoice: { dueAt: instant(due) }, options });
      expect(plan).toMatchObject({ outcome: "refuse", code: "due_date_past" });
    },
  );

  test.each([{ po_number_custom_field: "PO" }, { send_due_date: true }])(
    "no invoice carries %j when none is made",
    (options) => {
      const plan = planOf([units("1", "100")], { options: { create_invoice: false, ...options } });
      expect(plan).toMatchObject({ outcome: "refuse", code: "options_contradict" });
    },
  );
});

describe("skip_zero_dollar_invoices", () => {
  const settings = { skip_zero_dollar_invoices: true };
  test.each<[string, SampleLine[], SamplePlan, string | undefined]>([
    ["0", [units("0", "5")], { settings }, "0 minor units is below 50"],
    ["49 cents", [units("1", "49")], { settings }, "49 minor units is below 50"],
    ["49.4 cents: 49", [units("1", "49.4")], { settings }, "49 minor units is below 50"],
    ["49.5 cents: 50", [units("1", "49.5")], { settings }, undefined],
    ["a credit of one cent", [credit("-1")], { settings }, undefined],
    ["0 while the setting is off", [units("0", "5")], {}, undefined],
    [
      "29 pence",
      [units("1", "0.29")],
      { settings, invoice: { creditTypeId: creditType("GBP") } },
      "29 minor units is below 30",
    ],
    [
      "30 pence",
      [units("1", "0.3")],
      { settings, invoice: { creditTypeId: creditType("GBP") } },
      undefined,
    ],
    [
      "49 yen",
      [units("1", "49")],
      { settings, invoice: { creditTypeId: creditType("JPY") } },
      "49 minor units is below 50, the least that Stripe charges in JPY",
    ],
    [
      "1 cent that waits for another invoice",
      [units("1", "1")],
      { settings, options: { create_invoice: false } },
      undefined,
    ],
  ])("%s: %s", (_total, lines, terms, reason) => {
    const plan = planOf(lines, terms);
    if (reason === undefined) expect(plan.outcome).toBe("send");
    else expect(plan).toEqual({ outcome: "skip", reason: expect.stringContaining(reason) });
  });

  test.each<["INVOICE" | "PAYMENT_INTENT", string, string, string]>([
    ["INVOICE", "USD (cents)", "49", "refuse"],
    ["INVOICE", "USD (cents)", "50", "send"],
    ["PAYMENT_INTENT", "GBP", "0.29", "refuse"],
    ["PAYMENT_INTENT", "GBP", "0.3", "send"],
    ["PAYMENT_INTENT", "JPY", "49", "refuse"],
    ["PAYMENT_INTENT", "JPY", "50", "send"],
  ])("%s in %s of %s, collected at once: %s", (method, name, price, outcome) => {
    const invoice = { creditTypeId: creditType(name), collection: { ...collection, method } };
    expect(planOf([units("1", price)], { invoice, settings }).outcome).toBe(outcome);
  });
});

describe("how lines are shown", () => {
  const half = [units("2", "100"), units("0.5", "100")];
  test.each<[string, SampleLine[], Record<string, unknown>, string[]]>([
    [
      "lines of quantity zero are hidden",
      [units("0", "5"), units("1", "5")],
      {},
      ["Tokens: 1 x 5 = 5"],
    ],
    [
      "or shown where that is wanted",
      [units("0", "5"), units("1", "5")],
      { include_zero_quantity_sub_line_items: true },
      ["Tokens: 0 x 5 = 0", "Tokens: 1 x 5 = 5"],
    ],
    ["one line of zero when all are hidden", [units("0", "5")], {}, ["Usage charges: = 0"]],
    ["named after the company", [units("0", "5")], { company_name: "Hooli" }, ["Hooli: = 0"]],
    [
      "quantity and price in every text where that is wanted",
      [units("3", "250"), credit("-5")],
      { stripe_invoice_quantity_always_string: true },
      ["Tokens (3 x $2.50): 3 x 250 = 750", "Credit: = -5"],
    ],
    [
      "any quantity with decimals makes all of them pieces",
      half,
      {},
      ["Tokens (2 x $1.00): = 200", "Tokens (0.5 x $1.00): = 50"],
    ],
    [
      "unless the account takes decimals",
      half,
      { quantity_decimal: true },
      ["Tokens: 2 x 100 = 200", "Tokens: 0.5 x 100 = 50"],
    ],
    [
      "of which twelve are the most",
      [units("0.0000000000001", "100"), units("0.000000000001", "100")],
      { quantity_decimal: true },
      ["Tokens (0.0000000000001 x $1.00): = 0", "Tokens: 0.000000000001 x 100 = 0"],
    ],
    [
      "and whose product must be the very amount",
      // 0.5 and 0.5 cents: 1 in all, which the first line has.
      [units("0.5", "1"), units("0.5", "1")],
      { quantity_decimal: true },
      ["Tokens: 0.5 x 1 = 1", "Tokens (0.5 x $0.01): = 0"],
    ],
  ])("%s", (_what, lines, settings, expected) => {
    const document = documentOf(lines, { settings });
    expect(document.lines.map((line) => `${line.description}: ${showLine(line)}`)).toEqual(
      expected,
    );
  });

  test("a long name gives way to quantity and price", () => {
    const line = { ...units("0.5", "100"), name: "n".repeat(600) };
    const [{ description } = { description: "" }] = documentOf([line]).lines;
    expect(description).toBe(`${"n".repeat(500 - " (0.5 x $1.00)".length)} (0.5 x $1.00)`);
  });

  test("the seller's name stands in where the account has no company name", () => {
    const invoice = { sellerName: "Pied Piper" };
    expect(documentOf([], { invoice }).lines[0]?.description).toBe("Pied Piper");
    const settings = { company_name: "Hooli" };
    expect(documentOf([], { invoice, settings }).lines[0]?.description).toBe("Hooli");
  });
});

describe("more lines than Stripe takes", () => {
  const many = (count: number, of: (n: number) => SampleLine): SampleLine[] =>
    Array.from({ length: count }, (_, n) => of(n));
  const group = { line_limit_behavior: "group" };

  test("collapse into one with the company's name and the total", () => {
    const lines = many(251, () => units("1", "0.5"));
    const document = documentOf(lines, { settings: { company_name: "Hooli" } });
    expect(document.lines.map((line) => `${line.description} ${showLine(line)}`)).toEqual([
      "Hooli: 251 lines, see https://bill.example/i/inv_1 = 126",
    ]);
  });

  test("or are rolled up by product, exactly", () => {
    const lines = [
      ...many(200, () => ({ ...units("1", "0.3"), productId: "a", name: "Tokens" })),
      ...many(50, () => ({ ...units("1", "0.5"), productId: "b", name: "Calls" })),
      { ...units("3", "100"), productId: "c", name: "Seats" },
      { ...credit("-10.25"), productId: "a", name: "Prepaid" },
    ];
    // a: 60 - 10.25 = 49.75; b: 25; c: 300. In all 374.75, so 375: 50 + 25 + 300.
    const document = documentOf(lines, { settings: group });
    expect(document.lines.map((line) => `${line.description} ${showLine(line)}`)).toEqual([
      "Tokens: 201 lines = 50",
      "Calls: 50 lines = 25",
      "Seats 3 x 100 = 300",
    ]);
    expect(document.totalMinor).toBe(375n);
    expect(new Set(document.lines.map(({ key }) => key)).size).toBe(3);
  });

  test("whose units move so that they add up", () => {
    // 126 x 0.25 = 31.5 and 126 x 0.75 = 94.5: 126 in all; the later one gives back what it gained.
    const lines = many(252, (n) => ({
      ...units("1", n < 126 ? "0.25" : "0.75"),
      productId: n < 126 ? "a" : "b",
    }));
    const document = documentOf(lines, { settings: group });
    expect(document.lines.map(showLine)).toEqual(["= 32", "= 94"]);
  });

  test("rounded first where lines are rounded before they are summed", () => {
    const lines = many(251, () => units("1", "0.5"));
    const conventions = { ...DEFAULT_CONVENTIONS, invoiceRounding: "round_then_sum" } as const;
    for (const settings of [{}, group]) {
      const document = documentOf(lines, { settings, invoice: { conventions } });
      expect(document.lines.map(showLine)).toEqual(["= 251"]);
    }
  });

  test("collapse when there are too many products as well", () => {
    const lines = many(251, (n) => ({ ...units("1", "1"), productId: `p${n}` }));
    expect(documentOf(lines, { settings: group }).lines.map(showLine)).toEqual(["= 251"]);
  });

  test("and 250 go out one by one", () => {
    const lines = many(250, () => units("1", "1"));
    expect(documentOf(lines, { settings: group }).lines).toHaveLength(250);
  });
});

describe("the largest amount", () => {
  test.each<[string, Record<string, string>, string]>([
    ["99999999", {}, "send"],
    ["100000000", {}, "refuse"],
    ["100000000", { USD: "250000000" }, "send"],
    ["250000001", { USD: "250000000" }, "refuse"],
    ["100000000", { EUR: "2500000" }, "refuse"],
  ])("%s cents with %o: %s", (price, max_amount, outcome) => {
    expect(planOf([units("1", price)], { settings: { max_amount } }).outcome).toBe(outcome);
  });
});

describe("tax by Stripe takes no credits", () => {
  const settings = { tax_mode: "stripe" };
  const of = (product: string, line: SampleLine): SampleLine => ({ ...line, productId: product });

  test("so that they come off the lines of their product first, then off all", () => {
    const lines = [
      of("a", units("1", "10000")),
      of("a", units("1", "5000")),
      of("b", units("2", "4000")),
      of("a", credit("-3000")),
      of("c", credit("-2000")),
    ];
    // a: 3000 off 10000 and 5000, two to one: 8000 and 4000. Then 2000 off 8000, 4000 and 8000.
    const document = documentOf(lines, { settings });
    expect(document.lines.map((line) => `${line.description} ${showLine(line)}`)).toEqual([
      "Tokens (1 x $100.00) (less $28.00 of credits) = 7200",
      "Tokens (1 x $50.00) (less $14.00 of credits) = 3600",
      "Tokens (2 x $40.00) (less $8.00 of credits) = 7200",
    ]);
    expect(document.totalMinor).toBe(18_000n);
    expect(document.lines.map(({ taxBehavior }) => taxBehavior)).toEqual([
      "exclusive",
      "exclusive",
      "exclusive",
    ]);
  });

  test("lines that nothing was taken off stay as they are", () => {
    const document = documentOf(
      [of("a", units("2", "50")), of("b", units("1", "9")), of("b", credit("-9"))],
      { settings },
    );
    expect(document.lines.map(showLine)).toEqual(["2 x 50 = 100", "= 0"]);
  });

  test("a total below zero is refused; of nothing it is sent", () => {
    expect(planOf([units("1", "5"), credit("-6")], { settings })).toMatchObject({
      outcome: "refuse",
      code: "negative_lines_with_tax",
    });
    expect(planOf([units("1", "5"), credit("-5")], { settings }).outcome).toBe("send");
    expect(planOf([units("1", "5"), credit("-6")]).outcome).toBe("send");
  });
});

test("what the route says stands on the invoice", () => {
  const options = { price_data_product_id: "prod_1", po_number_custom_field: "PO Number" };
  const lines = [units("1", "100"), units("0.5", "3"), credit("-5")];
  const document = documentOf(lines, { options, invoice: { purchaseOrderNumber: "4711" } });
  expect(document.lines.map(({ productId }) => productId)).toEqual(["prod_1", "prod_1", undefined]);
  expect(document.customFields).toEqual([{ name: "PO Number", value: "4711" }]);
  expect(documentOf(lines, { options }).customFields).toEqual([]);
  const invoice = { purchaseOrderNumber: "4".repeat(141) };
  expect(planOf(lines, { options, invoice })).toMatchObject({
    outcome: "refuse",
    code: "purchase_order_number_too_long",
  });
});
