import type Stripe from "stripe";
import { expect, test } from "vitest";
import { stripeInvoice } from "../../../test/support/sample-delivery.ts";
import { toExternalState, toExternalStatus } from "./status.ts";

test.each<[Stripe.Invoice.Status, Partial<Stripe.Invoice>, string | null, string]>([
  ["draft", {}, null, "a draft has no status yet"],
  ["open", {}, "FINALIZED", "nothing was tried"],
  ["open", { attempt_count: 1 }, "PAYMENT_FAILED", "tried, and still open"],
  ["open", { attempt_count: 1, amount_paid: 5 }, "PARTIALLY_PAID", "some money came"],
  ["paid", { attempt_count: 2, amount_paid: 10 }, "PAID", "what failed before no longer counts"],
  ["paid", { amount_paid: 0 }, "PAID", "nothing to pay, or carried over"],
  ["uncollectible", { attempt_count: 4 }, "UNCOLLECTIBLE", "given up"],
  ["void", {}, "VOID", "taken back"],
])("%s %j is %s: %s", (status, rest, expected) => {
  expect(toExternalStatus(stripeInvoice({ status, ...rest }))).toBe(expected);
});

test("an invoice is issued when it is finalized, a draft when it was made", () => {
  const made = stripeInvoice({ created: 1_706_832_000 });
  expect(toExternalState(made).details.issued_at).toBe("2024-02-02T00:00:00Z");
  const transitions = { ...made.status_transitions, finalized_at: 1_706_835_600 };
  const issued = stripeInvoice({ created: 1_706_832_000, status_transitions: transitions });
  expect(toExternalState(issued).details.issued_at).toBe("2024-02-02T01:00:00Z");
});
