import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;
beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
});
afterAll(() => collect?.close());

/** A customer with this card attached. */
async function payer(card = "pm_card_visa"): Promise<{ customer: string; method: string }> {
  const { id: customer } = await stripe.customers.create();
  const { id: method } = await stripe.paymentMethods.attach(card, { customer });
  return { customer, method };
}

const payment = (customer: string, extra: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  ({
    amount: 2500,
    currency: "usd",
    customer,
    ...extra,
  }) satisfies Stripe.PaymentIntentCreateParams;

/** Creates and confirms a payment off session; answers the payment and the error, if it had one. */
async function charge(card: string, extra: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const { customer, method } = await payer(card);
  const params = { payment_method: method, confirm: true, off_session: true, ...extra };
  try {
    return {
      intent: await stripe.paymentIntents.create(payment(customer, params)),
      error: undefined,
    };
  } catch (cause) {
    const error = cause as Stripe.errors.StripeError;
    const { data } = await stripe.paymentIntents.list({ customer });
    return { intent: data[0] as Stripe.PaymentIntent, error };
  }
}

const eventsOf = async ({ id }: Stripe.PaymentIntent): Promise<string[]> => {
  const { data } = await stripe.events.list({ limit: 100 });
  return data
    .filter(({ data: { object } }) => {
      const { id: own, payment_intent: of } = object as { id?: string; payment_intent?: string };
      return own === id || of === id;
    })
    .map(({ type }) => type)
    .reverse();
};

describe("a payment that is created and confirmed at once", () => {
  test("succeeds, and is told of", async () => {
    const { intent } = await charge("pm_card_visa", {
      description: "Top-up",
      metadata: { order: "7" },
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    });
    expect(intent).toMatchObject({
      status: "succeeded",
      amount: 2500,
      amount_received: 2500,
      currency: "usd",
      description: "Top-up",
      metadata: { order: "7" },
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      last_payment_error: null,
      next_action: null,
    });
    const made = await stripe.charges.retrieve(String(intent.latest_charge));
    expect(made).toMatchObject({ status: "succeeded", amount: 2500, payment_intent: intent.id });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toEqual(intent);
    expect((await eventsOf(intent)).sort()).toEqual([
      "charge.succeeded",
      "payment_intent.created",
      "payment_intent.succeeded",
    ]);
  });

  test.each([
    ["pm_card_chargeCustomerFail", "card_declined", "generic_decline"],
    ["pm_card_authenticationRequired", "authentication_required", "authentication_required"],
    ["pm_card_threeDSecure2Required", "authentication_required", "authentication_required"],
  ])("%s is declined off session: %s", async (card, code, declineCode) => {
    const { intent, error } = await charge(card);
    expect(error).toMatchObject({
      type: "StripeCardError",
      statusCode: 402,
      code,
      decline_code: declineCode,
      payment_intent: { id: intent.id, status: "requires_payment_method" },
    });
    expect(intent).toMatchObject({
      status: "requires_payment_method",
      payment_method: null,
      amount_received: 0,
      last_payment_error: { code, decline_code: declineCode, charge: intent.latest_charge },
    });
    expect((await eventsOf(intent)).sort()).toEqual([
      "charge.failed",
      "payment_intent.created",
      "payment_intent.payment_failed",
    ]);
  });

  test("asks a payer who is there", async () => {
    const { intent, error } = await charge("pm_card_authenticationRequired", {
      off_session: false,
    });
    expect(error).toBeUndefined();
    expect(intent).toMatchObject({ status: "requires_action", latest_charge: null });
    expect(intent.next_action?.type).toBe("use_stripe_sdk");
    expect(await eventsOf(intent)).toContain("payment_intent.requires_action");
    const other = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: "pm_card_visa",
    });
    expect(other).toMatchObject({ status: "succeeded", next_action: null });
  });

  test("under one key is one payment, also when it was declined", async () => {
    const { customer, method } = await payer("pm_card_chargeCustomerFail");
    const params = payment(customer, { payment_method: method, confirm: true });
    const pay = () =>
      stripe.paymentIntents
        .create(params, { idempotencyKey: `pay-${customer}` })
        .catch((error: Stripe.errors.StripeError) => [
          error.code,
          error.headers?.["idempotent-replayed"],
        ]);
    expect(await pay()).toEqual(["card_declined", undefined]);
    expect(await pay()).toEqual(["card_declined", "true"]);
    expect((await stripe.paymentIntents.list({ customer })).data).toHaveLength(1);
    expect((await stripe.charges.list({ customer })).data).toHaveLength(1);
  });
});

describe("a payment step by step", () => {
  test("waits for a method, then for its confirmation", async () => {
    const { customer, method } = await payer();
    const bare = await stripe.paymentIntents.create(payment(customer));
    expect(bare.status).toBe("requires_payment_method");
    await expect(stripe.paymentIntents.confirm(bare.id)).rejects.toMatchObject({
      statusCode: 400,
      code: "payment_intent_unexpected_state",
    });
    const named = await stripe.paymentIntents.create(payment(customer, { payment_method: method }));
    expect([named.status, named.payment_method]).toEqual(["requires_confirmation", method]);
    expect((await stripe.paymentIntents.confirm(named.id)).status).toBe("succeeded");
  });

  test("can be tried again with another card", async () => {
    const { customer, method } = await payer("pm_card_chargeCustomerFail");
    const { id } = await stripe.paymentIntents.create(
      payment(customer, { payment_method: method }),
    );
    await expect(stripe.paymentIntents.confirm(id)).rejects.toMatchObject({ statusCode: 402 });
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
    expect(paid).toMatchObject({ status: "succeeded", last_payment_error: null });
    const { data } = await stripe.charges.list({ payment_intent: id });
    expect(data.map(({ status }) => status).sort()).toEqual(["failed", "succeeded"]);
  });

  test("is canceled once, and then takes nothing", async () => {
    const { customer, method } = await payer();
    const { id } = await stripe.paymentIntents.create(
      payment(customer, { payment_method: method }),
    );
    const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: "abandoned" });
    expect(canceled).toMatchObject({
      status: "canceled",
      cancellation_reason: "abandoned",
      canceled_at: 1_704_067_200,
    });
    expect(await eventsOf(canceled)).toContain("payment_intent.canceled");
    for (const action of ["cancel", "confirm"] as const) {
      await expect(stripe.paymentIntents[action](id)).rejects.toMatchObject({
        code: "payment_intent_unexpected_state",
      });
    }
  });

  test("is not canceled when it succeeded", async () => {
    const { intent } = await charge("pm_card_visa");
    await expect(stripe.paymentIntents.cancel(intent.id)).rejects.toMatchObject({
      statusCode: 400,
      code: "payment_intent_unexpected_state",
    });
  });

  test("of an invoice goes the way of the invoice", async () => {
    const { customer } = await payer();
    const invoice = await stripe.invoices.create({ customer });
    await stripe.invoices.addLines(invoice.id ?? "", { lines: [{ amount: 500 }] });
    const { payments } = await stripe.invoices.finalizeInvoice(invoice.id ?? "", {
      expand: ["payments"],
    });
    const id = String(payments?.data[0]?.payment.payment_intent);
    for (const action of ["cancel", "confirm"] as const) {
      await expect(stripe.paymentIntents[action](id)).rejects.toMatchObject({
        code: "payment_intent_unexpected_state",
        message: expect.stringContaining(String(invoice.id)),
      });
    }
  });
});

describe("a payment that cannot be", () => {
  test.each([
    ["too small an amount", { amount: 49 }, "amount_too_small", "amount"],
    ["too large an amount", { amount: 100_000_000 }, "amount_too_large", "amount"],
    ["nothing", { amount: 0 }, undefined, "amount"],
    ["an unknown currency", { currency: "xxx" }, "parameter_invalid_enum", "currency"],
    ["an unknown customer", { customer: "cus_none" }, "resource_missing", "customer"],
    ["an unknown method", { payment_method: "pm_none" }, "resource_missing", "payment_method"],
    ["no card", { payment_method_types: ["sepa_debit"] }, undefined, "payment_method_types[0]"],
    ["off session without confirming", { off_session: true }, "parameter_missing", "off_session"],
    ["a later capture", { capture_method: "manual" }, undefined, "capture_method"],
    ["an unknown parameter", { tip: 5 }, "parameter_unknown", "tip"],
  ])("%s is refused", async (_what, change, code, param) => {
    const { customer } = await payer();
    const before = (await stripe.paymentIntents.list({ limit: 1 })).data[0]?.id;
    const params = { ...payment(customer), ...change } as Stripe.PaymentIntentCreateParams;
    await expect(stripe.paymentIntents.create(params)).rejects.toMatchObject({
      type: "StripeInvalidRequestError",
      param,
      ...(code === undefined ? {} : { code }),
    });
    expect((await stripe.paymentIntents.list({ limit: 1 })).data[0]?.id).toBe(before);
  });

  test("another customer's method is refused, off session also nobody's", async () => {
    const [ada, bob] = [await payer(), await payer()];
    const theirs = payment(ada.customer, { payment_method: bob.method });
    await expect(stripe.paymentIntents.create(theirs)).rejects.toMatchObject({
      param: "payment_method",
    });
    const nobodys = payment(ada.customer, {
      payment_method: "pm_card_visa",
      confirm: true,
      off_session: true,
    });
    await expect(stripe.paymentIntents.create(nobodys)).rejects.toMatchObject({
      param: "payment_method",
    });
  });

  test("one that does not exist is neither confirmed nor canceled", async () => {
    for (const action of ["cancel", "confirm"] as const) {
      await expect(stripe.paymentIntents[action]("pi_none")).rejects.toMatchObject({
        statusCode: 404,
        code: "resource_missing",
      });
    }
  });
});
