import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  sampleDocument,
  sampleKnown,
  stripeInvoice,
  stripeLine,
} from "../../../test/support/sample-delivery.ts";
import { afterWrite } from "./after-write.ts";
import { nextStep, toFinalize } from "./next-step.ts";
import type { StripeObserved } from "./observed.ts";
import { toAddLines, toCreate } from "./to-requests.ts";

const document = sampleDocument(["a", "b"]);
const lines = [stripeLine("a"), stripeLine("b")];
const total = lines.reduce((all, { amount }) => all + amount, 0);
const noLines: Stripe.Invoice["lines"] = { object: "list", data: [], has_more: false, url: "" };
const known = sampleKnown();
const before: StripeObserved = { state: "found", invoice: stripeInvoice({ total }), lines, known };
const finalize = toFinalize("in_1", document);
const empty = stripeInvoice({ lines: noLines });
const open = stripeInvoice({ total, status: "open" });

describe("after a write, what its reply tells is the next look", () => {
  test("a draft that was created has no lines: they come next", () => {
    const told = afterWrite(
      document,
      { state: "none", known: sampleKnown() },
      { request: toCreate(document), reply: empty },
      known,
    );
    expect(told && nextStep(document, told)).toMatchObject({ name: "lines-0" });
  });

  test("an invoice that was finalized has the lines that were read back: it is done", () => {
    const told = afterWrite(document, before, { request: finalize, reply: open }, known);
    expect(told && nextStep(document, told)).toMatchObject({
      step: "done",
      external: { status: "FINALIZED" },
    });
  });

  test.each<[string, ReturnType<typeof toCreate>, StripeObserved, unknown]>([
    ["lines were added: all is read back", toAddLines("in_1", document.lines, "usd"), before, open],
    [
      "more lines stand there than the reply shows",
      toCreate(document),
      { state: "none", known: sampleKnown() },
      { ...empty, lines: { ...noLines, has_more: true } },
    ],
    ["it was paid at once", finalize, before, { ...open, status: "paid" }],
    ["an attempt failed", finalize, before, { ...open, attempt_count: 1 }],
    ["the reply is none of an invoice", finalize, before, { object: "list" }],
    ["the reply is nothing", toCreate(document), { state: "none", known: sampleKnown() }, null],
    ["it was not seen before", finalize, { state: "deleted", externalId: "in_1" }, open],
  ])("but not when %s", (_why, request, seen, reply) => {
    expect(afterWrite(document, seen, { request, reply }, known)).toBeUndefined();
  });

  test("but not of what is collected at once", () => {
    const collected = { ...document, collection: { wanted: "paid", isOnSession: false } as const };
    const written = { request: toFinalize("in_1", collected), reply: open };
    expect(afterWrite(collected, before, written, known)).toBeUndefined();
  });
});
