import { expect, test } from "vitest";
import {
  decideWorkflow,
  type SeenPayment,
  toSeenPayment,
  type WorkflowStatus,
} from "./workflow.ts";

test.each([
  ["PENDING", "open", "wait", "nothing is decided"],
  ["PENDING", "paid", "release", "the money is there"],
  ["PENDING", "declined", "cancel", "what stands at the provider could still be paid"],
  ["PENDING", "needs_action", "ask", "only the payer can go on"],
  ["PENDING", "closed", "fail", "nobody can pay it any more"],
  ["CANCELING", "open", "wait", "it is being taken back"],
  ["CANCELING", "declined", "cancel", "it still stands, and could still be paid"],
  ["CANCELING", "needs_action", "cancel", "too late to act"],
  ["CANCELING", "closed", "fail", "it was taken back"],
  ["CANCELING", "paid", "release", "money that came in between is never lost"],
  ["PAID", "closed", "wait", "a commit that was released stays"],
  ["PAID", "declined", "wait", "an older look changes nothing"],
  ["FAILED", "closed", "wait", "it failed once"],
] as const satisfies [WorkflowStatus, SeenPayment["state"], string, string][])(
  "%s and %s: %s, because %s",
  (status, state, decision, _why) => {
    expect(decideWorkflow(status, { state })).toBe(decision);
  },
);

const asked = { paymentId: "pay_1", needsAction: true, error: null };
const refused = { paymentId: "pay_1", needsAction: false, error: null };

test.each([
  ["PAID", undefined, "paid"],
  ["PAID", asked, "paid"],
  ["PAYMENT_FAILED", refused, "declined"],
  ["PAYMENT_FAILED", asked, "needs_action"],
  ["UNCOLLECTIBLE", refused, "declined"],
  ["VOID", asked, "closed"],
  ["DELETED", undefined, "closed"],
  ["FINALIZED", undefined, "open"],
  ["PARTIALLY_PAID", undefined, "open"],
  [null, undefined, "open"],
] as const)("a document that is %s, with payment %j, is %s", (status, payment, state) => {
  expect(toSeenPayment(status, payment).state).toBe(state);
});
