import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnNode } from "../support/child.ts";
import { openTestCollect, PRODUCTION_TOKEN, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";
import { openReceiver } from "./webhook-receiver.ts";

/** Clocks of their own for customers, beside the sandbox's. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

const SANDBOX_NOW = "2024-01-01T00:00:00Z";

beforeAll(async () => {
  collect = await openTestCollect(SANDBOX_NOW);
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
});
afterAll(() => collect.close());

const clockAt = (at: string) =>
  stripe.testHelpers.testClocks.create({ frozen_time: unix(at), name: "Months" });

/** A customer on a clock, with a card. */
async function customerOn(clock: string, card = "pm_card_visa"): Promise<string> {
  const { id } = await stripe.customers.create({ name: "Amy", test_clock: clock });
  const method = await stripe.paymentMethods.attach(card, { customer: id });
  await stripe.customers.update(id, {
    invoice_settings: { default_payment_method: method.id },
  });
  return id;
}

/** Sends a clock forwards and waits until it is there; the sandbox's clock stands. */
async function advance(clock: string, at: string): Promise<Stripe.TestHelpers.TestClock> {
  const sent = await stripe.testHelpers.testClocks.advance(clock, { frozen_time: unix(at) });
  expect([sent.status, sent.status_details.advancing?.target_frozen_time]).toEqual([
    "advancing",
    unix(at),
  ]);
  await collect.advanceTo(SANDBOX_NOW);
  return stripe.testHelpers.testClocks.retrieve(clock);
}

const created = async (customer: string) => {
  const { data } = await stripe.invoices.list({ customer, limit: 100 });
  return data.map((invoice) => [
    new Date(invoice.created * 1000).toISOString().slice(0, 10),
    invoice.status,
    invoice.total,
  ]);
};

test("three months on: three invoices at their own times, each finalized and paid an hour later", async () => {
  const clock = await clockAt("2030-01-31T10:00:00Z");
  expect(clock).toMatchObject({
    object: "test_helpers.test_clock",
    status: "ready",
    name: "Months",
    frozen_time: unix("2030-01-31T10:00:00Z"),
    created: unix(SANDBOX_NOW),
    deletes_after: unix(SANDBOX_NOW) + 30 * 86_400,
  });
  const customer = await customerOn(clock.id);
  const subscription = await world.subscribe(await world.price(1000), { customer });
  expect(subscription).toMatchObject({
    test_clock: clock.id,
    created: unix("2030-01-31T10:00:00Z"),
    billing_cycle_anchor: unix("2030-01-31T10:00:00Z"),
  });
  const arrived = await advance(clock.id, "2030-05-01T00:00:00Z");
  expect([arrived.status, arrived.frozen_time]).toEqual(["ready", unix("2030-05-01T00:00:00Z")]);
  expect(await created(customer)).toEqual([
    ["2030-04-30", "paid", 1000],
    ["2030-03-31", "paid", 1000],
    ["2030-02-28", "paid", 1000],
    ["2030-01-31", "paid", 1000],
  ]);
  const [newest] = (await stripe.invoices.list({ customer, limit: 1 })).data;
  expect(newest).toMatchObject({
    test_clock: clock.id,
    status_transitions: { paid_at: unix("2030-04-30T11:00:00Z") },
    webhooks_delivered_at: unix("2030-04-30T10:00:00Z"),
  });
  expect(await world.events(clock.id)).toEqual([
    "test_helpers.test_clock.created",
    "test_helpers.test_clock.advancing",
    "test_helpers.test_clock.ready",
  ]);
});

test("what else is on the sandbox's clock, or another, stands still", async () => {
  const [one, two] = [await clockAt("2024-01-01T00:00:00Z"), await clockAt("2024-01-01T00:00:00Z")];
  const price = await world.price(700);
  const customers = [
    await customerOn(one.id),
    await customerOn(two.id),
    await world.customer("pm_card_visa"),
  ];
  for (const customer of customers) await world.subscribe(price, { customer });
  await advance(one.id, "2024-03-02T00:00:00Z");
  const counts = await Promise.all(customers.map(async (id) => (await created(id)).length));
  expect(counts).toEqual([3, 1, 1]);
});

test("what is made for a customer is made at their clock's time; what is for nobody is not", async () => {
  const clock = await clockAt("2031-06-01T00:00:00Z");
  const customer = await customerOn(clock.id);
  const at = unix("2031-06-01T00:00:00Z");
  const item = await stripe.invoiceItems.create({ customer, amount: 500 });
  const invoice = await stripe.invoices.create({
    customer,
    pending_invoice_items_behavior: "include",
  });
  const finalized = await stripe.invoices.finalizeInvoice(invoice.id);
  const paid = await stripe.invoices.pay(invoice.id);
  expect([item.test_clock, item.date, invoice.created, finalized.effective_at]).toEqual([
    clock.id,
    at,
    at,
    at,
  ]);
  expect(paid.status_transitions.paid_at).toBe(at);
  const product = await stripe.products.create({ name: "P" });
  expect(product.created).toBe(unix(SANDBOX_NOW));
});

test("what is due on a clock that stands is done in the background", async () => {
  const clock = await clockAt("2031-06-01T00:00:00Z");
  const customer = await customerOn(clock.id);
  await stripe.invoiceItems.create({ customer, amount: 500 });
  const { id } = await stripe.invoices.create({
    customer,
    auto_advance: true,
    pending_invoice_items_behavior: "include",
  });
  expect((await stripe.invoices.finalizeInvoice(id)).status).toBe("open");
  const worker = spawnNode(["test/collect/dying-collect.ts", "nowhere", "work"], {
    ...process.env,
    DATABASE_URL: collect.databaseUrl,
  });
  try {
    await worker.line();
    await expect
      .poll(async () => (await stripe.invoices.retrieve(id)).status, { timeout: 15_000 })
      .toBe("paid");
  } finally {
    await worker.kill("SIGTERM");
  }
  const { status_transitions: at } = await stripe.invoices.retrieve(id);
  expect(at.paid_at).toBe(unix("2031-06-01T00:00:00Z"));
});

test("a payment on the invoice's page is made at the clock's time, and its subscription stays on it", async () => {
  const clock = await clockAt("2031-06-01T00:00:00Z");
  const customer = await customerOn(clock.id, "pm_card_chargeCustomerFail");
  const { id, latest_invoice: invoice } = await world.subscribe(await world.price(900), {
    customer,
  });
  const open = await stripe.invoices.retrieve(String(invoice));
  const answer = await fetch(`${open.hosted_invoice_url}/pay`, {
    method: "POST",
    body: new URLSearchParams({ card: "pm_card_visa" }),
    redirect: "manual",
  });
  expect(answer.headers.get("location")).toContain("outcome=paid");
  const paid = await stripe.invoices.retrieve(String(invoice));
  expect(paid.status_transitions.paid_at).toBe(unix("2031-06-01T00:00:00Z"));
  expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  const { rows } = await sql<{ clock: string }>`select distinct clock from collect.jobs
    where payload ->> 'subscription' = ${id}`.execute(collect.db);
  expect(rows).toEqual([{ clock: clock.id }]);
});

test("webhooks and idempotency keys follow the sandbox's clock", async () => {
  const receiver = await openReceiver();
  const endpoint = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ["invoice.paid"],
  });
  const clock = await clockAt("2035-01-01T00:00:00Z");
  const customer = await customerOn(clock.id);
  await world.subscribe(await world.price(100), { customer });
  await collect.advanceTo(SANDBOX_NOW);
  const [told] = receiver.received.map(({ body }) => JSON.parse(body));
  expect([told.type, told.created]).toEqual(["invoice.paid", unix("2035-01-01T00:00:00Z")]);
  await stripe.webhookEndpoints.del(endpoint.id);
  await receiver.close();
  const again = () =>
    stripe.invoiceItems.create({ customer, amount: 5 }, { idempotencyKey: "on-a-clock" });
  const first = await again();
  await advance(clock.id, "2035-01-05T00:00:00Z");
  expect((await again()).id).toBe(first.id);
});

test("while it advances its objects are left alone, and there is one advance at a time", async () => {
  const clock = await clockAt("2024-01-01T00:00:00Z");
  const customer = await customerOn(clock.id);
  const to = { frozen_time: unix("2024-02-01T00:00:00Z") };
  await stripe.testHelpers.testClocks.advance(clock.id, to);
  const calls = [
    () => stripe.customers.update(customer, { name: "Bea" }),
    () => stripe.invoiceItems.create({ customer, amount: 1 }),
    () => stripe.testHelpers.testClocks.advance(clock.id, to),
    () => stripe.testHelpers.testClocks.del(clock.id),
  ];
  for (const call of calls) expect(await world.refusal(call())).toMatch(/^400/);
  expect((await stripe.customers.retrieve(customer)).id).toBe(customer);
  await collect.advanceTo(SANDBOX_NOW);
  await stripe.customers.update(customer, { name: "Bea" });
});

describe("refused", () => {
  test("going back, standing still, and clocks that are not there", async () => {
    const { id } = await clockAt("2024-01-02T00:00:00Z");
    for (const at of ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]) {
      const call = stripe.testHelpers.testClocks.advance(id, { frozen_time: unix(at) });
      expect(await world.refusal(call)).toBe("400 undefined frozen_time");
    }
    const lost = stripe.customers.create({ test_clock: "clock_x" });
    expect(await world.refusal(lost)).toBe("400 resource_missing test_clock");
    const none = stripe.testHelpers.testClocks.retrieve("clock_x");
    expect(await world.refusal(none)).toBe("404 resource_missing id");
  });

  test("in live mode", async () => {
    const headers = {
      authorization: `Bearer ${PRODUCTION_TOKEN}`,
      "content-type": "application/json",
    };
    const url = `${collect.url}/ledgerline/accounts/${(await stripe.accounts.retrieveCurrent()).id}/keys`;
    const body = JSON.stringify({ mode: "live" });
    const made = await fetch(url, { method: "POST", headers, body });
    const live = collect.client({}, ((await made.json()) as { key: string }).key);
    const call = live.testHelpers.testClocks.create({ frozen_time: 1 });
    expect(await world.refusal(call)).toMatch(/^400/);
  });
});

test("lists leave out what is on clocks, unless it is asked for", async () => {
  const clock = await clockAt("2024-01-01T00:00:00Z");
  const customer = await customerOn(clock.id);
  const { id } = await world.subscribe(await world.price(100), { customer });
  const idsOf = ({ data }: { data: { id: string }[] }) => data.map((one) => one.id);
  expect(idsOf(await stripe.customers.list({ limit: 100 }))).not.toContain(customer);
  expect(idsOf(await stripe.customers.list({ test_clock: clock.id }))).toEqual([customer]);
  expect(idsOf(await stripe.subscriptions.list({ limit: 100 }))).not.toContain(id);
  expect(idsOf(await stripe.subscriptions.list({ test_clock: clock.id }))).toEqual([id]);
  expect(idsOf(await stripe.subscriptions.list({ customer }))).toEqual([id]);
  const expanded = await stripe.customers.retrieve(customer, { expand: ["test_clock"] });
  expect(expanded).toMatchObject({ test_clock: { id: clock.id, status: "ready" } });
});

test("deleted, it takes its customers along, and nothing more happens on it", async () => {
  const clock = await clockAt("2024-01-01T00:00:00Z");
  const customer = await customerOn(clock.id);
  const { id } = await world.subscribe(await world.price(100), { customer });
  expect(await stripe.testHelpers.testClocks.del(clock.id)).toMatchObject({ deleted: true });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
  expect((await stripe.subscriptions.retrieve(id)).status).toBe("canceled");
  const gone = stripe.testHelpers.testClocks.retrieve(clock.id);
  expect(await world.refusal(gone)).toBe("404 resource_missing id");
  expect((await world.events(clock.id)).at(-1)).toBe("test_helpers.test_clock.deleted");
});

test("after 30 days it goes by itself", async () => {
  const other = await openTestCollect(SANDBOX_NOW);
  const clock = await other.stripe.testHelpers.testClocks.create({ frozen_time: 1_700_000_000 });
  await other.advanceTo("2024-01-30T23:59:59Z");
  expect((await other.stripe.testHelpers.testClocks.list()).data).toHaveLength(1);
  await other.advanceTo("2024-01-31T00:00:00Z");
  expect((await other.stripe.testHelpers.testClocks.list()).data).toEqual([]);
  expect(clock.deletes_after).toBe(unix("2024-01-31T00:00:00Z"));
  await other.close();
});
