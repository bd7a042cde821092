import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  sampleDocument,
  sampleKnown,
  stripeInvoice,
} from "../../../test/support/sample-delivery.ts";
import type { Known } from "../delivery-step.ts";
import type { StripeDocument } from "./document.ts";
import { createItem, nextItemStep } from "./pending-items-step.ts";
import { rehearseDelivery } from "./rehearse.ts";

const document = sampleDocument(["a", "b"], { pendingItems: { subscription: "sub_1" } });
const before = {
  ...document,
  lines: document.lines.map((line) => ({ ...line, amountMinor: 90n })),
};

/** The item of a line as Stripe has it, pending unless it is on an invoice. */
function item(
  from: StripeDocument,
  index: number,
  overrides: Partial<Stripe.InvoiceItem> = {},
): Stripe.InvoiceItem {
  const line = from.lines[index] as StripeDocument["lines"][number];
  const { metadata } = createItem(from, line).request.params;
  return {
    id: `ii_${index}`,
    amount: Number(line.amountMinor),
    invoice: null,
    metadata,
    ...overrides,
  } as Stripe.InvoiceItem;
}

const accepted = document.lines.map((line) => createItem(document, line).request);

function show(
  items: readonly Stripe.InvoiceItem[],
  { invoice, ...known }: Partial<Known> & { invoice?: Partial<Stripe.Invoice> } = {},
): string {
  const step = nextItemStep(document, {
    items,
    invoice: invoice && stripeInvoice({ id: "in_sub", ...invoice }),
    known: sampleKnown({ externalId: undefined, ...known }),
  });
  if (step.step === "refuse") return `refuse ${step.code}`;
  if (step.step === "done") return `done ${step.external.externalId} ${step.external.status}`;
  return [step, ...(step.more ?? [])].map(({ name }) => name.replace(/-\w{16}$/, "")).join(", ");
}

describe("items that wait for the next invoice", () => {
  test.each<[string, () => string, string]>([
    ["nothing stands there", () => show([]), "item-0, item-1"],
    ["one was made before the process died", () => show([item(document, 0)]), "item-1"],
    ["both wait", () => show([item(document, 1), item(document, 0)]), "done ii_0 null"],
    [
      "an earlier version waits",
      () => show([item(before, 0), item(before, 1)]),
      "delete-ii_0, delete-ii_1, item-0, item-1",
    ],
    [
      "a line is wanted no more",
      () =>
        show([
          ...[0, 1].map((index) => item(document, index)),
          item(sampleDocument(["c"]), 0, { id: "ii_c" }),
        ]),
      "delete-ii_c",
    ],
    [
      "one came twice",
      () => show([item(document, 0), item(document, 1), item(document, 0, { id: "ii_2" })]),
      "delete-ii_2",
    ],
    [
      "somebody changed an amount at Stripe",
      () => show([item(document, 0, { amount: 99 }), item(document, 1)]),
      "delete-ii_0, item-0",
    ],
    [
      "an invoice took them",
      () =>
        show([item(document, 0, { invoice: "in_sub" }), item(document, 1, { invoice: "in_sub" })], {
          invoice: { status: "paid" },
        }),
      "done ii_0 PAID",
    ],
    [
      "a draft took them",
      () =>
        show([item(document, 0, { invoice: "in_sub" }), item(document, 1, { invoice: "in_sub" })], {
          invoice: { status: "draft" },
        }),
      "done ii_0 null",
    ],
    [
      "an invoice took the first before the second was made",
      () => show([item(document, 0, { invoice: "in_sub" })], { invoice: { status: "open" } }),
      "item-1",
    ],
    [
      "an invoice took an earlier version",
      () => show([item(before, 0, { invoice: "in_sub" })], { invoice: { status: "open" } }),
      "refuse items_already_invoiced",
    ],
    [
      "an invoice took one, and it waits once more",
      () =>
        show([
          item(document, 0),
          item(document, 0, { id: "ii_2", invoice: "in_sub" }),
          item(document, 1),
        ]),
      "delete-ii_0",
    ],
    [
      "somebody deleted them",
      () => show([], { externalId: "ii_0", begun: accepted, accepted }),
      "done ii_0 DELETED",
    ],
    [
      "an earlier version was deleted, and the process died",
      () => show([], { externalId: "ii_0" }),
      "item-0, item-1",
    ],
    ["they were deleted, and somebody retries", () => show([], { accepted }), "item-0, item-1"],
  ])("%s", (_what, next, expected) => {
    expect(next()).toBe(expected);
  });

  test("carry our ids, their subscription, and no invoice", () => {
    const [first, second] = rehearseDelivery(document);
    expect(first?.request).toEqual({
      method: "POST",
      path: "/v1/invoiceitems",
      params: {
        customer: "cus_1",
        subscription: "sub_1",
        amount: 100,
        currency: "usd",
        description: "a",
        discountable: false,
        metadata: {
          ledgerline_invoice_id: document.invoiceId,
          ledgerline_line_key: "a",
          ledgerline_line_digest: expect.stringMatching(/^[0-9a-f]{16}$/),
          ledgerline_first_item: "1",
        },
      },
    });
    expect(second?.request.params.metadata).not.toHaveProperty("ledgerline_first_item");
    const anyNext = { ...document, pendingItems: { subscription: undefined } };
    expect(rehearseDelivery(anyNext)[0]?.request.params).not.toHaveProperty("subscription");
  });

  test("show quantity and price, as items say them", () => {
    const priced = { unitAmountDecimal: "2.5", quantity: "40" };
    const [line] = document.lines;
    const one = { ...document, lines: [{ ...(line as StripeDocument["lines"][number]), priced }] };
    expect(rehearseDelivery(one)[0]?.request.params).toMatchObject({
      currency: "usd",
      quantity: 40,
      unit_amount_decimal: "2.5",
    });
  });
});
