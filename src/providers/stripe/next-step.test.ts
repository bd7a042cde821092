import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  sampleDocument,
  sampleKnown,
  stripeInvoice,
  stripeLine,
} from "../../../test/support/sample-delivery.ts";
import type { Known, Step } from "../delivery-step.ts";
import type { StripeDocument } from "./document.ts";
import { nextStep } from "./next-step.ts";
import type { StripeObserved } from "./observed.ts";
import { rehearseDelivery } from "./rehearse.ts";

const ABC = sampleDocument(["a", "b", "c"]);

const found = (
  lines: readonly Stripe.InvoiceLineItem[],
  overrides: Partial<Stripe.Invoice> = {},
  known: Partial<Known> = {},
): StripeObserved => {
  const total = lines.reduce((all, { amount }) => all + amount, 0);
  return {
    state: "found",
    invoice: stripeInvoice({ total, subtotal: total, ...overrides }),
    lines,
    known: sampleKnown(known),
  };
};

const all = ["a", "b", "c"].map((key) => stripeLine(key));

/** "write lines-1 b,c", "done FINALIZED", "refuse provider_invoice_differs". */
function show(step: Step): string {
  if (step.step === "done") return `done ${step.external.status}`;
  if (step.step === "refuse") return `refuse ${step.code}`;
  if (step.step === "wait") return `wait ${step.until}`;
  const lines = (step.request.params.lines ?? []) as { description: string }[];
  return ["write", step.name, lines.map((line) => line.description).join(",")].join(" ").trim();
}

describe("from every point of a delivery there is one next step", () => {
  test.each<[string, StripeObserved, string]>([
    ["nothing stands there", { state: "none", known: sampleKnown() }, "write create"],
    ["an empty draft", found([]), "write lines-0 a,b,c"],
    [
      "nothing, for a payer in this currency",
      { state: "none", known: sampleKnown(), payer: { deleted: false, currency: "usd" } },
      "write create",
    ],
    [
      "nothing, for a payer in another currency",
      { state: "none", known: sampleKnown(), payer: { deleted: false, currency: "eur" } },
      "refuse customer_currency_differs",
    ],
    [
      "nothing, for a payer who was deleted",
      { state: "none", known: sampleKnown(), payer: { deleted: true, currency: null } },
      "refuse stripe_customer_missing",
    ],
    [
      "nothing, for nobody",
      { state: "none", known: sampleKnown(), payer: null },
      "refuse stripe_customer_missing",
    ],
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
      (nextStep(document, { state: "none", known: sampleKnown() }) as { request: unknown }).request,
    );
  });
});

test("the draft takes nothing that is not ours and does nothing by itself", () => {
  const step = nextStep(
    { ...ABC, collectionMethod: "send_invoice", daysUntilDue: 30 },
    { state: "none", known: sampleKnown() },
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

describe("an invoice that is mailed", () => {
  const mailed = { ...ABC, collectionMethod: "send_invoice", sends: true } as const;
  const post = (path: string, params = {}) => ({ method: "POST", path, params }) as const;
  const FINALIZED = post("/v1/invoices/in_1/finalize", { auto_advance: false });
  const SENT = post("/v1/invoices/in_1/send");
  const FOLLOWED = post("/v1/invoices/in_1", { auto_advance: true });
  const OPEN = { status: "open", collection_method: "send_invoice" } as const;
  const next = (invoice: Partial<Stripe.Invoice>, begun: Known["begun"], accepted = begun) =>
    show(nextStep(mailed, found(all, { ...OPEN, ...invoice }, { begun, accepted })));

  test.each<[string, Partial<Stripe.Invoice>, Known["begun"], Known["begun"], string]>([
    ["a draft is finalized first", { status: "draft" }, [], [], "write finalize"],
    ["we finalized it", {}, [FINALIZED], [FINALIZED], "write send"],
    ["whether we finalized it is not known, it is", {}, [FINALIZED], [], "write send"],
    [
      "whether it was mailed is not known: under the same key",
      {},
      [FINALIZED, SENT],
      [],
      "write send",
    ],
    ["it was mailed", {}, [FINALIZED, SENT], [SENT], "write follow-up"],
    ["it was paid before", { status: "paid" }, [FINALIZED], [FINALIZED], "write send"],
    ["it was paid after", { status: "paid" }, [FINALIZED, SENT], [SENT], "done PAID"],
    ["it was voided", { status: "void" }, [FINALIZED], [FINALIZED], "done VOID"],
    ["Stripe follows up", { auto_advance: true }, [FINALIZED, SENT], [SENT], "done FINALIZED"],
    [
      "somebody switched that off again",
      {},
      [FINALIZED, SENT, FOLLOWED],
      [SENT, FOLLOWED],
      "done FINALIZED",
    ],
    ["somebody else finalized it, and mailed it or not", {}, [], [], "done FINALIZED"],
    [
      "the one that was mailed is an earlier one, deleted since",
      {},
      [FINALIZED],
      [post("/v1/invoices/in_0/send")],
      "write send",
    ],
  ])("%s", (_what, invoice, begun, accepted, expected) => {
    expect(next(invoice, begun, accepted)).toBe(expected);
  });

  test("is finalized without being sent on its way: the mail is the next step", () => {
    const draft = found(all, { ...OPEN, status: "draft" });
    expect(nextStep(mailed, draft)).toMatchObject({ request: FINALIZED });
    const names = rehearseDelivery(mailed).map(({ name }) => name);
    expect(names).toEqual(["create", "lines-0", "finalize", "send", "follow-up"]);
    const nothing = rehearseDelivery({ ...mailed, totalMinor: 0n }).map(({ name }) => name);
    expect(nothing).toEqual(["create", "lines-0", "finalize", "send"]);
  });
});

describe("the prices behind lines", () => {
  const priced = { unitAmountDecimal: "100", quantity: "1" };
  const named = {
    ...ABC,
    lines: ABC.lines.map((line, index) => ({
      ...line,
      // The second is a plain amount, which has no price.
      priced: index === 1 ? undefined : priced,
      priceMetadata: index === 1 ? {} : { plan: line.key },
    })),
  };
  const withPrice = (key: string) =>
    ({
      ...stripeLine(key),
      pricing: { type: "price_details", price_details: { price: `price_${key}` } },
    }) as Stripe.InvoiceLineItem;
  const lines = [withPrice("a"), stripeLine("b"), withPrice("c")];
  const update = (key: string) => ({
    method: "POST" as const,
    path: `/v1/prices/price_${key}`,
    params: { metadata: { plan: key } },
  });

  test("get their metadata one after the other, before anything is finalized", () => {
    const step = nextStep(named, found(lines));
    expect(step).toMatchObject({
      step: "write",
      name: "price-0",
      request: update("a"),
      more: [{ name: "price-2", request: update("c") }],
    });
  });

  test("get it once", () => {
    const first = found(lines, {}, { accepted: [update("a")] });
    expect(nextStep(named, first)).toMatchObject({ name: "price-2", more: [] });
    const both = found(lines, {}, { accepted: [update("a"), update("c")] });
    expect(show(nextStep(named, both))).toBe("write finalize");
  });

  test("that are not there are reported", () => {
    const bare = found([withPrice("a"), stripeLine("b"), stripeLine("c")]);
    expect(show(nextStep(named, bare))).toBe("refuse price_missing");
  });

  test("are previewed with placeholders", () => {
    const paths = rehearseDelivery(named).map(({ request }) => request.path);
    expect(paths.slice(2, 4)).toEqual([
      "/v1/prices/{lines.a.price.id}",
      "/v1/prices/{lines.c.price.id}",
    ]);
  });
});

describe("a draft that may be revised", () => {
  const revising = (overrides: Partial<StripeDocument> = {}): StripeDocument => ({
    ...ABC,
    revises: true,
    ...overrides,
  });
  const amounts = (...minor: bigint[]): Partial<StripeDocument> => ({
    lines: ABC.lines.flatMap((line, index) =>
      minor[index] === undefined ? [] : [{ ...line, amountMinor: minor[index] }],
    ),
    totalMinor: minor.reduce((total, amount) => total + amount, 0n),
  });

  /** Stripe, as far as a draft goes: what the steps write stands there. */
  function standing(document: StripeDocument) {
    let lines: Stripe.InvoiceLineItem[] = [];
    let invoice: Partial<Stripe.Invoice> = {};
    const begun: Known["begun"][number][] = [];
    let next = 0;
    const toLine = ({ id, ...params }: Record<string, unknown>) => {
      next += 1;
      const line = { ...stripeLine(undefined), ...params, id: id ?? `il_${next}` };
      return line as unknown as Stripe.InvoiceLineItem;
    };
    const merge = (before: object, change: object) =>
      Object.fromEntries(
        Object.entries({ ...before, ...change }).filter(([, value]) => value !== ""),
      );
    /** Takes steps until there is nothing to revise; answers what they were. */
    function converge(wanted: StripeDocument): string[] {
      const steps: string[] = [];
      for (let count = 0; count < 10; count += 1) {
        const step = nextStep(
          wanted,
          begun.length === 0
            ? { state: "none", known: sampleKnown() }
            : found(lines, invoice, { begun }),
        );
        if (step.step !== "write") return [...steps, show(step)];
        const { path, params } = step.request;
        const verb = path.split("/")[4] ?? (begun.length === 0 ? "create" : "revise");
        const changed = (params.lines ?? []) as { id: string; metadata: object }[];
        steps.push(changed.length === 0 ? verb : `${verb} ${changed.length}`);
        if (verb === "finalize") return steps;
        begun.push(step.request);
        const byId = new Map(changed.map((line) => [line.id, line]));
        if (verb === "add_lines") lines = [...lines, ...changed.map((line) => toLine({ ...line }))];
        else if (verb === "remove_lines") lines = lines.filter(({ id }) => !byId.has(id));
        else if (verb === "update_lines") {
          lines = lines.map((line) => {
            const change = byId.get(line.id);
            if (change === undefined) return line;
            return toLine({ ...line, ...change, metadata: merge(line.metadata, change.metadata) });
          });
        } else {
          invoice = {
            ...merge(invoice, params),
            automatic_tax: { enabled: false, status: null } as Stripe.Invoice.AutomaticTax,
            metadata: merge(invoice.metadata ?? {}, params.metadata as object) as Stripe.Metadata,
          };
        }
      }
      return steps;
    }
    return {
      first: converge(document),
      converge,
      shows: () => ({
        lines: lines.map(({ description, amount }) => `${description} ${amount}`),
        invoice,
      }),
    };
  }

  const first = revising({ leaveAsDraft: true });

  test.each<[string, Partial<StripeDocument>, string[], string[]]>([
    ["nothing has changed", {}, ["done null"], ["a 100", "b 100", "c 100"]],
    [
      "an amount has changed",
      amounts(100n, 250n, 100n),
      ["update_lines 1", "done null"],
      ["a 100", "b 250", "c 100"],
    ],
    ["a line is gone", amounts(100n, 100n), ["remove_lines 1", "done null"], ["a 100", "b 100"]],
    [
      "lines went, changed and came",
      {
        lines: ["b", "d", "e"].map((key, index) => ({
          ...(sampleDocument([key]).lines[0] as StripeDocument["lines"][number]),
          amountMinor: BigInt(100 + index),
        })),
        totalMinor: 303n,
      },
      ["remove_lines 2", "add_lines 2", "done null"],
      ["b 100", "d 101", "e 102"],
    ],
    [
      "a description has changed and no amount",
      { lines: ABC.lines.map((line) => ({ ...line, description: `${line.key}!` })) },
      ["update_lines 3", "done null"],
      ["a! 100", "b! 100", "c! 100"],
    ],
    [
      "it is sent instead of charged",
      { collectionMethod: "send_invoice", daysUntilDue: 14 },
      ["revise", "done null"],
      ["a 100", "b 100", "c 100"],
    ],
    [
      "terms and a line have changed",
      { metadata: { ...ABC.metadata, po: "7" }, ...amounts(1n, 100n, 100n) },
      ["revise", "update_lines 1", "done null"],
      ["a 1", "b 100", "c 100"],
    ],
    [
      "it is to be finalized now",
      { leaveAsDraft: false },
      ["finalize"],
      ["a 100", "b 100", "c 100"],
    ],
  ])("because %s", (_why, change, steps, lines) => {
    const stripe = standing(first);
    expect(stripe.first).toEqual(["create", "add_lines 3", "done null"]);
    expect(stripe.converge({ ...first, ...change })).toEqual(steps);
    expect(stripe.shows().lines).toEqual(lines);
    const again = { ...first, ...change };
    expect(stripe.converge(again), "it is right now").toEqual(steps.slice(-1));
  });

  test("metadata that is not wanted any more is cleared, that of others stays", () => {
    const stripe = standing(revising({ leaveAsDraft: true, metadata: { us: "1", old: "2" } }));
    const later = revising({ leaveAsDraft: true, metadata: { us: "1", fresh: "3" } });
    stripe.converge(later);
    expect(stripe.shows().invoice.metadata).toEqual({
      us: "1",
      fresh: "3",
      ledgerline_terms: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test("two contents never share a key, and the same content has the same", () => {
    const nameOf = (document: StripeDocument) => rehearseDelivery(document).map(({ name }) => name);
    const [one, two] = [nameOf(first), nameOf({ ...first, ...amounts(100n, 250n, 100n) })];
    expect(one).toEqual(nameOf({ ...first }));
    expect(one[0], "the terms are the same").toBe(two[0]);
    expect(one[1]).not.toBe(two[1]);
    expect(one[1]).toMatch(/^lines-0-[0-9a-f]{16}$/);
  });

  test.each<[string, StripeObserved, string]>([
    ["a foreign line", found([stripeLine(undefined, 5)]), "refuse provider_invoice_differs"],
    ["another payer", found([], { customer: "cus_2" }), "refuse provider_invoice_differs"],
    [
      "what is finalized",
      found([stripeLine("a", 5)], { status: "open" }),
      "refuse provider_invoice_differs",
    ],
  ])("%s is never revised", (_what, observed, expected) => {
    expect(show(nextStep(first, observed))).toBe(expected);
  });

  test("a line that stands there twice is taken off once", () => {
    const [create] = rehearseDelivery(first);
    const metadata = create?.request.params.metadata as Stripe.Metadata;
    const second = { ...stripeLine("a"), id: "il_second" };
    expect(nextStep(first, found([...all, second], { metadata }))).toMatchObject({
      request: {
        path: "/v1/invoices/in_1/remove_lines",
        params: { lines: [{ id: "il_second", behavior: "delete" }] },
      },
    });
  });
});
