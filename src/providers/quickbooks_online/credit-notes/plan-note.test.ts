import { expect, test } from "vitest";
import {
  type SampleLine,
  sampleConnection,
  sampleInvoice,
} from "../../../../test/support/sample-delivery.ts";
import type { CreditLine } from "../../../domain/credit-notes/creditable.ts";
import { findCreditTypeOfCurrency } from "../../../domain/credit-type.ts";
import { dec, toText } from "../../../domain/decimal.ts";
import { instant } from "../../../domain/time.ts";
import type { DeliverableCreditNote } from "../../credit-notes.ts";
import type { DeliverableInvoice } from "../../deliverable-invoice.ts";
import { planNote } from "./plan-note.ts";

const NOTE: DeliverableCreditNote = {
  id: "0a1b2c3d-2d1c-5b7a-9a70-2f6d5f1f3b11",
  environment: "SANDBOX",
  externalInvoiceId: "12",
  amountMinor: 150n,
  lines: [],
  issuedAt: instant("2026-03-05T23:59:00Z"),
  reason: "duplicate",
  memo: null,
  wanted: "issued",
};

const LINES: readonly SampleLine[] = [
  { name: "Tokens", productId: "p21", quantity: "1", unitPrice: "400" },
  { name: "Storage", productId: "p22", quantity: "1", unitPrice: "900" },
  { name: "Unmapped", productId: "q", quantity: "1", unitPrice: "100" },
];

const credit = (lineKey: string | null, amount: string): CreditLine => ({
  lineKey,
  name: `line ${lineKey}`,
  amount: dec(amount),
  returned: null,
});

interface Given {
  readonly credits: readonly CreditLine[];
  readonly note?: Partial<DeliverableCreditNote>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly invoice?: Partial<DeliverableInvoice>;
  readonly lines?: readonly SampleLine[];
}

function plan({ credits, note, settings, invoice, lines = LINES }: Given) {
  const contract_product = { p21: { qbo_item_id: "21" }, p22: { qbo_item_id: "22" } };
  const credited = sampleInvoice(lines, {
    currentFields: { contract_product },
    ...invoice,
  });
  return planNote(
    { ...NOTE, lines: credits, ...note },
    { invoice: credited, options: {} },
    sampleConnection({ realm_id: "9130", ...settings }),
  );
}

function document(given: Given) {
  const planned = plan(given);
  if (planned.outcome !== "send") throw new Error(planned.message);
  return planned.document;
}

/** "1.5 on 21" */
const show = (given: Given): string[] =>
  document(given).lines.map(
    ({ amount, item }) => `${toText(amount)} on ${item.id ?? `the one of ${item.productId}`}`,
  );

const keyOf = (index: number): string => sampleInvoice(LINES).lines[index]?.lineKey ?? "";

test.each<[string, Given, string[]]>([
  [
    "each line goes on the item of the line that it credits",
    { credits: [credit(keyOf(0), "100"), credit(keyOf(1), "50")] },
    ["1 on 21", "0.5 on 22"],
  ],
  [
    "what is credited of the whole goes on the item of the largest line",
    { credits: [credit(null, "150")] },
    ["1.5 on 22"],
  ],
  [
    "so does what the invoice has no line for",
    { credits: [credit("usage/later", "150")] },
    ["1.5 on 22"],
  ],
  [
    "a product that nothing maps is looked for by its name",
    { credits: [credit(keyOf(2), "150")] },
    ["1.5 on the one of q"],
  ],
  [
    "lines that give no money back, and those under half a cent, are left out",
    { credits: [credit(keyOf(0), "0"), credit(keyOf(1), "0.3"), credit(keyOf(2), "149.8")] },
    ["1.5 on the one of q"],
  ],
  [
    "all on one item, where the company does so",
    {
      credits: [credit(keyOf(0), "100"), credit(keyOf(1), "50")],
      settings: { item_strategy: "single", default_item_id: "1" },
    },
    ["1 on 1", "0.5 on 1"],
  ],
  [
    "yen have no cents",
    {
      credits: [credit(keyOf(0), "150")],
      invoice: { creditTypeId: findCreditTypeOfCurrency("JPY")?.id ?? "" },
    },
    ["150 on 21"],
  ],
  [
    "one that is taken back needs none",
    { credits: [credit("x", "1")], note: { wanted: "void" } },
    [],
  ],
])("%s", (_name, given, expected) => {
  expect(show(given)).toEqual(expected);
});

test("its number, dates and texts are the note's own, and no invoice's", () => {
  const made = document({ credits: [credit(keyOf(0), "150")], note: { memo: "m".repeat(1200) } });
  expect(made).toMatchObject({
    numbers: ["MTR-0A1B2C3D", "MTR-0A1B2C3D2D1C5B7A9"],
    date: "2026-03-05",
    externalInvoiceId: "12",
    memo: "m".repeat(1000),
  });
  expect(toText(made.total)).toBe("1.5");
  expect(made.note).toMatch(/^credit_note=0a1b2c3d-[-0-9a-f]+; credits=[^;]+; reason=duplicate$/);
  expect(made.note).not.toContain("invoice=");
});

test("more than 500 lines go by product", () => {
  const lines = Array.from({ length: 600 }, (_, index): SampleLine => {
    const productId = index % 2 === 0 ? "p21" : "p22";
    return { name: `Line ${index}`, productId, quantity: "1", unitPrice: "1" };
  });
  const invoice = sampleInvoice(lines);
  const credits = invoice.lines.map(({ lineKey }) => credit(lineKey, "0.5"));
  // 300 times half a cent each: 150 cents, and not 300 as line by line.
  expect(show({ credits, lines, note: { amountMinor: 300n } })).toEqual(["1.5 on 21", "1.5 on 22"]);
});

test("it is refused where no item takes it, and before a company is connected", () => {
  const credits = [credit(keyOf(0), "150")];
  const single = { item_strategy: "single", default_item_id: null };
  expect(plan({ credits, settings: single })).toMatchObject({ code: "item_missing" });
  expect(plan({ credits, settings: { realm_id: null } })).toMatchObject({
    code: "authorization_required",
  });
});
