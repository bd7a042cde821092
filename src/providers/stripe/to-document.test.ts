import { describe, expect, test } from "vitest";
import {
  type SampleLine,
  sampleConnection,
  sampleInvoice,
} from "../../../test/support/sample-delivery.ts";
import {
  credit,
  documentOf as planned,
  showLine,
  units,
} from "../../../test/support/sample-plan.ts";
import { type Conventions, DEFAULT_CONVENTIONS } from "../../domain/conventions.ts";
import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { StripeDocument } from "./document.ts";
import { toStripeDocument } from "./to-document.ts";

const options = { stripe_customer_id: "cus_1", stripe_collection_method: "charge_automatically" };

const documentOf = (
  lines: readonly SampleLine[],
  invoice: Partial<DeliverableInvoice> = {},
  route: Record<string, unknown> = {},
) => planned(lines, { invoice, options: route });

const creditType = (name: string): string => {
  const found = CREDIT_TYPES.find((type) => type.name === name);
  if (found === undefined) throw new Error(name);
  return found.id;
};

const show = ({ lines }: StripeDocument): string[] => lines.map(showLine);

describe("lines", () => {
  test.each<[string, SampleLine[], string[], bigint]>([
    ["whole quantities show price and quantity", [units("3", "250")], ["3 x 250 = 750"], 750n],
    ["fractions of a cent in a price are shown", [units("3", "0.5")], ["3 x 0.5 = 2"], 2n],
    ["half a cent rounds away from zero", [units("1", "0.5")], ["1 x 0.5 = 1"], 1n],
    [
      "two halves are one cent: the later line gives back what it gained",
      [units("1", "0.5"), units("1", "0.5")],
      ["1 x 0.5 = 1", "= 0"],
      1n,
    ],
    [
      "three thirds are one cent: the earliest line gets what is missing",
      [units("1", "0.333"), units("1", "0.333"), units("1", "0.334")],
      ["1 x 0.333 = 0", "1 x 0.333 = 0", "= 1"],
      1n,
    ],
    [
      "one fractional quantity makes every line one piece",
      [units("2", "100"), units("0.5", "100")],
      ["= 200", "= 50"],
      250n,
    ],
    [
      "a credit is an amount and leaves the others alone",
      [units("3", "250"), credit("-500")],
      ["3 x 250 = 750", "= -500"],
      250n,
    ],
    [
      "half a cent of credit rounds away from zero as well",
      [units("1", "2"), credit("-0.5")],
      // -1.5 is the total: -(0.5) alone would be -1, and 2 - 1 = 1 against 1.5 rounded to 2.
      ["1 x 2 = 2", "= 0"],
      2n,
    ],
    [
      "a price with more than twelve decimals is sent as an amount",
      [units("1000000", "0.0000000000001")],
      ["= 0"],
      0n,
    ],
    [
      "a quantity beyond Stripe's integers is sent as an amount",
      [units("1000000000", "0.01")],
      ["= 10000000"],
      10_000_000n,
    ],
    ["a negative quantity is sent as an amount", [units("-2", "100")], ["= -200"], -200n],
    ["a line of quantity zero is hidden", [units("0", "100"), units("1", "5")], ["1 x 5 = 5"], 5n],
    ["a free line is shown", [units("7", "0")], ["7 x 0 = 0"], 0n],
    ["all lines hidden make one line of zero", [units("0", "100"), units("0", "5")], ["= 0"], 0n],
    ["no lines at all make one line of zero", [], ["= 0"], 0n],
    [
      "a postpaid offset is paid later, so it is not sent",
      [
        units("1", "100"),
        { ...credit("-100"), commit: { commitId: "c", segmentId: "s", type: "POSTPAID" } },
      ],
      ["1 x 100 = 100"],
      100n,
    ],
    [
      "a prepaid offset is",
      [
        units("1", "100"),
        { ...credit("-100"), commit: { commitId: "c", segmentId: "s", type: "PREPAID" } },
      ],
      ["1 x 100 = 100", "= -100"],
      0n,
    ],
  ])("%s", (_reason, lines, expected, total) => {
    const document = documentOf(lines);
    expect(show(document)).toEqual(expected);
    expect(document.totalMinor).toBe(total);
    expect(document.lines.reduce((all, line) => all + line.amountMinor, 0n)).toBe(total);
  });

  test("EUR is written in whole units and sent in cents", () => {
    const document = documentOf([units("3", "12.345")], { creditTypeId: creditType("EUR") });
    // 37.035 EUR = 3703.5 cents.
    expect([document.currency, show(document)]).toEqual(["eur", ["3 x 1234.5 = 3704"]]);
  });

  test("JPY has no smaller unit", () => {
    const document = documentOf([units("3", "12.5")], { creditTypeId: creditType("JPY") });
    expect([document.currency, show(document)]).toEqual(["jpy", ["3 x 12.5 = 38"]]);
  });

  test("the true quantity and price of a line sent as one piece stand in its description", () => {
    const group = { presentationGroupValues: { region: "eu" } };
    const { lines } = documentOf([units("2", "100"), { ...units("0.5", "0.125"), ...group }]);
    expect(lines.map((line) => line.description)).toEqual([
      "Tokens (2 x $1.00)",
      "Tokens region: eu (0.5 x $0.00125)",
    ]);
    expect(documentOf([units("2", "100")]).lines[0]?.description).toBe("Tokens");
  });

  test("periods go out in seconds; lines without one have none", () => {
    const { lines } = documentOf([
      units("1", "1"),
      { ...units("1", "1"), startingAt: null, endingBefore: null },
    ]);
    // 2024-01-01 and 2024-02-01, UTC.
    expect(lines.map((line) => line.period)).toEqual([
      { start: 1_704_067_200, end: 1_706_745_600 },
      undefined,
    ]);
  });

  const chosen = (conventions: Partial<Conventions>) => ({
    conventions: { ...DEFAULT_CONVENTIONS, ...conventions },
  });

  test("an inclusive end is the last second of the period", () => {
    const { lines } = documentOf([units("1", "1")], chosen({ periodEnd: "inclusive" }));
    // One second before 2024-02-01: January 31, 23:59:59.
    expect(lines[0]?.period).toEqual({ start: 1_704_067_200, end: 1_706_745_599 });
  });

  const halves = [units("1", "0.5"), units("3", "0.5"), units("1", "100")];
  test.each<[Partial<Conventions>, string[], bigint, string]>([
    [
      {},
      ["1 x 0.5 = 1", "= 1", "1 x 100 = 100"],
      102n,
      "102 in all: of two halves the later gives",
    ],
    [
      { roundingMode: "half_even" },
      ["= 0", "3 x 0.5 = 2", "1 x 100 = 100"],
      102n,
      "Stripe would make 1 of 0.5",
    ],
    [
      { roundingMode: "toward_zero" },
      ["= 1", "= 1", "1 x 100 = 100"],
      102n,
      "0 + 1 + 100, and one to the earliest",
    ],
    [
      { invoiceRounding: "round_then_sum" },
      ["1 x 0.5 = 1", "3 x 0.5 = 2", "1 x 100 = 100"],
      103n,
      "what the lines add up to",
    ],
    [
      { invoiceRounding: "round_then_sum", roundingMode: "toward_zero" },
      ["= 0", "= 1", "1 x 100 = 100"],
      101n,
      "0 + 1 + 100",
    ],
  ])("%o: %j", (conventions, expected, total, reason) => {
    const document = documentOf(halves, chosen(conventions));
    expect(show(document), reason).toEqual(expected);
    expect(document.totalMinor).toBe(total);
  });

  test("keys too long for metadata are digests, still different ones", () => {
    const lines = ["a", "b"].map((end) => ({ ...units("1", "1"), lineKey: "k".repeat(600) + end }));
    const keys = documentOf(lines).lines.map((line) => line.key);
    expect(keys.every((key) => key.length <= 500)).toBe(true);
    expect(new Set(keys).size).toBe(2);
  });
});

describe("limits", () => {
  const many = (count: number): SampleLine[] =>
    Array.from({ length: count }, () => units("1", "0.5"));

  test("250 lines go out one by one", () => {
    const { lines, totalMinor } = documentOf(many(250));
    expect([lines.length, totalMinor]).toEqual([250, 125n]);
  });

  test("251 become one line with the exact total", () => {
    // 251 x 0.5 = 125.5 cents.
    const document = documentOf(many(251));
    expect([show(document), document.totalMinor]).toEqual([["= 126"], 126n]);
    expect(document.lines[0]?.description).toBe(
      "Usage charges: 251 lines, see https://bill.example/i/inv_1",
    );
  });

  test("999,999.99 is the most that is sent", () => {
    expect(documentOf([units("1", "99999999")]).totalMinor).toBe(99_999_999n);
  });

  test.each([
    ["a total above it", [units("1", "99999999.5")]],
    ["a line above it, whatever the total", [units("1", "100000000"), credit("-5")]],
    ["a credit above it", [credit("-100000000")]],
  ])("%s is refused before anything is sent", (_what, lines) => {
    const plan = toStripeDocument(sampleInvoice(lines), options, sampleConnection());
    expect(plan).toMatchObject({ outcome: "refuse", code: "amount_too_large" });
  });

  test.each([
    ["stripe_customer_missing", {}, {}],
    ["currency_not_supported", { creditTypeId: "3e2dd6a2-6b0c-4a4e-9c45-4f8e0b6a7d31" }, options],
  ])("%s", (code, overrides, route) => {
    const plan = toStripeDocument(
      sampleInvoice([units("1", "1")], overrides),
      route,
      sampleConnection(),
    );
    expect(plan).toMatchObject({ outcome: "refuse", code });
  });
});

test("the invoice names its payer, how it is collected, and us", () => {
  const { lines: _, ...charged } = documentOf([units("1", "1")]);
  const id = "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11";
  expect(charged).toEqual({
    kind: "invoice",
    customFields: [],
    dueDate: undefined,
    revises: false,
    sends: false,
    tax: { mode: "none" },
    collection: undefined,
    invoiceId: id,
    customer: "cus_1",
    currency: "usd",
    collectionMethod: "charge_automatically",
    daysUntilDue: undefined,
    leaveAsDraft: false,
    metadata: {
      metronome_id: id,
      ledgerline_invoice_id: id,
      ledgerline_environment: "SANDBOX",
    },
    totalMinor: 1n,
  });
  const route = { ...options, stripe_collection_method: "send_invoice" };
  expect(documentOf([units("1", "1")], {}, route)).toMatchObject({
    collectionMethod: "send_invoice",
    daysUntilDue: 30,
  });
});

describe("lines in a pricing unit", () => {
  const tokens = { creditTypeId: "5f0c1d2e-0000-4000-8000-000000000001" };

  test("stay at home: what is left of the unit is sent as money", () => {
    const used: SampleLine = { ...units("350", "1"), ...tokens };
    const paid: SampleLine = { ...credit("-300"), ...tokens };
    const conversion: SampleLine = {
      ...units("50", "10"),
      type: "cpu_conversion",
      name: "Tokens conversion",
      productId: null,
      productType: null,
    };
    const document = documentOf([used, paid, conversion, units("2", "30")]);
    expect(show(document)).toEqual(["50 x 10 = 500", "2 x 30 = 60"]);
    expect(document.totalMinor).toBe(560n);
  });

  test("an invoice with nothing else is not sent; one with lines of money is", () => {
    const covered = [
      { ...units("3", "1"), ...tokens },
      { ...credit("-3"), ...tokens },
    ];
    expect(toStripeDocument(sampleInvoice(covered), options, sampleConnection())).toEqual({
      outcome: "skip",
      reason: "Every line is in a pricing unit; there is nothing to pay.",
    });
    expect(show(documentOf([...covered, units("0", "100")]))).toEqual(["= 0"]);
    expect(show(documentOf([]))).toEqual(["= 0"]);
  });
});
