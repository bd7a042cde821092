import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/** A version of the time when invoices were open or closed. */
const CLASSIC = "2018-02-28";

let collect: TestCollect & { readonly classic: Stripe };
let world: SubscriptionWorld;

beforeEach(async () => {
  const opened = await openTestCollect("2025-01-31T12:00:00Z");
  collect = { ...opened, classic: opened.client({ apiVersion: CLASSIC as never }) };
  world = subscriptionWorld(collect);
});
afterEach(() => collect.close());

const latest = (subscription: { latest_invoice: unknown }) => String(subscription.latest_invoice);

describe("start", () => {
  test("A1, A2, A3: the first invoice is made, finalized and paid at once", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    expect(subscription).toMatchObject({
      status: "active",
      billing_cycle_anchor: unix("2025-01-31T12:00:00Z"),
      start_date: unix("2025-01-31T12:00:00Z"),
      collection_method: "charge_automatically",
      currency: "usd",
    });
    const [item] = subscription.items.data;
    expect([item?.current_period_start, item?.current_period_end]).toEqual([
      unix("2025-01-31T12:00:00Z"),
      unix("2025-02-28T12:00:00Z"),
    ]);
    const invoice = await world.stripe.invoices.retrieve(latest(subscription));
    expect(invoice).toMatchObject({
      billing_reason: "subscription_create",
      status: "paid",
      total: 1000,
      amount_paid: 1000,
      attempted: true,
      auto_advance: false,
      parent: {
        type: "subscription_details",
        subscription_details: { subscription: subscription.id },
      },
    });
    expect(await world.newestLines(invoice.customer as string)).toEqual([
      "1 × Plan (at $10.00 / month): 1000",
    ]);
    expect(invoice.lines.data[0]?.parent).toMatchObject({
      type: "subscription_item_details",
      subscription_item_details: {
        subscription: subscription.id,
        subscription_item: item?.id,
        proration: false,
      },
    });
  });

  test("J: events of a start, in order", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    expect(await world.events(subscription.id, latest(subscription))).toEqual([
      "customer.subscription.created",
      "invoice.created",
      "invoice.updated",
      "invoice.finalized",
      "invoice.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
      "customer.subscription.updated",
    ]);
  });

  test("A4: a declined first payment leaves it incomplete; 23 hours later it has expired", async () => {
    const subscription = await world.subscribe(await world.price(1000), {
      card: "pm_card_chargeCustomerFail",
    });
    expect(subscription.status).toBe("incomplete");
    const invoice = await world.stripe.invoices.retrieve(latest(subscription));
    expect(invoice).toMatchObject({ status: "open", attempt_count: 1, next_payment_attempt: null });
    await collect.advanceTo("2025-02-01T11:00:00Z");
    expect(await world.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      status: "incomplete_expired",
      ended_at: unix("2025-02-01T11:00:00Z"),
    });
    expect((await world.stripe.invoices.retrieve(latest(subscription))).status).toBe("void");
    await collect.advanceTo("2025-04-01T00:00:00Z");
    expect(await world.invoices(subscription.customer as string)).toHaveLength(1);
  });

  test("A4: an incomplete one that is paid in time becomes active and renews", async () => {
    const subscription = await world.subscribe(await world.price(1000), {
      card: "pm_card_chargeCustomerFail",
    });
    const customer = subscription.customer as string;
    const card = await world.stripe.paymentMethods.attach("pm_card_visa", { customer });
    await world.stripe.invoices.pay(latest(subscription), { payment_method: card.id });
    expect((await world.stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
    await collect.advanceTo("2025-02-28T12:00:00Z");
    expect(await world.invoices(customer)).toEqual([
      "subscription_create paid 1000",
      "subscription_cycle draft 1000",
    ]);
  });

  test("A4: error_if_incomplete is a 402 and leaves nothing behind", async () => {
    const customer = await world.customer("pm_card_chargeCustomerFail");
    const price = await world.price(1000);
    const call = world.subscribe(price, { customer, payment_behavior: "error_if_incomplete" });
    expect(await world.refusal(call)).toBe("402 card_declined");
    expect(await world.invoices(customer)).toEqual([]);
    expect((await world.stripe.subscriptions.list({ customer, status: "all" })).data).toEqual([]);
  });

  test("A4: default_incomplete attempts nothing; send_invoice is active at once", async () => {
    const price = await world.price(1000);
    const waiting = await world.subscribe(price, { payment_behavior: "default_incomplete" });
    expect(waiting.status).toBe("incomplete");
    expect(await world.stripe.invoices.retrieve(latest(waiting))).toMatchObject({
      status: "open",
      attempted: false,
    });
    const sent = await world.subscribe(price, {
      collection_method: "send_invoice",
      days_until_due: 14,
    });
    expect(sent.status).toBe("active");
    expect(await world.stripe.invoices.retrieve(latest(sent))).toMatchObject({
      status: "open",
      due_date: unix("2025-02-14T12:00:00Z"),
    });
  });

  test("A5, I5: a trial costs nothing; its end starts the first paid period from there", async () => {
    const subscription = await world.subscribe(await world.price(1000), { trial_period_days: 10 });
    expect(subscription).toMatchObject({
      status: "trialing",
      trial_end: unix("2025-02-10T12:00:00Z"),
      billing_cycle_anchor: unix("2025-02-10T12:00:00Z"),
    });
    const customer = subscription.customer as string;
    expect(await world.newestLines(customer)).toEqual(["Trial period for Plan: 0"]);
    await collect.advanceTo("2025-02-07T12:00:00Z");
    expect(await world.events(subscription.id)).toEqual([
      "customer.subscription.created",
      "customer.subscription.trial_will_end",
    ]);
    await collect.advanceTo("2025-02-10T12:00:00Z");
    expect((await world.stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
    expect(await world.invoices(customer)).toEqual([
      "subscription_create paid 0",
      "subscription_cycle draft 1000",
    ]);
    await collect.advanceTo("2025-03-10T13:00:00Z");
    expect(await world.invoices(customer)).toEqual([
      "subscription_create paid 0",
      "subscription_cycle paid 1000",
      "subscription_cycle paid 1000",
    ]);
  });

  test.each<["cancel" | "pause", string, string[]]>([
    ["cancel", "canceled", ["subscription_create paid 0"]],
    ["pause", "paused", ["subscription_create paid 0"]],
  ])("A5: a trial without a card ends with %s", async (behavior, status, invoices) => {
    const customer = await world.customer();
    const subscription = await world.subscribe(await world.price(1000), {
      customer,
      trial_period_days: 1,
      trial_settings: { end_behavior: { missing_payment_method: behavior } },
    });
    await collect.advanceTo("2025-02-10T12:00:00Z");
    expect((await world.stripe.subscriptions.retrieve(subscription.id)).status).toBe(status);
    expect(await world.invoices(customer)).toEqual(invoices);
    if (behavior === "cancel") return;
    const method = await world.stripe.paymentMethods.attach("pm_card_visa", { customer });
    await world.stripe.subscriptions.update(subscription.id, {
      default_payment_method: method.id,
    });
    const resumed = await world.stripe.subscriptions.resume(subscription.id);
    expect(resumed).toMatchObject({
      status: "active",
      billing_cycle_anchor: unix("2025-02-10T12:00:00Z"),
    });
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_update paid 1000");
  });

  test("A6: pending items and what was asked for go onto the first invoice", async () => {
    const customer = await world.customer("pm_card_visa");
    await world.stripe.invoiceItems.create({
      customer,
      amount: 500,
      currency: "usd",
      description: "One-time setup fee",
    });
    const product = await world.stripe.products.create({ name: "Adapter" });
    await world.subscribe(await world.price(1000), {
      customer,
      add_invoice_items: [
        { price_data: { currency: "usd", product: product.id, unit_amount: 300 }, quantity: 2 },
      ],
    });
    expect(await world.newestLines(customer)).toEqual([
      "One-time setup fee: 500",
      "1 × Plan (at $10.00 / month): 1000",
      "Adapter: 600",
    ]);
    expect(await world.invoices(customer)).toEqual(["subscription_create paid 2100"]);
  });
});

describe("renewal", () => {
  test("B1, B2, B4, B5, D3: a draft for an hour, with pending items, then finalized and paid", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = subscription.customer as string;
    await world.stripe.invoiceItems.create({ customer, amount: -300, description: "Sorry" });
    await collect.advanceTo("2025-02-28T12:00:00Z");
    const renewed = await world.stripe.subscriptions.retrieve(subscription.id);
    expect(renewed.items.data[0]).toMatchObject({
      current_period_start: unix("2025-02-28T12:00:00Z"),
      current_period_end: unix("2025-03-31T12:00:00Z"),
    });
    const draft = await world.stripe.invoices.retrieve(latest(renewed));
    expect(draft).toMatchObject({
      status: "draft",
      billing_reason: "subscription_cycle",
      total: 700,
      auto_advance: true,
      attempted: false,
      next_payment_attempt: unix("2025-02-28T13:00:00Z"),
      automatically_finalizes_at: unix("2025-02-28T13:00:00Z"),
      period_start: unix("2025-01-31T12:00:00Z"),
      period_end: unix("2025-02-28T12:00:00Z"),
    });
    const extra = await world.stripe.invoiceItems.create({
      customer,
      invoice: draft.id,
      amount: 250,
      description: "Extra",
    });
    expect(extra.invoice).toBe(draft.id);
    await collect.advanceTo("2025-02-28T13:00:00Z");
    expect(await world.newestLines(customer)).toEqual([
      "Sorry: -300",
      "1 × Plan (at $10.00 / month): 1000",
      "Extra: 250",
    ]);
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_cycle paid 950");
    // C1, C3: closed, but its metadata can change.
    const call = world.stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 1 });
    expect(await world.refusal(call)).toBe("400 invoice_not_editable");
    await world.stripe.invoices.update(draft.id, { metadata: { seen: "yes" } });
  });

  test("I2, I6: months end where they can, counted from the anchor", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    await collect.advanceTo("2025-06-01T00:00:00Z");
    const found = await world.stripe.invoices.list({
      subscription: subscription.id,
      limit: 100,
    });
    const starts = found.data.map(({ lines }) => lines.data.at(-1)?.period.start).reverse();
    expect(starts).toEqual(
      ["01-31", "02-28", "03-31", "04-30", "05-31"].map((day) => unix(`2025-${day}T12:00:00Z`)),
    );
    expect(found.data.map(({ total }) => total)).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  test("B5, H2: declined renewals are tried again, then the subscription is canceled", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = subscription.customer as string;
    const bad = await world.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer,
    });
    await world.stripe.subscriptions.update(subscription.id, { default_payment_method: bad.id });
    await collect.advanceTo("2025-02-28T13:00:00Z");
    const failed = await world.stripe.subscriptions.retrieve(subscription.id);
    expect(failed.status).toBe("past_due");
    expect(await world.stripe.invoices.retrieve(latest(failed))).toMatchObject({
      status: "open",
      attempt_count: 1,
      next_payment_attempt: unix("2025-03-03T13:00:00Z"),
    });
    // 3, 5 and 7 days after the attempt before.
    await collect.advanceTo("2025-03-15T13:00:00Z");
    const ended = await world.stripe.subscriptions.retrieve(subscription.id);
    expect(ended).toMatchObject({
      status: "canceled",
      ended_at: unix("2025-03-15T13:00:00Z"),
      cancellation_details: { reason: "payment_failed" },
    });
    expect(await world.stripe.invoices.retrieve(latest(ended))).toMatchObject({
      status: "open",
      attempt_count: 4,
      auto_advance: false,
      next_payment_attempt: null,
    });
    await collect.advanceTo("2025-06-01T00:00:00Z");
    expect(await world.invoices(customer)).toHaveLength(2);
  });

  test("B5: a past due subscription is active again when its invoice is paid", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = subscription.customer as string;
    const bad = await world.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", {
      customer,
    });
    await world.stripe.subscriptions.update(subscription.id, { default_payment_method: bad.id });
    await collect.advanceTo("2025-02-28T13:00:00Z");
    await world.stripe.subscriptions.update(subscription.id, { default_payment_method: "" });
    await collect.advanceTo("2025-03-03T13:00:00Z");
    expect((await world.stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_cycle paid 1000");
  });

  test("G1, G2: a renewal is held for review by closing it, and released by reopening and paying", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = subscription.customer as string;
    await collect.advanceTo("2025-02-28T12:00:00Z");
    const { latest_invoice: id } = await world.stripe.subscriptions.retrieve(subscription.id);
    const close = (closed: boolean) =>
      collect.classic.invoices.update(String(id), { closed } as object);
    expect(await close(true)).toMatchObject({ closed: true, next_payment_attempt: null });
    // C1: what is closed for review takes no items until it is open again.
    const item = { customer, invoice: String(id), amount: 100 };
    expect(await world.refusal(collect.classic.invoiceItems.create(item))).toBe(
      "400 invoice_not_editable",
    );
    await collect.advanceTo("2025-03-02T00:00:00Z");
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_cycle draft 1000");
    expect(await close(false)).toMatchObject({ closed: false, paid: false });
    await collect.classic.invoices.pay(String(id));
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_cycle paid 1000");
  });
});
