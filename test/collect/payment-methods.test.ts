import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;
beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
});
afterAll(() => collect?.close());

const newCustomer = async (): Promise<string> => (await stripe.customers.create()).id;

test("a canonical id is a new payment method each time", async () => {
  const [first, second] = [
    await stripe.paymentMethods.retrieve("pm_card_visa"),
    await stripe.paymentMethods.retrieve("pm_card_visa"),
  ];
  expect(first.id).not.toBe(second.id);
  expect(first.card).toMatchObject({ brand: "visa", last4: "4242" });
  expect(first.card?.fingerprint).toBe(second.card?.fingerprint);
  const customer = await newCustomer();
  const attached = await stripe.paymentMethods.attach("pm_card_mastercard", { customer });
  expect(attached).toMatchObject({ customer, card: { brand: "mastercard" } });
  expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([attached]);
  const event = (await stripe.events.list({ type: "payment_method.attached", limit: 1 })).data[0];
  expect(event?.data.object).toEqual(JSON.parse(JSON.stringify(attached)));
});

test("a card by its number, with its details", async () => {
  const method = await stripe.paymentMethods.create({
    type: "card",
    card: { number: "4000 0000 0000 0341", exp_month: 3, exp_year: 2030, cvc: "123" },
    billing_details: { name: "Ada", address: { country: "DE" } },
    metadata: { k: "v" },
  });
  expect(method).toMatchObject({
    customer: null,
    billing_details: { name: "Ada", email: null, address: { country: "DE", city: null } },
    card: { exp_month: 3, exp_year: 2030, last4: "0341" },
    metadata: { k: "v" },
  });
});

test("a payment method belongs to one customer at a time", async () => {
  const [ada, bob] = [await newCustomer(), await newCustomer()];
  const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer: ada });
  await stripe.paymentMethods.attach(id, { customer: ada });
  await expect(stripe.paymentMethods.attach(id, { customer: bob })).rejects.toMatchObject({
    statusCode: 400,
  });
  await stripe.customers.update(ada, { invoice_settings: { default_payment_method: id } });
  const asDefault = stripe.customers.update(bob, {
    invoice_settings: { default_payment_method: id },
  });
  await expect(asDefault).rejects.toMatchObject({ code: "resource_missing" });

  expect((await stripe.paymentMethods.detach(id)).customer).toBeNull();
  expect(await stripe.customers.retrieve(ada)).toMatchObject({
    invoice_settings: { default_payment_method: null },
  });
  await expect(stripe.paymentMethods.detach(id)).rejects.toMatchObject({ statusCode: 400 });
});

test("changes show in the event", async () => {
  const customer = await newCustomer();
  const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
  const changed = await stripe.paymentMethods.update(id, {
    card: { exp_month: 7, exp_year: 2031 },
    billing_details: { email: "a@example.com" },
  });
  expect(changed.card).toMatchObject({ exp_month: 7, exp_year: 2031 });
  const event = (await stripe.events.list({ type: "payment_method.updated" })).data[0];
  expect(event?.data.previous_attributes).toEqual({
    billing_details: { email: null },
    card: { exp_month: 12, exp_year: 2025 },
  });
});

test.each([
  ["pm_card_chargeDeclined", "card_declined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"],
  ["pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"],
  ["pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"],
  ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"],
  ["pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"],
])("attaching %s is declined with %s/%s", async (id, code, decline) => {
  const customer = await newCustomer();
  await expect(stripe.paymentMethods.attach(id, { customer })).rejects.toMatchObject({
    type: "StripeCardError",
    statusCode: 402,
    code,
    decline_code: decline,
  });
  expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
});

test("a card that fails only when charged can be attached", async () => {
  const customer = await newCustomer();
  const attached = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
  expect(attached.customer).toBe(customer);
});

test.each<[Stripe.PaymentMethodCreateParams.Card, number, string]>([
  [{ number: "4111111111111111", exp_month: 1, exp_year: 2030 }, 402, "card_declined"],
  [{ number: "abc", exp_month: 1, exp_year: 2030 }, 402, "invalid_number"],
  [{ number: "4242424242424242", exp_month: 12, exp_year: 2023 }, 402, "invalid_expiry_year"],
  [{ number: "4242424242424242", exp_month: 13, exp_year: 2030 }, 400, "parameter_invalid_integer"],
  [{ number: "4242424242424242", exp_year: 2030 }, 400, "parameter_missing"],
  [{ token: "tok_nothing" }, 400, "resource_missing"],
  [{}, 400, "parameter_missing"],
])("card %j is refused with %i %s", async (card, statusCode, code) => {
  const refusal: unknown = await stripe.paymentMethods
    .create({ type: "card", card })
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ statusCode, code });
  expect(String(refusal)).not.toContain("4111111111111111");
});

test("the current month of the card's expiry is still good", async () => {
  const card = { number: "4242424242424242", exp_month: 1, exp_year: 2024 };
  expect(await stripe.paymentMethods.create({ type: "card", card })).toMatchObject({
    card: { exp_year: 2024 },
  });
});

/** The error of a refused call. */
const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "accepted",
    (error: unknown) => error,
  );

test("a new customer can name one canonical id as method and default: both are one new method", async () => {
  const { id, invoice_settings } = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  const attached = (await stripe.customers.listPaymentMethods(id)).data;
  expect(attached.map((method) => method.id)).toEqual([invoice_settings.default_payment_method]);
  expect(attached[0]?.id).not.toBe("pm_card_visa");
});

// Each use of a canonical id makes a new method, so what is named here is attached to nobody.
test("where a method must be attached already, a canonical id is refused and makes nothing", async () => {
  const customer = await newCustomer();
  const { id } = await stripe.invoices.create({ customer, currency: "usd" });
  await stripe.invoices.addLines(id, { lines: [{ amount: 1000 }] });
  const default_payment_method = "pm_card_visa";
  const before = (await stripe.paymentMethods.list({ limit: 100 })).data;
  const invoice_settings = { default_payment_method };
  const settingsParam = "invoice_settings[default_payment_method]";
  const calls: [() => Promise<unknown>, string][] = [
    [() => stripe.customers.update(customer, { invoice_settings }), settingsParam],
    [() => stripe.customers.create({ invoice_settings }), settingsParam],
    [() => stripe.invoices.create({ customer, default_payment_method }), "default_payment_method"],
    [() => stripe.invoices.update(id, { default_payment_method }), "default_payment_method"],
    [() => stripe.invoices.pay(id, { payment_method: "pm_card_visa" }), "payment_method"],
  ];
  for (const [call, param] of calls) {
    expect(await refusalOf(call())).toMatchObject({
      statusCode: 400,
      code: "resource_missing",
      param,
      message: expect.stringContaining("attach it first"),
    });
  }
  expect((await stripe.paymentMethods.list({ limit: 100 })).data).toEqual(before);
  expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: "draft" });

  const method = await stripe.paymentMethods.attach("pm_card_visa", { customer });
  await stripe.invoices.update(id, { default_payment_method: method.id });
  expect(await stripe.invoices.pay(id)).toMatchObject({ status: "paid" });
});

test.each([
  ["pm_usBankAccount_success", "only cards can be charged"],
  ["pm_card_riskLevelElevated", "no test card that this server knows"],
])("the canonical id %s is refused with the reason", async (id, reason) => {
  const customer = await newCustomer();
  const calls = [
    () => stripe.paymentMethods.retrieve(id),
    () => stripe.paymentMethods.attach(id, { customer }),
    () => stripe.customers.create({ payment_method: id }),
  ];
  for (const call of calls) {
    expect(await refusalOf(call())).toMatchObject({
      statusCode: 400,
      message: expect.stringContaining(reason),
    });
  }
});
