import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/**
 * The founding guide, sentence by sentence, as a client of its time would do it: no version header, so
 * the account's default of 2015 decides, and replies carry `closed`, `paid`, `attempted`.
 */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect("2016-04-01T00:00:00Z");
  stripe = collect.client({ apiVersion: "2015-10-16" as never });
  world = { ...subscriptionWorld(collect), stripe };
});
afterAll(() => collect.close());

const newest = async (customer: string) => {
  const { data } = await stripe.invoices.list({ customer, limit: 1 });
  return data[0] as Stripe.Invoice & { closed: boolean; paid: boolean; forgiven: boolean };
};

const update = (invoice: string, params: Record<string, string>) =>
  stripe.invoices.update(invoice, params as Stripe.InvoiceUpdateParams);

test("A2, A3, C1, C3: the first invoice is paid and closed at once, and takes nothing more but metadata", async () => {
  const { customer } = await world.subscribe(await world.price(1000));
  const invoice = await newest(String(customer));
  expect(invoice).toMatchObject({ closed: true, paid: true, attempted: true, forgiven: false });
  const late = stripe.invoiceItems.create({
    customer: String(customer),
    invoice: invoice.id,
    amount: 100,
  });
  expect(await world.refusal(late)).toBe("400 invoice_not_editable");
  const { metadata } = await update(invoice.id, { "metadata[seen]": "yes" } as never);
  expect(metadata).toEqual({ seen: "yes" });
});

test("A6: a setup fee from before goes onto the first invoice, a negative one takes off it", async () => {
  const customer = await world.customer("pm_card_visa");
  // The guide's sample, without `invoice`.
  await stripe.invoiceItems.create({
    customer,
    amount: 1000,
    currency: "usd",
    description: "One-time setup fee",
  });
  await stripe.invoiceItems.create({ customer, amount: -250, currency: "usd" });
  await world.subscribe(await world.price(2000), { customer });
  expect(await newest(customer)).toMatchObject({ total: 2750, paid: true });
});

test("B1 to B5, C1, D1, D5, G1, G2: a renewal waits an hour, is adjusted, held for review and paid", async () => {
  const { customer: payer, items } = await world.subscribe(await world.price(1000));
  const customer = String(payer);
  const end = Number(items.data[0]?.current_period_end);
  await collect.advanceTo(new Date(end * 1000).toISOString());
  const draft = await newest(customer);
  expect(draft).toMatchObject({ closed: false, attempted: false, paid: false, total: 1000 });
  expect(draft.next_payment_attempt).toBe(end + 3600);
  // The guide's sample, onto the invoice that has just been made.
  await stripe.invoiceItems.create({
    customer,
    invoice: draft.id,
    amount: 1000,
    currency: "usd",
    description: "One-time setup fee",
  });
  await update(draft.id, { closed: "true" });
  const held = stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 5 });
  expect(await world.refusal(held)).toBe("400 invoice_not_editable");
  await collect.advanceTo(new Date((end + 5 * 3600) * 1000).toISOString());
  expect(await newest(customer)).toMatchObject({
    closed: true,
    attempted: false,
    total: 2000,
    next_payment_attempt: null,
  });
  await update(draft.id, { closed: "false" });
  await stripe.invoices.pay(draft.id);
  expect(await newest(customer)).toMatchObject({ closed: true, paid: true, amount_paid: 2000 });
});

test("E1, E2, E4, F3, F5: an upgrade from 10 to 20 half-way nets 5, and can be billed now", async () => {
  const { id, customer: payer, items } = await world.subscribe(await world.price(1000));
  const customer = String(payer);
  const { current_period_start: start = 0, current_period_end: end = 0 } = items.data[0] ?? {};
  const half = start + (end - start) / 2;
  await collect.advanceTo(new Date(half * 1000).toISOString());
  await stripe.subscriptions.update(id, {
    items: [{ id: String(items.data[0]?.id), price: await world.price(2000) }],
  });
  const made = await stripe.invoices.create({ customer });
  expect(made).toMatchObject({ total: 500, closed: false, attempted: false });
  const after = await stripe.subscriptions.retrieve(id);
  expect(after.items.data[0]?.current_period_end).toBe(end);
  // Not at once, and not before an hour; within the second hour it is.
  await collect.advanceTo(new Date((half + 3599) * 1000).toISOString());
  expect(await newest(customer)).toMatchObject({ attempted: false });
  await collect.advanceTo(new Date((half + 7200) * 1000).toISOString());
  expect(await newest(customer)).toMatchObject({ attempted: true, paid: true });
});

test("E3: with nothing pending there is nothing to invoice", async () => {
  const customer = await world.customer();
  const call = stripe.invoices.create({ customer });
  expect(await world.refusal(call)).toBe("400 invoice_no_customer_line_items customer");
  const today = collect.stripe.invoices.create({ customer });
  expect((await today).lines.data).toEqual([]);
});

test("D6, D7, H1: items outlive a subscription: they are billed when its period ends", async () => {
  const subscription = await world.subscribe(await world.price(1000));
  const customer = String(subscription.customer);
  await stripe.invoiceItems.create({ customer, amount: 750, currency: "usd" });
  await stripe.subscriptions.cancel(subscription.id);
  const end = Number(subscription.items.data[0]?.current_period_end);
  await collect.advanceTo(new Date((end + 7200) * 1000).toISOString());
  expect(await world.invoices(customer)).toEqual([
    "subscription_create paid 1000",
    "subscription_cycle paid 750",
  ]);
  await collect.advanceTo(new Date((end + 40 * 86_400) * 1000).toISOString());
  expect(await world.invoices(customer)).toHaveLength(2);
  expect(unix("2016-04-01T00:00:00Z")).toBeLessThan(end);
});

test("G3: closing an invoice whose payment failed stops the retries", async () => {
  const { customer: payer, items } = await world.subscribe(await world.price(1000));
  const customer = String(payer);
  const card = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
  await stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: card.id },
  });
  const end = Number(items.data[0]?.current_period_end);
  await collect.advanceTo(new Date((end + 7200) * 1000).toISOString());
  const failed = await newest(customer);
  expect(failed).toMatchObject({ attempted: true, attempt_count: 1, closed: false });
  expect(failed.next_payment_attempt).not.toBeNull();
  await update(failed.id, { closed: "true" });
  await collect.advanceTo(new Date((end + 20 * 86_400) * 1000).toISOString());
  expect(await newest(customer)).toMatchObject({ attempt_count: 1, closed: true, paid: false });
});
