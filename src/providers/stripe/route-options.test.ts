import { describe, expect, test } from "vitest";
import { readStripeRouteOptions } from "./route-options.ts";

describe("readStripeRouteOptions", () => {
  test.each([
    [{ stripe_customer_id: "cus_1" }, "charge_automatically", "charging is the default"],
    [
      { stripe_customer_id: "cus_1", stripe_collection_method: null },
      "charge_automatically",
      "null is absent",
    ],
    [
      { stripe_customer_id: "cus_1", stripe_collection_method: "SEND_INVOICE" },
      "send_invoice",
      "any case",
    ],
    [
      { stripe_customer_id: "cus_1", leave_stripe_invoices_in_draft: false },
      "charge_automatically",
      "the default",
    ],
  ])("%j means %s, because of %s", (configuration, method, _reason) => {
    expect(readStripeRouteOptions(configuration)).toEqual({
      stripe_customer_id: "cus_1",
      stripe_collection_method: method,
    });
  });

  test.each([
    [{}, /stripe_customer_id must be/],
    [{ stripe_customer_id: "" }, /stripe_customer_id must be/],
    [{ stripe_customer_id: "a b" }, /stripe_customer_id must be/],
    [{ stripe_customer_id: 5 }, /stripe_customer_id must be/],
    [{ stripe_customer_id: "c", stripe_collection_method: "cash" }, /must be one of/],
    [
      { stripe_customer_id: "c", stripe_collection_method: "auto_charge_payment_intent" },
      /not supported/,
    ],
    [{ stripe_customer_id: "c", leave_stripe_invoices_in_draft: true }, /not supported/],
    [{ stripe_customer_id: "c", colour: "red" }, /unknown field configuration.colour/],
  ])("refuses %j", (configuration, message) => {
    expect(() => readStripeRouteOptions(configuration)).toThrow(message);
  });
});
