import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  sampleDocument,
  sampleKnown,
  stripeInvoice,
  stripeLine,
} from "../../../test/support/sample-delivery.ts";
import { instant } from "../../domain/time.ts";
import type { Known } from "../delivery-step.ts";
import type { StripeTax } from "./document.ts";
import { nextStep } from "./next-step.ts";
import { putTaxes } from "./stated-tax.ts";
import { isTaxLine, toTaxDetails } from "./tax-step.ts";

const NOON = instant("2024-02-02T12:00:00Z");
const minutesAgo = (minutes: number) => NOON.subtract({ minutes });

const finalizes: StripeTax = { mode: "anrok", waitMinutes: 60, onTimeout: "finalize" };
const leaves: StripeTax = { ...finalizes, onTimeout: "leave_draft" };

const PENDING = { enabled: true, status: null };
const COMPLETE = { enabled: true, status: "complete" };
const OFF = { enabled: false, status: null };
const tax = (amount: number, behavior = "exclusive") => [{ amount, tax_behavior: behavior }];
const taxLine = (amount: number) =>
  ({ ...stripeLine(undefined, amount), description: "Sales Tax" }) as Stripe.InvoiceLineItem;

interface Case {
  readonly mode?: StripeTax;
  /** In minor units, put on our lines. */
  readonly stated?: bigint;
  readonly invoice?: object;
  readonly extra?: readonly Stripe.InvoiceLineItem[];
  readonly since?: number;
}

/** The next step at noon for a draft of 300 whose lines are right. */
function show({ mode = finalizes, stated = 0n, invoice = {}, extra = [], since }: Case): string {
  const lines = [...["a", "b", "c"].map((key) => stripeLine(key)), ...extra];
  const total = lines.reduce((all, { amount }) => all + amount, 0);
  const known: Partial<Known> = {
    now: NOON,
    waitingSince: since === undefined ? undefined : minutesAgo(since),
  };
  const found = { total, subtotal: total, automatic_tax: PENDING, ...invoice };
  const plain = sampleDocument(["a", "b", "c"], { tax: mode });
  const taxes = [{ name: "VAT", percentage: "10", amountMinor: stated }];
  const document = stated === 0n ? plain : { ...plain, lines: putTaxes(plain.lines, taxes) };
  const step = nextStep(document, {
    state: "found",
    invoice: stripeInvoice(found as Partial<Stripe.Invoice>),
    lines,
    known: sampleKnown(known),
  });
  if (step.step === "wait") return `wait until ${step.until}`;
  if (step.step === "refuse") return `refuse ${step.code}`;
  if (step.step === "done") return `done ${step.external.status}`;
  return `${step.name} ${JSON.stringify(step.request.params)}`;
}

const FINALIZE = 'finalize {"auto_advance":true}';
const TIMEOUT =
  'tax-timeout {"automatic_tax":{"enabled":false},"metadata":{"ledgerline_tax_status":"TIMED_OUT"}}';
const TIMED_OUT = { ledgerline_tax_status: "TIMED_OUT" };

test.each<[string, Case, string]>([
  ["nobody is waited for", { mode: { mode: "none" }, invoice: { automatic_tax: OFF } }, FINALIZE],
  [
    "it is on the lines already",
    {
      mode: { mode: "precalculated", isStated: true, waitMinutes: 60, onTimeout: "finalize" },
      stated: 30n,
      invoice: { automatic_tax: OFF, total: 330, total_taxes: tax(30) },
    },
    FINALIZE,
  ],
  [
    "less of it is on the lines than was stated",
    {
      mode: { mode: "precalculated", isStated: true, waitMinutes: 60, onTimeout: "finalize" },
      stated: 30n,
      invoice: { automatic_tax: OFF, total: 329, total_taxes: tax(29) },
    },
    "refuse provider_tax_differs",
  ],
  [
    "it was computed at once",
    { invoice: { automatic_tax: COMPLETE, total: 330, total_taxes: tax(30) } },
    FINALIZE,
  ],
  ["it was computed to be nothing", { invoice: { automatic_tax: COMPLETE } }, FINALIZE],
  [
    "it is included in the lines",
    { invoice: { automatic_tax: COMPLETE, total_taxes: tax(30, "inclusive") } },
    FINALIZE,
  ],
  ["it has an hour from now on", {}, "wait until 2024-02-02T13:00:00Z"],
  ["59 minutes are over", { since: 59 }, "wait until 2024-02-02T12:01:00Z"],
  ["the hour is over", { since: 60 }, TIMEOUT],
  ["the hour is long over", { since: 600 }, TIMEOUT],
  [
    "the address is missing, it may still come",
    { invoice: { automatic_tax: { enabled: true, status: "requires_location_inputs" } }, since: 1 },
    "wait until 2024-02-02T12:59:00Z",
  ],
  ["nobody is to wait", { mode: { ...finalizes, waitMinutes: 0 } }, TIMEOUT],
  [
    "the wait is over for good",
    { invoice: { automatic_tax: OFF, metadata: TIMED_OUT }, since: 61 },
    FINALIZE,
  ],
  ["the draft is to stay without it", { mode: leaves, since: 60 }, "refuse tax_timeout"],
  ["the draft is to stay, in an hour", { mode: leaves }, "wait until 2024-02-02T13:00:00Z"],
  [
    "somebody wrote it onto the lines: Stripe's own is off",
    { invoice: { total: 330, total_taxes: tax(30) } },
    'tax-elsewhere {"automatic_tax":{"enabled":false}}',
  ],
  [
    "somebody wrote it onto the lines, and that is settled",
    { invoice: { automatic_tax: OFF, total: 330, total_taxes: tax(30) } },
    FINALIZE,
  ],
  [
    "somebody added it as an item: how much is noted, because an invoice does not tell",
    { extra: [taxLine(25)] },
    'tax-elsewhere-25 {"automatic_tax":{"enabled":false},"metadata":{"ledgerline_tax_items_minor":"25"}}',
  ],
  [
    "the item is noted",
    {
      extra: [taxLine(25)],
      invoice: { automatic_tax: OFF, metadata: { ledgerline_tax_items_minor: "25" } },
    },
    FINALIZE,
  ],
  [
    "nobody may add anything else",
    { extra: [stripeLine(undefined, 25)] },
    "refuse provider_invoice_differs",
  ],
  [
    "an item of tax is not expected where nobody computes any",
    { mode: { mode: "none" }, invoice: { automatic_tax: OFF }, extra: [taxLine(25)] },
    "refuse provider_invoice_differs",
  ],
  [
    "more than the tax was added",
    { invoice: { automatic_tax: COMPLETE, total: 331, total_taxes: tax(30) } },
    "refuse provider_total_differs",
  ],
])("tax: %s", (_why, given, expected) => {
  expect(show(given)).toBe(expected);
});

test("an invoice of nothing is not taxed, so nobody waits", () => {
  const document = sampleDocument(["a"], { tax: finalizes, totalMinor: 0n });
  const zero = { ...document, lines: document.lines.map((line) => ({ ...line, amountMinor: 0n })) };
  const lines = [stripeLine("a", 0)];
  const known = sampleKnown();
  const next = (automatic: object) =>
    nextStep(zero, {
      state: "found",
      invoice: stripeInvoice({ automatic_tax: automatic as Stripe.Invoice.AutomaticTax }),
      lines,
      known,
    });
  expect(next(PENDING)).toMatchObject({ step: "write", name: "tax-elsewhere" });
  expect(next(OFF)).toMatchObject({ step: "write", name: "finalize" });
});

test.each<[boolean, string | null, object]>([
  [true, "Sales Tax", {}],
  [true, "VAT 19 %", {}],
  [true, null, { avatax_code: "P0000000" }],
  [true, "Total taxes", {}],
  [false, "Taxi rides", {}],
  [false, "Syntax checks", {}],
  [false, "Tax advice", { ledgerline_line_key: "a" }],
  [false, null, {}],
])("a line is tax: %s for %s %j", (expected, description, metadata) => {
  const line = { ...stripeLine(undefined), description, metadata } as Stripe.InvoiceLineItem;
  expect(isTaxLine(line)).toBe(expected);
});

describe("what is told of the tax of an invoice", () => {
  test.each<[string, object, object | undefined]>([
    ["nothing, where there is none", {}, undefined],
    [
      "one tax and what it was computed on",
      { total_taxes: [{ amount: 30, taxable_amount: 300, tax_behavior: "exclusive" }] },
      { tax_minor: 30, taxable_minor: 300, tax_status: "COMPLETE" },
    ],
    [
      "several taxes, which may be on the same",
      { total_taxes: [...tax(30), ...tax(3)] },
      { tax_minor: 33, tax_status: "COMPLETE" },
    ],
    ["that it is to come", { automatic_tax: PENDING }, { tax_minor: 0, tax_status: "PENDING" }],
    [
      "that nobody knows where the customer is",
      { automatic_tax: { enabled: true, status: "requires_location_inputs" } },
      { tax_minor: 0, tax_status: "REQUIRES_LOCATION_INPUTS" },
    ],
    ["that it did not come", { metadata: TIMED_OUT }, { tax_minor: 0, tax_status: "TIMED_OUT" }],
    [
      "tax that came late after all",
      { metadata: TIMED_OUT, total_taxes: tax(5) },
      { tax_minor: 5, tax_status: "COMPLETE" },
    ],
    [
      "items of tax",
      { metadata: { ledgerline_tax_items_minor: "25" } },
      { tax_minor: 25, tax_status: "COMPLETE" },
    ],
  ])("%s", (_what, invoice, expected) => {
    expect(toTaxDetails(stripeInvoice(invoice))).toEqual(expected);
  });
});
