import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import {
  sampleDocument,
  stripeInvoice,
  stripeLine,
} from "../../../test/support/sample-delivery.ts";
import { afterWrite } from "./after-write.ts";
import { nextStep, type StripeObserved, toAddLines, toCreate, toFinalize } from "./next-step.ts";

const document = sampleDocument(["a", "b"]);
const lines = [stripeLine("a"), stripeLine("b")];
const total = lines.reduce((all, { amount }) => all + amount, 0);
const noLines: Stripe.Invoice["lines"] = { object: "list", data: [], has_more: false, url: "" };
const before: StripeObserved = { state: "found", invoice: stripeInvoice({ total }), lines };
const empty = stripeInvoice({ lines: noLines });
const open = stripeInvoice({ total, status: "open" });

describe("after a write, what its reply tells is the next look", () => {
  test("a draft that was created has no lines: they come next", () => {
    const told = afterWrite(document, { state: "none" }, toCreate(document), empty);
    expect(told && nextStep(document, told)).toMatchObject({ name: "lines-0" });
  });

  test("an invoice that was finalized has the lines that were read back: it is done", () => {
    const told = afterWrite(document, before, toFinalize("in_1", true), open);
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
      { state: "none" },
      { ...empty, lines: { ...noLines, has_more: true } },
    ],
    ["it was paid at once", toFinalize("in_1", true), before, { ...open, status: "paid" }],
    ["an attempt failed", toFinalize("in_1", true), before, { ...open, attempt_count: 1 }],
    ["the reply is none of an invoice", toFinalize("in_1", true), before, { object: "list" }],
    ["the reply is nothing", toCreate(document), { state: "none" }, null],
    [
      "it was not seen before",
      toFinalize("in_1", true),
      { state: "deleted", externalId: "in_1" },
      open,
    ],
  ])("but not when %s", (_why, request, seen, reply) => {
    expect(afterWrite(document, seen, request, reply)).toBeUndefined();
  });

  test("but not of what is collected at once", () => {
    const collected = { ...document, collection: { wanted: "paid", isOnSession: false } as const };
    expect(afterWrite(collected, before, toFinalize("in_1", false), open)).toBeUndefined();
  });
});
