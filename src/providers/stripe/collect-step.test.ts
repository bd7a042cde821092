import type Stripe from "stripe";
import { expect, test } from "vitest";
import {
  sampleDocument,
  sampleKnown,
  stripeInvoice,
  stripeLine,
} from "../../../test/support/sample-delivery.ts";
import { nextStep } from "./next-step.ts";

/** The next step for an invoice of one line at Stripe, that is to be collected at once. */
function show(wanted: "paid" | "canceled", overrides: Partial<Stripe.Invoice>): string {
  const document = sampleDocument(["a"], { collection: { wanted, isOnSession: false } });
  const invoice = stripeInvoice({ total: 100, ...overrides });
  const lines = [stripeLine("a")];
  const step = nextStep(document, { state: "found", invoice, lines, known: sampleKnown() });
  if (step.step === "write") {
    return `${step.request.method} ${step.request.path} ${JSON.stringify(step.request.params)}`;
  }
  if (step.step === "done") return `done ${step.external.status}`;
  return step.step === "refuse" ? `refuse ${step.code}` : step.step;
}

test.each([
  [
    "paid",
    { status: "draft" },
    'POST /v1/invoices/in_1/finalize {"auto_advance":false}',
    "Stripe's own schedule must not charge as well",
  ],
  [
    "paid",
    { status: "open" },
    'POST /v1/invoices/in_1/pay {"off_session":true}',
    "nobody has tried",
  ],
  ["paid", { status: "open", attempt_count: 1 }, "done PAYMENT_FAILED", "one attempt, no other"],
  ["paid", { status: "paid" }, "done PAID", "the money is there"],
  [
    "paid",
    { status: "paid", total: 99 },
    "refuse provider_total_differs",
    "another total is reported",
  ],
  ["canceled", { status: "draft" }, "DELETE /v1/invoices/in_1 {}", "a draft is no document yet"],
  ["canceled", { status: "open" }, "POST /v1/invoices/in_1/void {}", "it could still be paid"],
  [
    "canceled",
    { status: "uncollectible" },
    "POST /v1/invoices/in_1/void {}",
    "it could still be paid",
  ],
  ["canceled", { status: "void" }, "done VOID", "nobody can pay it"],
  ["canceled", { status: "paid" }, "done PAID", "money that came stays"],
] as const satisfies ["paid" | "canceled", Partial<Stripe.Invoice>, string, string][])(
  "wanted %s, %j: %s, because %s",
  (wanted, invoice, expected, _why) => {
    expect(show(wanted, invoice)).toBe(expected);
  },
);
