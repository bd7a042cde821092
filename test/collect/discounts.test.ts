import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/** Coupons and what they take off, through the official client. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect("2024-01-01T00:00:00Z");
  world = subscriptionWorld(collect);
  stripe = collect.stripe;
});
afterAll(() => collect.close());

const coupon = async (params: Stripe.CouponCreateParams): Promise<string> =>
  (await stripe.coupons.create(params)).id;

const draft = (params: Omit<Stripe.InvoiceCreateParams, "customer"> & { customer: string }) =>
  stripe.invoices.create({ currency: "usd", pending_invoice_items_behavior: "exclude", ...params });

const amounts = ({ subtotal, total, total_discount_amounts: off }: Stripe.Invoice) => ({
  subtotal,
  off: off?.map(({ amount }) => amount),
  total,
});

describe("coupons", () => {
  test("are made, changed, listed and deleted, and each is told of", async () => {
    const made = await stripe.coupons.create({
      id: "SPRING",
      percent_off: 12.5,
      duration: "repeating",
      duration_in_months: 3,
      max_redemptions: 10,
      name: "Spring",
    });
    expect(made).toMatchObject({
      id: "SPRING",
      amount_off: null,
      percent_off: 12.5,
      duration_in_months: 3,
      times_redeemed: 0,
      valid: true,
    });
    await stripe.coupons.update("SPRING", { name: "Spring 2024", metadata: { by: "Ann" } });
    expect((await stripe.coupons.list()).data.map(({ name }) => name)).toContain("Spring 2024");
    expect(await stripe.coupons.del("SPRING")).toMatchObject({ id: "SPRING", deleted: true });
    expect(await world.refusal(stripe.coupons.retrieve("SPRING"))).toBe("404 resource_missing id");
    expect(await world.events("SPRING")).toEqual([
      "coupon.created",
      "coupon.updated",
      "coupon.deleted",
    ]);
  });

  test.each<[string, Stripe.CouponCreateParams, string]>([
    ["nothing off", {}, "400 parameter_missing percent_off"],
    ["two things off", { percent_off: 5, amount_off: 5 }, "400 parameters_exclusive percent_off"],
    ["no percent at all", { percent_off: 0 }, "400 parameter_invalid_range percent_off"],
    ["more than all", { percent_off: 100.5 }, "400 parameter_invalid_range percent_off"],
    ["an amount in no currency", { amount_off: 100 }, "400 parameter_missing currency"],
    [
      "months without repetition",
      { percent_off: 5, duration_in_months: 2 },
      "400 undefined duration_in_months",
    ],
    [
      "repetition without months",
      { percent_off: 5, duration: "repeating" },
      "400 parameter_missing duration_in_months",
    ],
    [
      "a product that is not there",
      { percent_off: 5, applies_to: { products: ["prod_x"] } },
      "400 resource_missing applies_to[products][0]",
    ],
  ])("refused: %s", async (_what, params, refusal) => {
    expect(await world.refusal(stripe.coupons.create(params))).toBe(refusal);
  });

  test("of minus zero percent are refused", async () => {
    const reply = await collect.request("/v1/coupons", {
      method: "POST",
      body: new URLSearchParams({ percent_off: "-0" }),
    });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: { param: "percent_off" } });
  });

  test("can be redeemed as often as they say, and no longer than they say", async () => {
    const once = await coupon({ percent_off: 10, max_redemptions: 1 });
    const early = await coupon({ percent_off: 10, redeem_by: unix("2023-12-31T00:00:00Z") });
    const euro = await coupon({ amount_off: 100, currency: "eur" });
    const customer = await world.customer();
    await draft({ customer, discounts: [{ coupon: once }] });
    const again = draft({ customer, discounts: [{ coupon: once }] });
    expect(await world.refusal(again)).toBe("400 coupon_expired discounts[0][coupon]");
    const late = draft({ customer, discounts: [{ coupon: early }] });
    expect(await world.refusal(late)).toBe("400 coupon_expired discounts[0][coupon]");
    const foreign = draft({ customer, discounts: [{ coupon: euro }] });
    expect(await world.refusal(foreign)).toBe("400 undefined discounts[0][coupon]");
    expect((await stripe.coupons.retrieve(once)).times_redeemed).toBe(1);
  });
});

describe("on a one-off invoice", () => {
  test("a percentage and an amount, in their order, on lines that can be discounted", async () => {
    const customer = await world.customer();
    const invoice = await draft({
      customer,
      discounts: [
        { coupon: await coupon({ percent_off: 10 }) },
        { coupon: await coupon({ amount_off: 500, currency: "usd" }) },
      ],
    });
    const full = await stripe.invoices.addLines(invoice.id, {
      lines: [
        { amount: 2000, description: "Work" },
        { amount: 1000, description: "Material", discountable: false },
        { amount: -300, description: "Credit" },
      ],
      expand: ["discounts", "total_discount_amounts.discount.source.coupon"],
    });
    // 10% of 20.00 is 2.00; of the 18.00 left, 5.00 go: 13.00 + 10.00 - 3.00.
    expect(amounts(full)).toEqual({ subtotal: 2700, off: [200, 500], total: 2000 });
    expect(full.lines.data.map(({ discount_amounts: off }) => off?.map((d) => d.amount))).toEqual([
      [200, 500],
      [],
      [],
    ]);
    const [first] = full.total_discount_amounts ?? [];
    expect(first?.discount).toMatchObject({
      object: "discount",
      invoice: invoice.id,
      source: { coupon: { percent_off: 10 } },
    });
    const { amount_due: due } = await stripe.invoices.finalizeInvoice(invoice.id);
    expect(due).toBe(2000);
  });

  test("more off than there is leaves nothing to pay, and no credit", async () => {
    const customer = await world.customer();
    const invoice = await draft({
      customer,
      discounts: [{ coupon: await coupon({ amount_off: 20_000, currency: "usd" }) }],
    });
    await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount: 10_000 });
    const paid = await stripe.invoices.finalizeInvoice(invoice.id);
    expect(amounts(paid)).toEqual({ subtotal: 10_000, off: [10_000], total: 0 });
    expect(paid.status).toBe("paid");
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 });
  });

  test("an item's own discount is in the subtotal, and only its line has it", async () => {
    const customer = await world.customer();
    const invoice = await draft({ customer });
    const item = await stripe.invoiceItems.create({
      customer,
      invoice: invoice.id,
      amount: 1000,
      discounts: [{ coupon: await coupon({ percent_off: 25 }) }],
    });
    await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount: 400 });
    expect(amounts(await stripe.invoices.retrieve(invoice.id))).toEqual({
      subtotal: 1150,
      off: [250],
      total: 1150,
    });
    expect((await stripe.invoiceItems.retrieve(item.id)).net_amount).toBe(750);
    await stripe.invoiceItems.update(item.id, { discounts: "" });
    expect((await stripe.invoices.retrieve(invoice.id)).total).toBe(1400);
  });

  test("a coupon for a product takes nothing off another", async () => {
    const customer = await world.customer();
    const product = (await stripe.products.create({ name: "A" })).id;
    const other = (await stripe.products.create({ name: "B" })).id;
    const invoice = await draft({
      customer,
      discounts: [
        { coupon: await coupon({ percent_off: 50, applies_to: { products: [product] } }) },
      ],
    });
    const full = await stripe.invoices.addLines(invoice.id, {
      lines: [product, other].map((id) => ({
        price_data: { currency: "usd", product: id, unit_amount: 1000 },
      })),
    });
    expect(amounts(full)).toEqual({ subtotal: 2000, off: [500], total: 1500 });
  });

  test("a draft's discounts can be changed and cleared, a finalized one's not", async () => {
    const customer = await world.customer();
    const half = await coupon({ percent_off: 50 });
    const invoice = await draft({ customer });
    await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount: 1000 });
    const less = await stripe.invoices.update(invoice.id, { discounts: [{ coupon: half }] });
    expect(less.total).toBe(500);
    const [discount] = less.discounts;
    const again = { discounts: [{ discount: String(discount) }] };
    expect((await stripe.invoices.update(invoice.id, again)).total).toBe(500);
    expect((await stripe.invoices.update(invoice.id, { discounts: "" })).total).toBe(1000);
    const gone = stripe.invoices.update(invoice.id, again);
    expect(await world.refusal(gone)).toBe("400 resource_missing discounts[0][discount]");
    await stripe.invoices.finalizeInvoice(invoice.id);
    const late = stripe.invoices.update(invoice.id, { discounts: "" });
    expect(await world.refusal(late)).toBe("400 invoice_not_editable");
  });

  test("a discount is taken of what has it, and of what that is a part of, alone", async () => {
    const customer = await world.customer("pm_card_visa");
    const off = async (terms: Stripe.CouponCreateParams = {}) =>
      coupon({ percent_off: 50, duration: "forever", max_redemptions: 1, ...terms });
    const one = await draft({ customer, discounts: [{ coupon: await off() }] });
    const other = await draft({ customer });
    const own = String(one.discounts[0]);
    const stolen = stripe.invoices.update(other.id, { discounts: [{ discount: own }] });
    expect(await world.refusal(stolen)).toBe("400 resource_missing discounts[0][discount]");
    const line = await stripe.invoiceItems.create({
      customer,
      invoice: one.id,
      amount: 1000,
      discounts: [{ discount: own }],
    });
    expect(line.discounts).toEqual([own]);
    const elsewhere = stripe.invoiceItems.create({
      customer,
      invoice: other.id,
      amount: 1000,
      discounts: [{ discount: own }],
    });
    expect(await world.refusal(elsewhere)).toBe("400 resource_missing discounts[0][discount]");
    const subscription = await world.subscribe(await world.price(1000), {
      customer,
      discounts: [{ coupon: await off() }],
    });
    const held = String(subscription.discounts[0]);
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: String(subscription.items.data[0]?.id), quantity: 2 }],
    });
    const of = await stripe.invoices.create({
      customer,
      subscription: subscription.id,
      discounts: [{ discount: held }],
    });
    expect(of.discounts).toEqual([held]);
    const apart = stripe.invoices.create({ customer, discounts: [{ discount: held }] });
    expect(await world.refusal(apart)).toBe("400 resource_missing discounts[0][discount]");
  });

  test("what a subscription's change replaces, clears or takes away with its item is told of, once", async () => {
    const off = async () => coupon({ percent_off: 10, duration: "forever" });
    const [one, other] = [await world.price(1000), await world.price(2000)];
    const customer = await world.customer("pm_card_visa");
    const subscription = await stripe.subscriptions.create({
      customer,
      discounts: [{ coupon: await off() }],
      items: [{ price: one }, { price: other, discounts: [{ coupon: await off() }] }],
    });
    const [first, second] = [subscription.discounts[0], subscription.items.data[1]?.discounts[0]];
    const ended = async () => {
      const { data } = await stripe.events.list({ type: "customer.discount.deleted", limit: 100 });
      return data
        .map((event) => event.data.object as Stripe.Discount)
        .filter((discount) => discount.customer === customer)
        .map(({ id }) => id)
        .reverse();
    };
    await stripe.subscriptions.update(subscription.id, {
      discounts: [{ discount: String(first) }, { coupon: await off() }],
    });
    expect(await ended()).toEqual([]);
    const { discounts } = await stripe.subscriptions.update(subscription.id, {
      discounts: [{ coupon: await off() }],
    });
    expect(await ended()).toHaveLength(2);
    expect(await ended()).toContain(first);
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: String(subscription.items.data[1]?.id), deleted: true }],
    });
    expect((await ended()).slice(2)).toEqual([second]);
    await stripe.subscriptions.update(subscription.id, { discounts: "" });
    expect((await ended()).slice(3)).toEqual([discounts[0]]);
  });

  test("one that was used up is not taken again", async () => {
    const customer = await world.customer("pm_card_visa");
    const once = await coupon({ percent_off: 50, duration: "once" });
    const { id } = await world.subscribe(await world.price(1000), {
      customer,
      discounts: [{ coupon: once }],
    });
    const [invoice] = (await stripe.invoices.list({ customer })).data;
    expect(invoice?.total).toBe(500);
    const again = stripe.subscriptions.update(id, {
      discounts: [{ discount: String(invoice?.discounts[0]) }],
    });
    expect(await world.refusal(again)).toBe("400 resource_missing discounts[0][discount]");
  });

  test("an item that is not discountable has none", async () => {
    const customer = await world.customer();
    const off = await coupon({ percent_off: 50 });
    const call = stripe.invoiceItems.create({
      customer,
      amount: -100,
      discounts: [{ coupon: off }],
    });
    expect(await world.refusal(call)).toBe("400 undefined discounts");
    expect((await stripe.coupons.retrieve(off)).times_redeemed).toBe(0);
  });
});

describe("of a customer", () => {
  const give = (customer: string, id: string) =>
    collect.request(`/v1/customers/${customer}`, {
      method: "POST",
      body: new URLSearchParams({ coupon: id }),
    });

  test("every invoice takes it over, unless it says otherwise", async () => {
    const customer = await world.customer();
    await give(customer, await coupon({ percent_off: 20, duration: "forever" }));
    expect(
      await stripe.customers.retrieve(customer, { expand: ["discount.source.coupon"] }),
    ).toMatchObject({
      discount: {
        object: "discount",
        customer,
        end: null,
        source: { coupon: { percent_off: 20 } },
      },
    });
    await stripe.invoiceItems.create({ customer, amount: 1000 });
    const taken = await draft({ customer, pending_invoice_items_behavior: "include" });
    expect(amounts(taken)).toEqual({ subtotal: 1000, off: [200], total: 800 });
    await stripe.invoiceItems.create({ customer, amount: 1000 });
    const without = await draft({
      customer,
      pending_invoice_items_behavior: "include",
      discounts: "",
    });
    expect(amounts(without)).toEqual({ subtotal: 1000, off: [], total: 1000 });
    expect(await stripe.customers.deleteDiscount(customer)).toMatchObject({ deleted: true });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ discount: null });
    const none = stripe.customers.deleteDiscount(customer);
    expect(await world.refusal(none)).toBe("404 resource_missing");
    // What a draft has taken over stays on it.
    expect((await stripe.invoices.retrieve(taken.id)).total).toBe(800);
  });

  test("one that holds once is used up by the first invoice that it takes from", async () => {
    const customer = await world.customer();
    await give(customer, await coupon({ percent_off: 20, duration: "once" }));
    expect((await draft({ customer })).discounts).toHaveLength(1);
    for (const total of [800, 1000]) {
      await stripe.invoiceItems.create({ customer, amount: 1000 });
      const invoice = await draft({ customer, pending_invoice_items_behavior: "include" });
      expect(invoice.total).toBe(total);
    }
  });

  test("one that holds once is used up as well by an invoice whose lines come after it", async () => {
    const customer = await world.customer();
    await give(customer, await coupon({ percent_off: 20, duration: "once" }));
    const held = (await stripe.customers.retrieve(customer)) as Stripe.Customer;
    const totals: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { id } = await draft({ customer });
      await stripe.invoices.addLines(id, { lines: [{ amount: 1000 }] });
      totals.push((await stripe.invoices.finalizeInvoice(id)).total);
    }
    expect(totals).toEqual([800, 1000, 1000]);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ discount: null });
    expect(await world.events(String(held.discount?.id))).toEqual([
      "customer.discount.created",
      "customer.discount.deleted",
    ]);
  });

  test("one that holds once ends no second time when two drafts that have it are finalized", async () => {
    const customer = await world.customer();
    await give(customer, await coupon({ percent_off: 20, duration: "once" }));
    const held = (await stripe.customers.retrieve(customer)) as Stripe.Customer;
    const drafts = [await draft({ customer }), await draft({ customer })];
    for (const { id } of drafts) {
      await stripe.invoices.addLines(id, { lines: [{ amount: 1000 }] });
      expect((await stripe.invoices.finalizeInvoice(id)).total).toBe(800);
    }
    expect(await world.events(String(held.discount?.id))).toEqual([
      "customer.discount.created",
      "customer.discount.deleted",
    ]);
  });
});

describe("of a subscription", () => {
  test("once, repeating and for ever; prorations are left alone", async () => {
    const monthly = await world.price(1000);
    const [once, twoMonths, always] = [
      await coupon({ percent_off: 50, duration: "once" }),
      await coupon({ percent_off: 50, duration: "repeating", duration_in_months: 2 }),
      await coupon({ amount_off: 100, currency: "usd", duration: "forever" }),
    ];
    const subscribe = (id: string) => world.subscribe(monthly, { discounts: [{ coupon: id }] });
    const subscriptions = [
      await subscribe(once),
      await subscribe(twoMonths),
      await subscribe(always),
    ];
    const customers = subscriptions.map(({ customer }) => String(customer));
    const two = await coupon({ percent_off: 50, duration: "repeating", duration_in_months: 2 });
    const onItem = await world.subscribe(monthly, {
      items: [{ price: monthly, discounts: [{ coupon: two }] }],
    });
    await collect.advanceTo("2024-01-16T12:00:00Z");
    const [, , last] = subscriptions;
    // Half of January is left: 4.50 of the 9.00 that were paid come back, 10.00 are charged in full.
    await stripe.subscriptions.update(String(last?.id), {
      items: [{ id: String(last?.items.data[0]?.id), price: await world.price(2000) }],
    });
    await collect.advanceTo("2024-03-02T00:00:00Z");
    // Two months on the item: January and February at half, March whole.
    expect(await world.invoices(String(onItem.customer))).toEqual([
      "subscription_create paid 500",
      "subscription_cycle paid 500",
      "subscription_cycle paid 1000",
    ]);
    expect(await Promise.all(customers.map(world.invoices))).toEqual([
      [
        "subscription_create paid 500",
        "subscription_cycle paid 1000",
        "subscription_cycle paid 1000",
      ],
      [
        "subscription_create paid 500",
        "subscription_cycle paid 500",
        "subscription_cycle paid 1000",
      ],
      // 20.00 - 1.00, and the 5.50 of January.
      [
        "subscription_create paid 900",
        "subscription_cycle paid 2450",
        "subscription_cycle paid 1900",
      ],
    ]);
    const [first] = subscriptions;
    expect((await stripe.subscriptions.retrieve(String(first?.id))).discounts).toEqual([]);
  });

  test("its own stand before the customer's, and can be taken off", async () => {
    const customer = await world.customer("pm_card_visa");
    await collect.request(`/v1/customers/${customer}`, {
      method: "POST",
      body: new URLSearchParams({
        coupon: await coupon({ percent_off: 10, duration: "forever" }),
      }),
    });
    const price = await world.price(1000);
    const subscription = await world.subscribe(price, {
      customer,
      discounts: [{ coupon: await coupon({ percent_off: 50, duration: "forever" }) }],
    });
    expect(await world.invoices(customer)).toEqual(["subscription_create paid 500"]);
    const gone = await stripe.subscriptions.deleteDiscount(subscription.id);
    expect(gone).toMatchObject({ deleted: true, subscription: subscription.id });
    await stripe.subscriptions.update(subscription.id, {
      billing_cycle_anchor: { type: "now" },
      proration_behavior: "none",
    });
    expect((await world.invoices(customer)).at(-1)).toBe("subscription_update paid 900");
    expect(await world.events(String(gone.id))).toEqual([
      "customer.discount.created",
      "customer.discount.deleted",
    ]);
  });

  test("of one item: only its line", async () => {
    const [price, other] = [await world.price(1000), await world.price(600)];
    const half = await coupon({ percent_off: 50, duration: "forever" });
    const { customer, items } = await world.subscribe(price, {
      items: [{ price, discounts: [{ coupon: half }] }, { price: other }],
    });
    expect(await world.invoices(String(customer))).toEqual(["subscription_create paid 1100"]);
    expect(items.data.map(({ discounts }) => discounts.length)).toEqual([1, 0]);
  });
});
