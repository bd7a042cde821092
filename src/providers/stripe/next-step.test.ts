import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  sampleDocument,
  stripeInvoice,
  stripeLine,
} from "../../../test/support/sample-delivery.ts";
import type { Step } from "../provider.ts";
import { nextStep, type StripeObserved } from "./next-step.ts";
import { rehearseDelivery } from "./rehearse.ts";

const ABC = sampleDocument(["a", "b", "c"]);

const found = (
  lines: readonly Stripe.InvoiceLineItem[],
  overrides: Partial<Stripe.Invoice> = {},
): StripeObserved => ({
  state: "found",
  invoice: stripeInvoice({
    total: lines.reduce((all, { amount }) => all + amount, 0),
    ...overrides,
  }),
  lines,
});

const all = ["a", "b", "c"].map((key) => stripeLine(key));

/** "write lines-1 b,c", "done FINALIZED", "refuse provider_invoice_differs". */
function show(step: Step): string {
  if (step.step === "done") return `done ${step.external.status}`;
  if (step.step === "refuse") return `refuse ${step.code}`;
  const lines = (step.request.params.lines ?? []) as { description: string }[];
  return ["write", step.name, lines.map((line) => line.description).join(",")].join(" ").trim();
}

describe("from every point of a delivery there is one next step", () => {
  test.each<[string, StripeObserved, string]>([
    ["nothing stands there", { state: "none" }, "write create"],
    ["an empty draft", found([]), "write lines-0 a,b,c"],
    [
      "nothing, for a payer in this currency",
      { state: "none", payer: { deleted: false, currency: "usd" } },
      "write create",
    ],
    [
      "nothing, for a payer in another currency",
      { state: "none", payer: { deleted: false, currency: "eur" } },
      "refuse customer_currency_differs",
    ],
    [
      "nothing, for a payer who was deleted",
      { state: "none", payer: { deleted: true, currency: null } },
      "refuse stripe_customer_missing",
    ],
    ["nothing, for nobody", { state: "none", payer: null }, "refuse stripe_customer_missing"],
    ["the first line only", found([stripeLine("a")]), "write lines-1 b,c"],
    [
      "a line in the middle is missing",
      found([stripeLine("a"), stripeLine("c")]),
      "write lines-1 b",
    ],
    ["all lines, in whatever order", found([...all].reverse()), "write finalize"],
    ["open", found(all, { status: "open" }), "done FINALIZED"],
    [
      "open after a failed attempt",
      found(all, { status: "open", attempt_count: 1 }),
      "done PAYMENT_FAILED",
    ],
    ["paid", found(all, { status: "paid" }), "done PAID"],
    ["void", found(all, { status: "void" }), "done VOID"],
    ["uncollectible", found(all, { status: "uncollectible" }), "done UNCOLLECTIBLE"],
    ["deleted", { state: "deleted", externalId: "in_1" }, "done DELETED"],
    [
      "a line that is not ours",
      found([...all, stripeLine(undefined, 0)]),
      "refuse provider_invoice_differs",
    ],
    [
      "a line of another invoice of ours",
      found([...all, stripeLine("z", 0)]),
      "refuse provider_invoice_differs",
    ],
    [
      "a line that stands there twice",
      found([...all, stripeLine("a")]),
      "refuse provider_invoice_differs",
    ],
    ["a line with another amount", found([stripeLine("a", 99)]), "refuse provider_invoice_differs"],
    ["a total that is not the lines'", found(all, { total: 299 }), "refuse provider_total_differs"],
    [
      "finalized by somebody before it was complete",
      found([stripeLine("a")], { status: "open" }),
      "refuse provider_total_differs",
    ],
    ["another payer", found([], { customer: "cus_2" }), "refuse provider_invoice_differs"],
    [
      "another payer, expanded",
      found([], { customer: { id: "cus_2" } as Stripe.Customer }),
      "refuse provider_invoice_differs",
    ],
    ["another currency", found([], { currency: "eur" }), "refuse provider_invoice_differs"],
    [
      "a draft collected in another way",
      found(all, { collection_method: "send_invoice" }),
      "refuse provider_invoice_differs",
    ],
    [
      "an open invoice that somebody set to be collected in another way",
      found(all, { status: "open", collection_method: "send_invoice" }),
      "done FINALIZED",
    ],
    [
      "tax on top is not ours to compare",
      found(all, { total: 357, total_taxes: [{ amount: 57 }] as Stripe.Invoice.TotalTax[] }),
      "write finalize",
    ],
  ])("%s", (_what, observed, expected) => {
    expect(show(nextStep(ABC, observed))).toBe(expected);
  });

  test("a draft that differs is named in the reason, with what to do", () => {
    const step = nextStep(ABC, found([stripeLine("a", 99)]));
    expect(step).toMatchObject({
      message:
        "The Stripe invoice in_1 was kept as it is: line il_a comes to 99 instead of 100. Delete the draft or put it right, then retry.",
      external: { externalId: "in_1", status: null },
    });
  });

  test("a draft that shall stay one is done when its lines stand", () => {
    const draft = { ...ABC, leaveAsDraft: true };
    expect(show(nextStep(draft, found([])))).toBe("write lines-0 a,b,c");
    expect(show(nextStep(draft, found(all)))).toBe("done null");
  });
});

describe("many lines", () => {
  const keys = Array.from({ length: 250 }, (_, index) => `k${index}`);
  const document = sampleDocument(keys);

  test("go out a hundred at a time, each batch under a name of its own", () => {
    const names: string[] = [];
    let lines: Stripe.InvoiceLineItem[] = [];
    for (let step = nextStep(document, found(lines)); step.step === "write"; ) {
      names.push(step.name);
      if (step.name === "finalize") break;
      const sent = step.request.params.lines as { metadata: Record<string, string> }[];
      const added = sent.map(({ metadata }) => stripeLine(Object.values(metadata)[0]));
      lines = [...lines, ...added];
      step = nextStep(document, found(lines));
    }
    expect(names).toEqual(["lines-0", "lines-100", "lines-200", "finalize"]);
    expect(lines).toHaveLength(250);
  });

  test("a rehearsal names the same writes as the delivery makes", () => {
    const rehearsed = rehearseDelivery(document);
    expect(rehearsed.map(({ name }) => name)).toEqual([
      "create",
      "lines-0",
      "lines-100",
      "lines-200",
      "finalize",
    ]);
    expect(rehearsed[1]?.request.path).toBe("/v1/invoices/{invoice.id}/add_lines");
    expect(rehearsed[0]?.request).toEqual(
      (nextStep(document, { state: "none" }) as { request: unknown }).request,
    );
  });
});

test("the draft takes nothing that is not ours and does nothing by itself", () => {
  const step = nextStep(
    { ...ABC, collectionMethod: "send_invoice", daysUntilDue: 30 },
    { state: "none" },
  );
  expect(step).toMatchObject({
    request: {
      method: "POST",
      path: "/v1/invoices",
      params: {
        customer: "cus_1",
        currency: "usd",
        collection_method: "send_invoice",
        days_until_due: 30,
        auto_advance: false,
        automatic_tax: { enabled: false },
        discounts: "",
        pending_invoice_items_behavior: "exclude",
      },
    },
  });
});
