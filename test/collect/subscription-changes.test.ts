import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

let collect: TestCollect;
let world: SubscriptionWorld;

// A period of 28 days, so that its half is a whole number of days.
beforeEach(async () => {
  collect = await openTestCollect("2025-02-01T00:00:00Z");
  world = subscriptionWorld(collect);
});
afterEach(() => collect.close());

const HALF_WAY = "2025-02-15T00:00:00Z";
const itemOf = (subscription: Stripe.Subscription) => subscription.items.data[0]?.id ?? "";

/** Pending items of a customer, newest first: description, amount, proration. */
async function pending(customer: string): Promise<string[]> {
  const { data } = await world.stripe.invoiceItems.list({ customer, pending: true });
  return data.map(({ description, amount, proration }) =>
    `${description}: ${amount}${proration ? " proration" : ""}`.replace(/Plan \d+/, "Plan"),
  );
}

describe("prices and quantities", () => {
  test("F1 to F4, F6: a dearer price half-way is +5 of 10, pending until the period ends", async () => {
    const [ten, twenty] = [await world.price(1000), await world.price(2000)];
    const subscription = await world.subscribe(ten);
    const customer = subscription.customer as string;
    await collect.advanceTo(HALF_WAY);
    const changed = await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription), price: twenty }],
    });
    expect(changed.items.data.map(({ price }) => price.id)).toEqual([twenty]);
    expect(changed.billing_cycle_anchor).toBe(unix("2025-02-01T00:00:00Z"));
    expect(await pending(customer)).toEqual([
      "Remaining time on Plan after 15 Feb 2025: 1000 proration",
      "Unused time on Plan after 15 Feb 2025: -500 proration",
    ]);
    await collect.advanceTo("2025-03-01T01:00:00Z");
    expect(await world.newestLines(customer)).toEqual([
      "Remaining time on Plan after 15 Feb 2025: 1000",
      "Unused time on Plan after 15 Feb 2025: -500",
      "1 × Plan (at $20.00 / month): 2000",
    ]);
    expect(await world.invoices(customer)).toEqual([
      "subscription_create paid 1000",
      "subscription_cycle paid 2500",
    ]);
  });

  test("F1: a quantity from 2 to 5 gives back two and charges five, named in the text", async () => {
    const price = await world.price(1000);
    const subscription = await world.subscribe(price, { items: [{ price, quantity: 2 }] });
    await collect.advanceTo(HALF_WAY);
    const changed = await world.stripe.subscriptionItems.update(itemOf(subscription), {
      quantity: 5,
    });
    expect(changed.quantity).toBe(5);
    expect(await pending(subscription.customer as string)).toEqual([
      "Remaining time on 5 × Plan after 15 Feb 2025: 2500 proration",
      "Unused time on 2 × Plan after 15 Feb 2025: -1000 proration",
    ]);
  });

  test("F4: always_invoice bills the change at once, none leaves it to the next period", async () => {
    const [ten, twenty] = [await world.price(1000), await world.price(2000)];
    const now = await world.subscribe(ten);
    const later = await world.subscribe(ten);
    await collect.advanceTo(HALF_WAY);
    for (const [subscription, behavior] of [
      [now, "always_invoice"],
      [later, "none"],
    ] as const) {
      await world.stripe.subscriptions.update(subscription.id, {
        items: [{ id: itemOf(subscription), price: twenty }],
        proration_behavior: behavior,
      });
    }
    expect(await world.invoices(now.customer as string)).toEqual([
      "subscription_create paid 1000",
      "subscription_update paid 500",
    ]);
    expect(await pending(later.customer as string)).toEqual([]);
    await collect.advanceTo("2025-03-01T01:00:00Z");
    expect((await world.invoices(later.customer as string)).at(-1)).toBe(
      "subscription_cycle paid 2000",
    );
  });

  test("F5, E1, E2: a one-off invoice after the change bills it now and moves no period", async () => {
    const [ten, twenty] = [await world.price(1000), await world.price(2000)];
    const subscription = await world.subscribe(ten);
    const customer = subscription.customer as string;
    await collect.advanceTo(HALF_WAY);
    await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription), price: twenty }],
    });
    const classic = collect.client({ apiVersion: "2018-02-28" as never });
    const invoice = await classic.invoices.create({ customer });
    expect(invoice).toMatchObject({ total: 500, status: "draft", billing_reason: "manual" });
    expect(await pending(customer)).toEqual([]);
    const after = await world.stripe.subscriptions.retrieve(subscription.id);
    expect(after.items.data[0]?.current_period_end).toBe(unix("2025-03-01T00:00:00Z"));
    // E4: attempted by itself between one and two hours later.
    await collect.advanceTo("2025-02-15T02:00:00Z");
    expect((await world.stripe.invoices.retrieve(invoice.id)).status).toBe("paid");
  });

  test("F7: another interval starts a new period now: credit, full charge, billed at once", async () => {
    const monthly = await world.price(1000);
    const yearly = await world.price(9000, { interval: "year" });
    const subscription = await world.subscribe(monthly);
    const customer = subscription.customer as string;
    await collect.advanceTo(HALF_WAY);
    const changed = await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription), price: yearly }],
    });
    expect(changed.billing_cycle_anchor).toBe(unix(HALF_WAY));
    expect(changed.items.data[0]?.current_period_end).toBe(unix("2026-02-15T00:00:00Z"));
    expect(await world.newestLines(customer)).toEqual([
      "Unused time on Plan after 15 Feb 2025: -500",
      "1 × Plan (at $90.00 / year): 9000",
    ]);
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_update paid 8500");
  });

  test("F8: billing_cycle_anchor=now acts the same at one price", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    await collect.advanceTo(HALF_WAY);
    const changed = await world.stripe.subscriptions.update(subscription.id, {
      billing_cycle_anchor: { type: "now" },
    });
    expect(changed.billing_cycle_anchor).toBe(unix(HALF_WAY));
    expect((await world.invoices(subscription.customer as string)).at(-1)).toBe(
      "subscription_update paid 500",
    );
  });

  test("F7: from free to paid, and the end of a trial, begin a period as well", async () => {
    const [free, paid] = [await world.price(0), await world.price(1000)];
    const subscription = await world.subscribe(free);
    const trial = await world.subscribe(paid, { trial_period_days: 20 });
    await collect.advanceTo("2025-02-11T00:00:00Z");
    const upgraded = await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription), price: paid }],
    });
    expect(upgraded.billing_cycle_anchor).toBe(unix("2025-02-11T00:00:00Z"));
    const ended = await world.stripe.subscriptions.update(trial.id, { trial_end: "now" });
    expect(ended).toMatchObject({
      status: "active",
      trial_end: unix("2025-02-11T00:00:00Z"),
      billing_cycle_anchor: unix("2025-02-11T00:00:00Z"),
    });
    for (const { customer } of [subscription, trial]) {
      expect((await world.invoices(customer as string)).at(-1)).toBe(
        "subscription_update paid 1000",
      );
    }
  });

  test("F10: two changes each credit the price then current for the time then left", async () => {
    const [ten, twenty, forty] = [
      await world.price(1000),
      await world.price(2000),
      await world.price(4000),
    ];
    const subscription = await world.subscribe(ten);
    for (const [at, price] of [
      [HALF_WAY, twenty],
      ["2025-02-22T00:00:00Z", forty],
    ] as const) {
      await collect.advanceTo(at);
      await world.stripe.subscriptions.update(subscription.id, {
        items: [{ id: itemOf(subscription), price }],
      });
    }
    // Three quarters on, a quarter is left: 500 of 2000 back, 1000 of 4000.
    expect(await pending(subscription.customer as string)).toEqual([
      "Remaining time on Plan after 22 Feb 2025: 1000 proration",
      "Unused time on Plan after 22 Feb 2025: -500 proration",
      "Remaining time on Plan after 15 Feb 2025: 1000 proration",
      "Unused time on Plan after 15 Feb 2025: -500 proration",
    ]);
  });

  test("F11, D7: nothing is prorated while trialing, and no invoice item ever is", async () => {
    const [ten, twenty] = [await world.price(1000), await world.price(2000)];
    const subscription = await world.subscribe(ten, { trial_period_days: 28 });
    const customer = subscription.customer as string;
    await world.stripe.invoiceItems.create({ customer, amount: 700, description: "Setup" });
    await collect.advanceTo(HALF_WAY);
    await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription), price: twenty }],
    });
    expect(await pending(customer)).toEqual(["Setup: 700"]);
  });

  test("D8: a cheaper price can make a credit, which later invoices use up", async () => {
    const [dear, cheap] = [await world.price(5000), await world.price(1000)];
    const subscription = await world.subscribe(dear);
    const customer = subscription.customer as string;
    await collect.advanceTo(HALF_WAY);
    await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription), price: cheap }],
      proration_behavior: "always_invoice",
    });
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_update paid -2000");
    const read = () => world.stripe.customers.retrieve(customer);
    expect(await read()).toMatchObject({ balance: -2000 });
    await collect.advanceTo("2025-03-01T01:00:00Z");
    expect(await read()).toMatchObject({ balance: -1000 });
  });

  test("items are added, removed and listed; the last one stays", async () => {
    const [one, two] = [await world.price(1000), await world.price(3000)];
    const subscription = await world.subscribe(one);
    const added = await world.stripe.subscriptionItems.create({
      subscription: subscription.id,
      price: two,
      quantity: 2,
      proration_behavior: "none",
    });
    const { data } = await world.stripe.subscriptionItems.list({ subscription: subscription.id });
    expect(data.map(({ quantity, price }) => [quantity, price.id])).toEqual([
      [2, two],
      [1, one],
    ]);
    await world.stripe.subscriptionItems.del(added.id, { proration_behavior: "none" });
    const last = world.stripe.subscriptionItems.del(itemOf(subscription));
    expect(await world.refusal(last)).toBe("400 parameter_missing items");
  });
});

describe("anchors", () => {
  test.each<[string, Stripe.SubscriptionCreateParams["proration_behavior"], string[]]>([
    ["prorated", undefined, ["Remaining time on Plan after 01 Feb 2025: 500"]],
    ["free with none", "none", []],
  ])("I4: before a future anchor lies a stub, %s", async (_what, behavior, lines) => {
    const subscription = await world.subscribe(await world.price(1550), {
      billing_cycle_anchor: unix("2025-02-11T00:00:00Z"),
      ...(behavior === undefined ? {} : { proration_behavior: behavior }),
    });
    // 10 of the 31 days from January 11 to February 11: 1550 x 10 / 31 = 500.
    expect(await world.newestLines(subscription.customer as string)).toEqual(lines);
    await collect.advanceTo("2025-03-11T01:00:00Z");
    expect(await world.invoices(subscription.customer as string)).toEqual([
      `subscription_create paid ${lines.length === 0 ? 0 : 500}`,
      "subscription_cycle paid 1550",
      "subscription_cycle paid 1550",
    ]);
  });

  test("I4: an anchor by day of the month is the next such day", async () => {
    const subscription = await world.subscribe(await world.price(1000), {
      billing_cycle_anchor_config: { day_of_month: 31 },
      proration_behavior: "none",
    });
    expect(subscription.billing_cycle_anchor).toBe(unix("2025-02-28T00:00:00Z"));
  });
});

describe("ends", () => {
  test("H1, D6: at the period's end there is no renewal, but pending items are billed", async () => {
    const price = await world.price(1000);
    const [bare, owing] = [await world.subscribe(price), await world.subscribe(price)];
    await world.stripe.invoiceItems.create({
      customer: owing.customer as string,
      amount: 700,
      description: "Repair",
    });
    for (const { id } of [bare, owing]) {
      const updated = await world.stripe.subscriptions.update(id, { cancel_at_period_end: true });
      expect(updated).toMatchObject({
        status: "active",
        cancel_at: unix("2025-03-01T00:00:00Z"),
        cancel_at_period_end: true,
      });
    }
    await collect.advanceTo("2025-03-01T01:00:00Z");
    const ended = await world.stripe.subscriptions.retrieve(bare.id);
    expect(ended).toMatchObject({ status: "canceled", ended_at: unix("2025-03-01T00:00:00Z") });
    expect(await world.invoices(bare.customer as string)).toEqual([
      "subscription_create paid 1000",
    ]);
    expect(await world.invoices(owing.customer as string)).toEqual([
      "subscription_create paid 1000",
      "subscription_cycle paid 700",
    ]);
  });

  test("H1: canceled now gives nothing back unless asked to", async () => {
    const price = await world.price(1000);
    const [kept, prorated] = [await world.subscribe(price), await world.subscribe(price)];
    await collect.advanceTo(HALF_WAY);
    expect(await world.stripe.subscriptions.cancel(kept.id)).toMatchObject({
      status: "canceled",
      cancellation_details: { reason: "cancellation_requested" },
    });
    expect(await pending(kept.customer as string)).toEqual([]);
    await world.stripe.subscriptions.cancel(prorated.id, { prorate: true, invoice_now: true });
    expect(await world.invoices(prorated.customer as string)).toEqual([
      "subscription_create paid 1000",
      "subscription_update paid -500",
    ]);
    expect(await world.refusal(world.stripe.subscriptions.cancel(kept.id))).toBe(
      "404 resource_missing id",
    );
    expect((await world.events(kept.id)).at(-1)).toBe("customer.subscription.deleted");
  });

  test("D6: before 2018-11-08 what is pending at an immediate end is billed at the period's", async () => {
    const classic = collect.client({ apiVersion: "2018-02-28" as never });
    const price = await world.price(1000);
    const [old, today] = [await world.subscribe(price), await world.subscribe(price)];
    for (const { customer } of [old, today]) {
      await world.stripe.invoiceItems.create({ customer: customer as string, amount: 700 });
    }
    await classic.subscriptions.cancel(old.id);
    await world.stripe.subscriptions.cancel(today.id);
    await collect.advanceTo("2025-03-01T01:00:00Z");
    expect((await world.invoices(old.customer as string)).at(-1)).toBe(
      "subscription_cycle paid 700",
    );
    expect(await world.invoices(today.customer as string)).toHaveLength(1);
  });

  test("a deleted customer's subscriptions end with them", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    await world.stripe.customers.del(subscription.customer as string);
    expect((await world.stripe.subscriptions.retrieve(subscription.id)).status).toBe("canceled");
  });
});

describe("refusals", () => {
  const at = (text: string) => unix(text);
  test.each<
    [string, (price: string, other: string) => Partial<Stripe.SubscriptionCreateParams>, string]
  >([
    ["no items", () => ({ items: [] }), "400 parameter_missing items"],
    [
      "an item without a price",
      () => ({ items: [{ quantity: 1 }] }),
      "400 parameter_missing items[0][price]",
    ],
    [
      "an unknown price",
      () => ({ items: [{ price: "price_x" }] }),
      "400 resource_missing items[0][price]",
    ],
    ["one price twice", (price) => ({ items: [{ price }, { price }] }), "400 undefined items"],
    [
      "two intervals",
      (price, other) => ({ items: [{ price }, { price: other }] }),
      "400 undefined items",
    ],
    [
      "a negative quantity",
      (price) => ({ items: [{ price, quantity: -1 }] }),
      "400 parameter_invalid_integer items[0][quantity]",
    ],
    [
      "a trial in the past",
      (price) => ({ items: [{ price }], trial_end: at("2025-01-01T00:00:00Z") }),
      "400 undefined trial_end",
    ],
    [
      "a trial of three years",
      (price) => ({ items: [{ price }], trial_end: at("2028-01-01T00:00:00Z") }),
      "400 undefined trial_end",
    ],
    [
      "an anchor two months ahead",
      (price) => ({ items: [{ price }], billing_cycle_anchor: at("2025-04-02T00:00:00Z") }),
      "400 undefined billing_cycle_anchor",
    ],
    [
      "a due time for what is charged",
      (price) => ({ items: [{ price }], days_until_due: 3 }),
      "400 undefined days_until_due",
    ],
    [
      "no due time for what is sent",
      (price) => ({ items: [{ price }], collection_method: "send_invoice" }),
      "400 parameter_missing days_until_due",
    ],
    [
      "another currency",
      (price) => ({ items: [{ price }], currency: "eur" }),
      "400 undefined currency",
    ],
    [
      "somebody else's card",
      (price) => ({ items: [{ price }], default_payment_method: "pm_x" }),
      "400 resource_missing default_payment_method",
    ],
    [
      "an unknown coupon",
      (price) => ({ items: [{ price }], discounts: [{ coupon: "x" }] }),
      "400 resource_missing discounts[0][coupon]",
    ],
    [
      "somebody on session",
      (price) => ({ items: [{ price }], off_session: false }),
      "400 undefined off_session",
    ],
    [
      "an unknown parameter",
      (price) => ({ items: [{ price }], tax_percent: 19 }) as never,
      "400 parameter_unknown tax_percent",
    ],
  ])("%s", async (_what, terms, refusal) => {
    const customer = await world.customer("pm_card_visa");
    const [price, other] = [await world.price(1000), await world.price(1, { interval: "year" })];
    const call = world.stripe.subscriptions.create({ customer, ...terms(price, other) });
    expect(await world.refusal(call)).toBe(refusal);
    expect(await world.invoices(customer)).toEqual([]);
  });

  test("what has ended keeps its terms, and a proration lies in the current period", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const { id } = subscription;
    const past = world.stripe.subscriptions.update(id, {
      items: [{ id: itemOf(subscription), quantity: 2 }],
      proration_date: unix("2025-01-31T00:00:00Z"),
    });
    expect(await world.refusal(past)).toBe("400 undefined proration_date");
    await world.stripe.subscriptions.cancel(id);
    const late = world.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(await world.refusal(late)).toBe("400 undefined");
    const renamed = await world.stripe.subscriptions.update(id, { metadata: { a: "b" } });
    expect(renamed.metadata).toEqual({ a: "b" });
  });
});
