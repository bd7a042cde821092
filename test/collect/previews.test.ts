import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

/** Invoices seen ahead: what a preview shows is what is then made, and it leaves nothing behind. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect("2024-01-01T00:00:00Z");
  world = subscriptionWorld(collect);
  stripe = collect.stripe;
});
afterAll(() => collect.close());

/** What of an invoice a customer sees. */
const seen = (invoice: Stripe.Invoice) => ({
  lines: invoice.lines.data.map(({ description, amount, period }) => ({
    description,
    amount,
    period,
  })),
  subtotal: invoice.subtotal,
  total: invoice.total,
  due: invoice.amount_due,
  discounts: invoice.total_discount_amounts?.map(({ amount }) => amount),
  taxes: invoice.total_taxes?.map(({ amount }) => amount),
  starting: invoice.starting_balance,
  created: invoice.created,
  period: [invoice.period_start, invoice.period_end],
});

const newest = async (customer: string): Promise<Stripe.Invoice> => {
  const { data } = await stripe.invoices.list({ customer, limit: 1 });
  if (data[0] === undefined) throw new Error("no invoice");
  return data[0];
};

const itemOf = ({ items }: Stripe.Subscription): string => String(items.data[0]?.id);

/** Everything there is of a customer, to see that nothing of it changed. */
const everythingOf = async (customer: string) =>
  JSON.stringify([
    await stripe.invoices.list({ customer }),
    await stripe.invoiceItems.list({ customer }),
    await stripe.subscriptions.list({ customer, status: "all" }),
    (await stripe.events.list({ limit: 1 })).data[0]?.id,
    await stripe.customers.retrieve(customer),
  ]);

type Arrange = (subscription: Stripe.Subscription, customer: string) => Promise<unknown>;

describe("the next renewal, and then the renewal itself", () => {
  test.each<[string, Arrange]>([
    ["as it is", async () => undefined],
    ["with pending items", (_, customer) => stripe.invoiceItems.create({ customer, amount: 700 })],
    [
      "with credit of the customer's",
      (_, customer) =>
        stripe.customers.createBalanceTransaction(customer, { amount: -300, currency: "usd" }),
    ],
    [
      "with prorations that wait",
      async (subscription) =>
        stripe.subscriptions.update(subscription.id, {
          items: [{ id: itemOf(subscription), quantity: 3 }],
        }),
    ],
    [
      "with a discount that is used up, and a tax",
      async (subscription) =>
        stripe.subscriptions.update(subscription.id, {
          discounts: [{ coupon: (await stripe.coupons.create({ percent_off: 15 })).id }],
          default_tax_rates: [
            (
              await stripe.taxRates.create({
                display_name: "VAT",
                percentage: 7.7,
                inclusive: false,
              })
            ).id,
          ],
        }),
    ],
  ])("%s", async (_what, arrange) => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = String(subscription.customer);
    await arrange(subscription, customer);
    const before = await everythingOf(customer);
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
    expect(await everythingOf(customer)).toBe(before);
    expect(preview).toMatchObject({
      id: expect.stringMatching(/^upcoming_in_/),
      status: "draft",
      number: null,
      billing_reason: "upcoming",
    });
    const end = Number(subscription.items.data[0]?.current_period_end);
    await collect.advanceTo(new Date(end * 1000).toISOString());
    expect(seen(preview)).toEqual(seen(await newest(customer)));
  });
});

describe("a change, and then the change itself", () => {
  const changes: [string, Stripe.InvoiceCreatePreviewParams.SubscriptionDetails, number[]][] = [
    // The month has 29 days left of 29: all of what was paid comes back, all of the new is due.
    ["a dearer price at once", { proration_behavior: "always_invoice" }, [-1000, 2500]],
    ["a new period", { billing_cycle_anchor: { type: "now" } }, [-1000, 2500]],
  ];

  test.each(changes)("%s", async (_what, details, amounts) => {
    const subscription = await world.subscribe(await world.price(1000));
    const customer = String(subscription.customer);
    const items = [{ id: itemOf(subscription), price: await world.price(2500) }];
    const before = await everythingOf(customer);
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { ...details, items },
    });
    expect(await everythingOf(customer)).toBe(before);
    expect(preview.lines.data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual(amounts);
    expect(preview.billing_reason).toBe("subscription_update");
    await stripe.subscriptions.update(subscription.id, { ...details, items } as never);
    expect(seen(preview).lines).toEqual(seen(await newest(customer)).lines);
  });

  test("without billing at once it shows in the next renewal", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const items = [{ id: itemOf(subscription), price: await world.price(2000) }];
    const { lines, total } = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items },
    });
    // -10.00 + 20.00 for this period and 20.00 for the next.
    expect(lines.data.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual([
      -1000, 2000, 2000,
    ]);
    expect(total).toBe(3000);
  });
});

describe("a subscription that does not exist yet", () => {
  test("its first invoice, with what is pending and asked for", async () => {
    const customer = await world.customer("pm_card_visa");
    const price = await world.price(1200);
    await stripe.invoiceItems.create({ customer, amount: 300 });
    const before = await everythingOf(customer);
    const preview = await stripe.invoices.createPreview({
      customer,
      subscription_details: { items: [{ price, quantity: 2 }] },
      invoice_items: [{ amount: 50, currency: "usd", description: "Extra" }],
    });
    expect(await everythingOf(customer)).toBe(before);
    expect(preview.total).toBe(2750);
    expect(preview.billing_reason).toBe("subscription_create");
    await world.subscribe(price, { customer, items: [{ price, quantity: 2 }] });
    expect(await world.invoices(customer)).toEqual(["subscription_create paid 2700"]);
  });

  test("a trial is free", async () => {
    const { id: customer, created } = await stripe.customers.create({});
    const preview = await stripe.invoices.createPreview({
      customer,
      subscription_details: {
        items: [{ price: await world.price(1200) }],
        trial_end: created + 10 * 86_400,
      },
    });
    expect(preview.total).toBe(0);
  });
});

describe("of a customer", () => {
  test("the subscription that bills next; else what is pending; else nothing", async () => {
    const monthly = await world.subscribe(await world.price(1000));
    const customer = String(monthly.customer);
    await world.subscribe(await world.price(70, { interval: "week" }), { customer });
    expect((await stripe.invoices.createPreview({ customer })).total).toBe(70);
    const other = await world.customer();
    const none = stripe.invoices.createPreview({ customer: other });
    expect(await world.refusal(none)).toBe("400 invoice_upcoming_none");
    await stripe.invoiceItems.create({ customer: other, amount: 40 });
    expect((await stripe.invoices.createPreview({ customer: other })).total).toBe(40);
    expect((await stripe.invoiceItems.list({ customer: other, pending: true })).data).toHaveLength(
      1,
    );
  });

  test("of one that ends with the period there is none", async () => {
    const { id } = await world.subscribe(await world.price(1000));
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    const call = stripe.invoices.createPreview({ subscription: id });
    expect(await world.refusal(call)).toBe("400 invoice_upcoming_none");
  });

  test.each<[string, Stripe.InvoiceCreatePreviewParams, string]>([
    ["nobody", {}, "400 parameter_missing customer"],
    ["a stranger", { customer: "cus_x" }, "400 resource_missing customer"],
    ["no such subscription", { subscription: "sub_x" }, "400 resource_missing subscription"],
    [
      "another customer than the subscription's",
      { customer: "?", subscription: "?" },
      "400 undefined customer",
    ],
    [
      "another currency than the subscription's",
      { currency: "eur", subscription: "?" },
      "400 undefined currency",
    ],
    ["a schedule", { schedule: "sub_sched_1" }, "400 parameter_unknown schedule"],
    [
      "an unknown price",
      { customer: "?", subscription_details: { items: [{ price: "price_x" }] } },
      "400 resource_missing subscription_details[items][0][price]",
    ],
  ])("refused: %s", async (_what, params, refusal) => {
    const customer = params.customer === "?" ? await world.customer() : params.customer;
    const subscription =
      params.subscription === "?"
        ? (await world.subscribe(await world.price(1000))).id
        : params.subscription;
    const call = stripe.invoices.createPreview({
      ...params,
      ...(customer === undefined ? {} : { customer }),
      ...(subscription === undefined ? {} : { subscription }),
    });
    expect((await world.refusal(call)).replace("subscription_details[items]", "items")).toBe(
      refusal.replace("subscription_details[items]", "items"),
    );
  });
});

describe("J: invoice.upcoming", () => {
  const told = async ({ customer }: Stripe.Subscription) => {
    const { data } = await stripe.events.list({ type: "invoice.upcoming", limit: 100 });
    return data.filter((event) => (event.data.object as Stripe.Invoice).customer === customer);
  };
  const to = (second: number) => collect.advanceTo(new Date(second * 1000).toISOString());
  const DAY = 86_400;
  const subscribeWeekly = async () => world.subscribe(await world.price(70, { interval: "week" }));

  test("comes seven days ahead and shows the renewal that comes", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const end = Number(subscription.items.data[0]?.current_period_end);
    await to(end - 7 * DAY);
    const [event] = await told(subscription);
    const upcoming = event?.data.object as Stripe.Invoice;
    expect(upcoming).toMatchObject({ customer: subscription.customer, billing_reason: "upcoming" });
    expect(event?.created).toBe(end - 7 * DAY);
    await to(end);
    expect(seen(upcoming)).toEqual(seen(await newest(String(subscription.customer))));
    expect(await told(subscription)).toHaveLength(1);
  });

  test("comes at the start of a term that is no longer than that, once for each", async () => {
    const subscription = await subscribeWeekly();
    const start = Number(subscription.items.data[0]?.current_period_start);
    await to(start + 15 * DAY);
    const at = (await told(subscription)).map(({ created }) => (created - start) / DAY);
    expect(at).toEqual([14, 7, 0]);
  });

  test("comes late when an end that was asked for is taken back", async () => {
    const subscription = await world.subscribe(await world.price(1000));
    const end = Number(subscription.items.data[0]?.current_period_end);
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await to(end - 6 * DAY);
    expect(await told(subscription)).toEqual([]);
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
    await to(end - 5 * DAY);
    expect((await told(subscription)).map(({ created }) => created)).toEqual([end - 6 * DAY]);
  });
});
