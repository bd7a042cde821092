import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, SANDBOX_TOKEN, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";
import { openReceiver } from "./webhook-receiver.ts";

/** How renewals go on: who must know of them first, and what becomes of what is not paid. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

const open = (at: string) => async () => {
  collect = await openTestCollect(at);
  world = subscriptionWorld(collect);
  stripe = collect.stripe;
};
const close = () => collect.close();

async function setting(terms: Record<string, unknown>): Promise<void> {
  const headers = {
    authorization: `Bearer ${SANDBOX_TOKEN}`,
    "content-type": "application/json",
  };
  const list = await fetch(`${collect.url}/ledgerline/accounts`, { headers });
  const { data } = (await list.json()) as { data: { id: string }[] };
  const url = `${collect.url}/ledgerline/accounts/${data[0]?.id}`;
  const changed = await fetch(url, { method: "POST", headers, body: JSON.stringify(terms) });
  expect(changed.status).toBe(200);
}

const newest = async (customer: string) =>
  (await stripe.invoices.list({ customer, limit: 1 })).data[0];

const stateOf = async (customer: string) => {
  const invoice = await newest(customer);
  return [invoice?.status, Number(invoice?.automatically_finalizes_at) || null];
};

describe("B3: the draft's hour", () => {
  beforeAll(open("2024-01-01T00:00:00Z"));
  afterAll(close);

  test("begins when those who want to know of the draft have got it, after 72 hours at the latest", async () => {
    let status = 500;
    const receiver = await openReceiver(() => status);
    const { customer: first } = await world.subscribe(await world.price(1000));
    const { customer: second } = await world.subscribe(await world.price(1000));
    await stripe.webhookEndpoints.create({
      url: receiver.url,
      enabled_events: ["invoice.created"],
    });
    await collect.advanceTo("2024-02-01T02:00:00Z");
    // Nobody answers: two hours after its creation the draft is still one.
    expect((await stateOf(String(first)))[0]).toBe("draft");
    status = 200;
    // Tried at 0 s, 5 s, 5 min, 35 min, 2 h 35 min: the receiver is back for the last of these.
    await collect.advanceTo("2024-02-01T03:00:00Z");
    const [state, at] = await stateOf(String(first));
    expect(state).toBe("draft");
    const invoice = await newest(String(first));
    expect(Number(at) - Number(invoice?.webhooks_delivered_at)).toBe(3600);
    await collect.advanceTo("2024-02-01T04:00:00Z");
    expect(await stateOf(String(first))).toEqual(["paid", null]);
    status = 500;
    await collect.advanceTo("2024-03-03T23:00:00Z");
    expect(await stateOf(String(second))).toMatchObject(["draft", expect.anything()]);
    await collect.advanceTo("2024-03-04T00:00:00Z");
    expect(await stateOf(String(second))).toEqual(["paid", null]);
    await receiver.close();
  });

  test.each(["deleted", "disabled"] as const)(
    "a draft waits no longer for an endpoint that is %s; until then it says how long at most",
    async (how) => {
      const receiver = await openReceiver(() => 500);
      const { id } = await stripe.webhookEndpoints.create({
        url: receiver.url,
        enabled_events: ["invoice.created"],
      });
      const customer = await world.customer("pm_card_visa");
      await stripe.invoiceItems.create({ customer, amount: 500 });
      const draft = await stripe.invoices.create({
        customer,
        pending_invoice_items_behavior: "include",
        auto_advance: true,
      });
      const afterHours = (hours: number) =>
        collect.advanceTo(new Date((draft.created + hours * 3600) * 1000).toISOString());
      await afterHours(2);
      const held = await stripe.invoices.retrieve(draft.id);
      const latest = draft.created + 72 * 3600;
      expect([held.status, held.automatically_finalizes_at, held.next_payment_attempt]).toEqual([
        "draft",
        latest,
        latest,
      ]);
      expect(held.webhooks_delivered_at).toBeNull();
      if (how === "deleted") await stripe.webhookEndpoints.del(id);
      else await stripe.webhookEndpoints.update(id, { disabled: true });
      await afterHours(4);
      expect((await stripe.invoices.retrieve(draft.id)).status).toBe("paid");
      if (how === "disabled") await stripe.webhookEndpoints.del(id);
      await receiver.close();
    },
  );

  test("where nobody listens everybody knows of it at once", async () => {
    const { latest_invoice: id } = await world.subscribe(await world.price(1000));
    const { created, webhooks_delivered_at: at } = await stripe.invoices.retrieve(String(id));
    expect(at).toBe(created);
  });

  test("is not moved when the time was asked for", async () => {
    const receiver = await openReceiver(() => 500);
    const { id } = await stripe.webhookEndpoints.create({
      url: receiver.url,
      enabled_events: ["invoice.created"],
    });
    const customer = await world.customer("pm_card_visa");
    await stripe.invoiceItems.create({ customer, amount: 500 });
    await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
      automatically_finalizes_at: unix("2024-03-05T00:00:00Z"),
    });
    await collect.advanceTo("2024-03-05T00:00:00Z");
    expect((await stateOf(customer))[0]).toBe("paid");
    await stripe.webhookEndpoints.del(id);
    await receiver.close();
  });
});

describe("B5, B6: after the last attempt", () => {
  beforeAll(open("2024-01-01T00:00:00Z"));
  afterAll(close);

  const fail = async (price: string) => {
    const subscription = await world.subscribe(price);
    const customer = String(subscription.customer);
    const method = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    await stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: method.id },
    });
    return subscription;
  };

  test("unpaid: its renewals stay drafts; paying the newest one makes it active", async () => {
    await setting({ subscription_retries: [2], subscription_retries_end: "unpaid" });
    const { id, customer } = await fail(await world.price(1000));
    await collect.advanceTo("2024-02-01T02:00:00Z");
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
    await collect.advanceTo("2024-02-03T02:00:00Z");
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("unpaid");
    await collect.advanceTo("2024-03-02T00:00:00Z");
    expect(await world.invoices(String(customer))).toEqual([
      "subscription_create paid 1000",
      "subscription_cycle open 1000",
      "subscription_cycle draft 1000",
    ]);
    const draft = await newest(String(customer));
    expect(draft).toMatchObject({ auto_advance: false, next_payment_attempt: null });
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: String(customer) });
    await stripe.invoices.pay(String(draft?.id), { payment_method: card.id });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  });

  test("leave_past_due: it stays past due and renews", async () => {
    await setting({ subscription_retries: [1], subscription_retries_end: "leave_past_due" });
    const { id, customer } = await fail(await world.price(1000, { interval: "week" }));
    await collect.advanceTo("2024-03-17T00:00:00Z");
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
    expect((await world.invoices(String(customer))).slice(1)).toEqual([
      "subscription_cycle open 1000",
      "subscription_cycle open 1000",
    ]);
  });

  test("no retries at all: canceled after the first attempt", async () => {
    await setting({ subscription_retries: [], subscription_retries_end: "cancel" });
    const { id } = await fail(await world.price(1000, { interval: "week" }));
    await collect.advanceTo("2024-03-25T00:00:00Z");
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("canceled");
  });
});

describe("invoices that are sent", () => {
  beforeAll(open("2024-01-01T00:00:00Z"));
  afterAll(close);

  test("past their due date are told of once, and the subscription is past due until they are paid", async () => {
    const customer = await world.customer();
    const { id } = await world.subscribe(await world.price(1000), {
      customer,
      collection_method: "send_invoice",
      days_until_due: 10,
    });
    const invoice = await newest(customer);
    await collect.advanceTo("2024-01-10T23:59:59Z");
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
    await collect.advanceTo("2024-01-12T00:00:00Z");
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
    const events = await world.events(String(invoice?.id));
    expect(events.filter((type) => type === "invoice.overdue")).toHaveLength(1);
    await stripe.invoices.pay(String(invoice?.id), { paid_out_of_band: true });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  });
});

describe("a pause of collection", () => {
  beforeAll(open("2024-01-01T00:00:00Z"));
  afterAll(close);

  test.each([
    ["keep_as_draft", "draft"],
    ["mark_uncollectible", "uncollectible"],
    ["void", "void"],
  ] as const)("%s: renewals are %s, until it is over", async (behavior, status) => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = String(subscription.customer);
    const end = Number(subscription.items.data[0]?.current_period_end);
    const paused = await stripe.subscriptions.update(subscription.id, {
      pause_collection: { behavior, resumes_at: end + 5 * 86_400 },
    });
    expect(paused.pause_collection).toEqual({ behavior, resumes_at: end + 5 * 86_400 });
    await collect.advanceTo(new Date((end + 2 * 3600) * 1000).toISOString());
    expect((await world.invoices(customer)).at(-1)).toBe(`subscription_cycle ${status} 1000`);
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
    await collect.advanceTo(new Date((end + 6 * 86_400) * 1000).toISOString());
    expect((await stripe.subscriptions.retrieve(subscription.id)).pause_collection).toBeNull();
    await collect.advanceTo(new Date((end + 32 * 86_400) * 1000).toISOString());
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_cycle paid 1000");
  });
});

describe("a change that is billed at once while nothing is collected", () => {
  beforeAll(open("2024-01-01T00:00:00Z"));
  afterAll(close);

  const restart = async (subscription: Stripe.Subscription) => {
    const [item] = subscription.items.data;
    await stripe.subscriptions.update(subscription.id, {
      billing_cycle_anchor: "now" as never,
      proration_behavior: "none",
      items: [{ id: String(item?.id), price: await world.price(4000) }],
    });
  };
  const charged = async (customer: string) =>
    (await stripe.charges.list({ customer })).data
      .filter(({ status }) => status === "succeeded")
      .map(({ amount }) => amount);

  test.each([
    ["keep_as_draft", "draft"],
    ["mark_uncollectible", "uncollectible"],
    ["void", "void"],
  ] as const)("paused as %s: its invoice is %s and nobody is charged", async (behavior, status) => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = String(subscription.customer);
    await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior } });
    await restart(subscription);
    expect((await world.invoices(customer)).at(-1)).toBe(`subscription_update ${status} 4000`);
    expect(await charged(customer)).toEqual([1000]);
  });

  test("unpaid: its invoice stays a draft", async () => {
    await setting({ subscription_retries: [], subscription_retries_end: "unpaid" });
    const subscription = await world.subscribe(await world.price(1000, { interval: "week" }));
    const customer = String(subscription.customer);
    const method = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    await stripe.customers.update(customer, {
      invoice_settings: { default_payment_method: method.id },
    });
    await collect.advanceTo("2024-01-08T02:00:00Z");
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("unpaid");
    await restart(subscription);
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_update draft 4000");
    expect(await charged(customer)).toEqual([1000]);
  });
});

describe("F9: what is given back", () => {
  beforeAll(open("2024-01-01T00:00:00Z"));
  afterAll(close);

  test.each([
    // Half of January is left: classic gives back half of the price, 5.00, flexible half of the 8.00 paid.
    ["classic", [-500, 1000]],
    ["flexible", [-400, 1000]],
  ] as const)("%s, after a discount of 20%%", async (type, amounts) => {
    const { id: coupon } = await stripe.coupons.create({ percent_off: 20 });
    const { id, customer, items, billing_mode } = await world.subscribe(await world.price(1000), {
      billing_mode: { type },
      discounts: [{ coupon }],
    });
    expect(billing_mode.type).toBe(type);
    const half = 31 * 12 * 3600;
    await stripe.subscriptions.update(id, {
      proration_date: Number(items.data[0]?.current_period_start) + half,
      items: [{ id: String(items.data[0]?.id), price: await world.price(2000) }],
    });
    const pending = await stripe.invoiceItems.list({ customer: String(customer), pending: true });
    expect(pending.data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual(amounts);
  });

  test("flexible: never more than was debited, however far back a change counts", async () => {
    const { id, customer, items } = await world.subscribe(await world.price(3100), {
      billing_mode: { type: "flexible" },
    });
    const [item] = items.data;
    const change = async (price: number, days: number) =>
      stripe.subscriptions.update(id, {
        proration_date: Number(item?.current_period_start) + days * 86_400,
        items: [{ id: String(item?.id), price: await world.price(price) }],
      });
    await change(6200, 21);
    await change(9300, 11);
    const { data } = await stripe.invoiceItems.list({ customer: String(customer), pending: true });
    expect(data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual([
      // Debited were 31.00 for 31 days, then 20.00 for the last 10: all of that comes back, ...
      -2000,
      // ... for days 11 to 21 the first price's, ...
      -1000,
      // ... and its last 10 days came back when the second price began.
      -1000,
      // The second price for 10 days, the third for 20.
      2000, 6000,
    ]);
  });

  test("flexible: what was voided was never paid", async () => {
    const { id, customer, items } = await world.subscribe(
      await world.price(1000, { interval: "week" }),
      { billing_mode: { type: "flexible" } },
    );
    await stripe.subscriptions.update(id, { pause_collection: { behavior: "void" } });
    const end = Number(items.data[0]?.current_period_end);
    await collect.advanceTo(new Date(end * 1000).toISOString());
    expect((await world.invoices(String(customer))).at(-1)).toBe("subscription_cycle void 1000");
    await stripe.subscriptions.cancel(id, { prorate: true });
    const pending = await stripe.invoiceItems.list({ customer: String(customer), pending: true });
    expect(pending.data).toEqual([]);
  });

  test("flexible is the default from version 2025-09-30; classic ones can be taken there", async () => {
    const price = await world.price(1000);
    expect((await world.subscribe(price)).billing_mode.type).toBe("flexible");
    const old = collect.client({ apiVersion: "2024-06-20" as never });
    const customer = await world.customer("pm_card_visa");
    const { id, billing_mode } = await old.subscriptions.create({ customer, items: [{ price }] });
    expect(billing_mode.type).toBe("classic");
    const migrated = await stripe.subscriptions.migrate(id, { billing_mode: { type: "flexible" } });
    expect(migrated.billing_mode.type).toBe("flexible");
  });
});

test("a trial that an active subscription is given: what was paid comes back, paid time begins at its end", async () => {
  await open("2024-01-01T00:00:00Z")();
  const subscription = await world.subscribe(await world.price(3100));
  const customer = String(subscription.customer);
  await collect.advanceTo("2024-01-11T00:00:00Z");
  const trialing = await stripe.subscriptions.update(subscription.id, {
    trial_end: unix("2024-01-21T00:00:00Z"),
  });
  expect(trialing).toMatchObject({
    status: "trialing",
    trial_start: unix("2024-01-11T00:00:00Z"),
    billing_cycle_anchor: unix("2024-01-21T00:00:00Z"),
  });
  // 21 of 31 days come back: 21.00, as credit of the customer's.
  expect(await world.invoices(customer)).toEqual([
    "subscription_create paid 3100",
    "subscription_update paid -2100",
  ]);
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -2100 });
  await collect.advanceTo("2024-01-21T02:00:00Z");
  const paid = await newest(customer);
  expect(paid).toMatchObject({ status: "paid", total: 3100, amount_due: 1000 });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
  await close();
});
