import { expect, test } from "vitest";
import { stripeTarget } from "./integration-target.ts";

const target = stripeTarget(() => {
  throw new Error("nothing here calls Stripe");
});

const DEFAULTS = {
  createStripeInvoice: true,
  priceDataProductId: null,
  poNumberCustomField: null,
  sendDueDate: false,
  collectionMethod: "charge_automatically",
};

test.each([
  [{}, {}, "nothing said"],
  [{ sendDueDate: "false" }, {}, "a default said"],
  [{ poNumberCustomField: null, collectionMethod: null }, {}, "null is a default"],
  [
    { sendDueDate: "true", collectionMethod: "Send Invoice" },
    { sendDueDate: true, collectionMethod: "send_invoice" },
    "a due date where Stripe waits to be paid",
  ],
  [
    { createStripeInvoice: false, priceDataProductId: " prod_1 " },
    { createStripeInvoice: false, priceDataProductId: "prod_1" },
    "lines for a subscription",
  ],
  [
    { poNumberCustomField: "x".repeat(40) },
    { poNumberCustomField: "x".repeat(40) },
    "the longest name of a custom field",
  ],
])("%j becomes %j: %s", (given, options, _why) => {
  expect(target.readOptions(given)).toEqual({ ...DEFAULTS, ...options });
});

test.each([
  [{ sendDueDate: true }, "sendDueDate must be false", "Stripe charges at once by default"],
  [{ poNumberCustomField: "x".repeat(41) }, "poNumberCustomField", "Stripe's limit is 40"],
  [{ priceDataProductId: "prod one" }, "priceDataProductId", "no id has a blank"],
  [{ daysUntilDue: 3 }, "unknown field configData.daysUntilDue", "no option of it"],
])("%j is refused with %j: %s", (given, message, _why) => {
  expect(() => target.readOptions(given)).toThrow(message);
});

test.each([
  [{ createStripeInvoice: true, poNumberCustomField: "PO" }, []],
  [
    {
      createStripeInvoice: false,
      poNumberCustomField: "PO",
      sendDueDate: true,
      collectionMethod: "send_invoice",
    },
    ["sendDueDate", "poNumberCustomField", "collectionMethod"],
  ],
])("of %j it warns about %j", (options, idle) => {
  expect(target.warnOf({ ...DEFAULTS, ...options })).toEqual(
    idle.map((name) => `${name} has no effect while createStripeInvoice is off`),
  );
});

test("of a key only its last four characters are shown", () => {
  const credential = target.toCredential({ apiKey: "sk_test_abcd1234", stripeAccount: "acct_1" });
  expect(credential).toEqual({ api_key: "sk_test_abcd1234", stripe_account: "acct_1" });
  expect(target.hintOf(credential)).toBe("1234");
  expect(target.hintOf({})).toBeUndefined();
});
