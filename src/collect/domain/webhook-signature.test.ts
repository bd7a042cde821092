import Stripe from "stripe";
import { expect, test } from "vitest";
import { signWebhook } from "./webhook-signature.ts";

const stripe = new Stripe("sk_test_unused");
const BODY = '{"id":"evt_1","object":"event","name":"Müller"}';

test("the signature is the official client's own", () => {
  const theirs = stripe.webhooks.generateTestHeaderString({
    payload: BODY,
    secret: "whsec_a",
    timestamp: 1_700_000_000,
  });
  expect(signWebhook(BODY, "whsec_a", 1_700_000_000)).toBe(theirs);
});

test.each([
  [BODY.replace("evt_1", "evt_2"), "whsec_a", "another body"],
  [BODY, "whsec_b", "another secret"],
])("does not fit %s with %s: %s", (body, secret) => {
  const signature = signWebhook(BODY, "whsec_a", Math.floor(Date.now() / 1000));
  expect(() => stripe.webhooks.constructEvent(body, signature, secret)).toThrow(
    Stripe.errors.StripeSignatureVerificationError,
  );
});
