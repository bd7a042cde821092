import type Stripe from "stripe";
import { expect, test } from "vitest";
import type { StripePayment } from "./document.ts";
import { nextPaymentStep, type PaymentObserved } from "./payment-step.ts";

const document = (wanted: "paid" | "canceled"): StripePayment => ({
  kind: "payment",
  invoiceId: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11",
  customer: "cus_1",
  currency: "usd",
  amountMinor: 8000n,
  description: "Top-up",
  metadata: {},
  collection: { wanted, isOnSession: false },
});

const found = (overrides: Partial<Stripe.PaymentIntent>): PaymentObserved => ({
  state: "found",
  intent: {
    id: "pi_1",
    amount: 8000,
    currency: "usd",
    customer: "cus_1",
    status: "succeeded",
    created: 1_704_067_200,
    last_payment_error: null,
    ...overrides,
  } as Stripe.PaymentIntent,
});

/** "write pay", "done PAID", "refuse payment_missing" */
function show(wanted: "paid" | "canceled", observed: PaymentObserved): string {
  const step = nextPaymentStep(document(wanted), observed);
  if (step.step === "write") return `write ${step.name}`;
  return step.step === "done" ? `done ${step.external.status}` : `refuse ${step.code}`;
}

test.each([
  ["paid", { state: "none", paymentMethod: "pm_1" }, "write pay", "nothing stands yet"],
  [
    "paid",
    { state: "none", paymentMethod: undefined },
    "refuse payment_method_missing",
    "nothing could pay",
  ],
  ["paid", found({}), "done PAID", "the money is there"],
  [
    "paid",
    found({ status: "requires_payment_method" }),
    "done PAYMENT_FAILED",
    "one attempt, no other",
  ],
  ["paid", found({ status: "requires_action" }), "done PAYMENT_FAILED", "only the payer can go on"],
  ["paid", found({ status: "processing" }), "done FINALIZED", "the provider is not done"],
  ["paid", found({ status: "canceled" }), "done VOID", "somebody took it back"],
  [
    "paid",
    found({ amount: 7999 }),
    "refuse provider_payment_differs",
    "another amount is not ours",
  ],
  [
    "paid",
    found({ currency: "eur" }),
    "refuse provider_payment_differs",
    "another currency is not ours",
  ],
  [
    "paid",
    found({ customer: "cus_2" }),
    "refuse provider_payment_differs",
    "somebody else would pay",
  ],
  [
    "canceled",
    found({ status: "requires_payment_method" }),
    "write cancel",
    "it could still be paid",
  ],
  ["canceled", found({ status: "requires_action" }), "write cancel", "the payer could still act"],
  ["canceled", found({ status: "canceled" }), "done VOID", "nobody can pay it"],
  ["canceled", found({}), "done PAID", "money that came stays"],
  ["canceled", found({ status: "processing" }), "done FINALIZED", "it cannot be taken back now"],
  [
    "canceled",
    { state: "none", paymentMethod: "pm_1" },
    "refuse payment_missing",
    "there is nothing",
  ],
] as const satisfies ["paid" | "canceled", PaymentObserved, string, string][])(
  "wanted %s, %j: %s, because %s",
  (wanted, observed, expected, _why) => {
    expect(show(wanted, observed)).toBe(expected);
  },
);

test("the payment is confirmed as it is created, and says whose invoice it pays", () => {
  const step = nextPaymentStep(document("paid"), { state: "none", paymentMethod: "pm_1" });
  expect(step).toMatchObject({
    mayBeDeclined: true,
    request: {
      path: "/v1/payment_intents",
      params: {
        amount: 8000,
        currency: "usd",
        customer: "cus_1",
        payment_method: "pm_1",
        confirm: true,
        off_session: true,
      },
    },
  });
});
