import type Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { stripeIntegrationRoute } from "./integration-route.ts";

const { toRouteOptions, documentUrl } = stripeIntegrationRoute(() => ({}) as Stripe);
const payer = { customer: "cus_1", subscription: undefined };

describe("the settings of a destination as route options", () => {
  test.each([
    [
      "nothing is set",
      {},
      {
        stripe_customer_id: "cus_1",
        stripe_collection_method: "charge_automatically",
        create_invoice: true,
        send_due_date: false,
      },
    ],
    [
      "everything is set",
      {
        collectionMethod: "SEND_INVOICE",
        createStripeInvoice: false,
        priceDataProductId: "prod_1",
        poNumberCustomField: "PO",
        sendDueDate: true,
      },
      {
        stripe_customer_id: "cus_1",
        stripe_collection_method: "send_invoice",
        create_invoice: false,
        send_due_date: true,
        price_data_product_id: "prod_1",
        po_number_custom_field: "PO",
      },
    ],
  ])("%s", (_what, destination, expected) => {
    expect(toRouteOptions(destination, payer)).toEqual(expected);
  });

  test("the subscription of a mapped contract", () => {
    expect(toRouteOptions({}, { ...payer, subscription: "sub_1" })).toMatchObject({
      stripe_subscription_id: "sub_1",
    });
  });
});

test.each([
  ["PRODUCTION", false, "in_1", "https://dashboard.stripe.com/invoices/in_1"],
  ["SANDBOX", false, "in_1", "https://dashboard.stripe.com/test/invoices/in_1"],
  ["SANDBOX", false, "pi_1", "https://dashboard.stripe.com/test/payments/pi_1"],
  ["SANDBOX", true, "in_1", undefined],
] as const)("in %s, built in %s: %s is seen at %s", (environment, builtIn, id, expected) => {
  expect(documentUrl({ environment, builtIn, settings: {} }, id)).toBe(expected);
});
