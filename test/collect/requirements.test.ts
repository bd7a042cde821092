import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/** Requirements that no other file names by their number: items, payment, intervals, events. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;
let refusal: SubscriptionWorld["refusal"];

beforeAll(async () => {
  collect = await openTestCollect("2024-01-01T00:00:00Z");
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
  refusal = world.refusal;
});
afterAll(() => collect.close());

/** A draft in dollars: without lines, or over 500 for a subscription. */
async function draft(
  customer: string,
  terms: Partial<Stripe.InvoiceCreateParams> = {},
): Promise<string> {
  const { subscription } = terms;
  if (subscription !== undefined) await item(customer, 500, { subscription });
  const { id } = await stripe.invoices.create({
    customer,
    currency: "usd",
    ...(subscription === undefined ? { pending_invoice_items_behavior: "exclude" } : {}),
    ...terms,
  });
  return id;
}

const item = (
  customer: string,
  amount: number,
  more: Partial<Stripe.InvoiceItemCreateParams> = {},
) => stripe.invoiceItems.create({ customer, amount, currency: "usd", ...more });

/** A customer with a card, on a clock of their own that stands at an instant. */
async function customerAt(at: string): Promise<{ clock: string; customer: string }> {
  const { id: clock } = await stripe.testHelpers.testClocks.create({ frozen_time: unix(at) });
  const { id: customer } = await stripe.customers.create({
    test_clock: clock,
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  return { clock, customer };
}

/** Sends a clock forwards and waits until it is there; the sandbox's clock stands. */
async function advance(clock: string, seconds: number): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: seconds });
  await collect.advanceTo("2024-01-01T00:00:00Z");
}

/** The date on which a subscription's period ends, to the second. */
const endsAt = (subscription: Stripe.Subscription): string =>
  new Date(Number(subscription.items.data[0]?.current_period_end) * 1000).toISOString();

describe("C2, D2, D4, D9, D10: invoice items", () => {
  test("C2: an open invoice's amounts are frozen; its items and lines are what they were", async () => {
    const customer = await world.customer();
    const invoice = await draft(customer);
    const fee = await item(customer, 700, { invoice });
    const open = await stripe.invoices.finalizeInvoice(invoice);
    expect([open.status, open.total]).toEqual(["open", 700]);
    const line = open.lines.data[0]?.id ?? "";
    const rate = await stripe.taxRates.create({
      display_name: "VAT",
      percentage: 5,
      inclusive: false,
    });
    const refused = [
      await refusal(item(customer, 1, { invoice })),
      await refusal(stripe.invoices.addLines(invoice, { lines: [{ amount: 1 }] })),
      await refusal(stripe.invoices.updateLineItem(invoice, line, { amount: 1 })),
      await refusal(stripe.invoices.update(invoice, { default_tax_rates: [rate.id] })),
      await refusal(stripe.invoiceItems.update(fee.id, { amount: 1 })),
    ];
    expect(refused.map((each) => each.split(" ").slice(0, 2).join(" "))).toEqual(
      refused.map(() => "400 invoice_not_editable"),
    );
    expect((await stripe.invoices.retrieve(invoice)).total).toBe(700);
  });

  test("D2: an amount raises, lowers or leaves the total, in whole minor units", async () => {
    const customer = await world.customer();
    const invoice = await draft(customer);
    for (const amount of [1250, -300, 0]) await item(customer, amount, { invoice });
    expect((await stripe.invoices.retrieve(invoice)).total).toBe(950);
    const wrong = item(customer, 12.5, { invoice });
    expect(await refusal(wrong)).toBe("400 parameter_invalid_integer amount");
    expect((await stripe.invoices.retrieve(invoice)).lines.data).toHaveLength(3);
  });

  test("D4: an item goes onto a draft of its own customer, in its currency, and nowhere else", async () => {
    const [mine, other] = [await world.customer(), await world.customer()];
    const invoice = await draft(mine);
    expect(await refusal(item(other, 5, { invoice }))).toBe("400 undefined invoice");
    const euros = item(mine, 5, { invoice, currency: "eur" });
    expect(await refusal(euros)).toBe("400 undefined currency");
    expect(await refusal(item(mine, 5, { invoice: "in_none" }))).toBe(
      "400 resource_missing invoice",
    );
    expect((await item(mine, 5, { invoice })).invoice).toBe(invoice);
  });

  test("D9: a customer's first billing object sets the currency of all that follow", async () => {
    const customer = await world.customer("pm_card_visa");
    await item(customer, 5, { currency: "eur" });
    expect((await stripe.customers.retrieve(customer)) as Stripe.Customer).toMatchObject({
      currency: "eur",
    });
    expect(await refusal(item(customer, 5))).toBe("400 undefined currency");
    const dollars = world.subscribe(await world.price(1000), { customer });
    expect(await refusal(dollars)).toMatch(/^400 undefined/);
    const { id } = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
    });
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ currency: "eur", total: 5 });
  });

  test("D10: a pending item can be deleted, one on a draft too, one on a finalized invoice never", async () => {
    const customer = await world.customer();
    const pending = await item(customer, 5);
    expect(await stripe.invoiceItems.del(pending.id)).toMatchObject({ deleted: true });
    expect(await refusal(stripe.invoiceItems.retrieve(pending.id))).toBe("404 resource_missing id");
    const invoice = await draft(customer);
    const [gone, kept] = [
      await item(customer, 5, { invoice }),
      await item(customer, 7, { invoice }),
    ];
    await stripe.invoiceItems.del(gone.id);
    expect((await stripe.invoices.finalizeInvoice(invoice)).total).toBe(7);
    expect(await refusal(stripe.invoiceItems.del(kept.id))).toMatch(/^400 invoice_not_editable/);
    expect((await stripe.invoiceItems.retrieve(kept.id)).invoice).toBe(invoice);
  });

  test("D3: an item for a subscription waits for that one's invoice, past those of others", async () => {
    const customer = await world.customer("pm_card_visa");
    const first = await world.subscribe(await world.price(1000), { customer });
    const second = await world.subscribe(await world.price(2000, { interval: "year" }), {
      customer,
    });
    const waiting = await item(customer, 300, { subscription: second.id });
    expect(waiting.parent).toMatchObject({
      type: "subscription_details",
      subscription_details: { subscription: second.id },
    });
    const next = await stripe.invoices.createPreview({ subscription: first.id });
    expect(next.lines.data.map(({ amount }) => amount)).toEqual([1000]);
    const yearly = await stripe.invoices.createPreview({ subscription: second.id });
    expect(yearly.lines.data.map(({ amount }) => amount).sort()).toEqual([2000, 300]);
    const billed = await stripe.invoices.create({ customer, subscription: second.id });
    expect(billed.lines.data.map(({ amount, subscription }) => [amount, subscription])).toEqual([
      [300, second.id],
    ]);
  });

  test("D3: a subscription of another customer, another currency, or that is over takes no item", async () => {
    const customer = await world.customer("pm_card_visa");
    const theirs = await world.subscribe(await world.price(1000));
    const ended = await world.subscribe(await world.price(1000), { customer });
    await stripe.subscriptions.cancel(ended.id);
    const running = await world.subscribe(await world.price(1000), { customer });
    const other = await draft(customer, { subscription: running.id });
    const refused = [
      await refusal(item(customer, 5, { subscription: theirs.id })),
      await refusal(item(customer, 5, { subscription: ended.id })),
      await refusal(item(customer, 5, { subscription: "sub_none" })),
    ];
    expect(refused).toEqual([
      "400 undefined subscription",
      "400 undefined subscription",
      "400 resource_missing subscription",
    ]);
    const mixed = item(customer, 5, { subscription: running.id, currency: "eur" });
    expect(await refusal(mixed)).toBe("400 undefined currency");
    const third = await world.subscribe(await world.price(1000), { customer });
    expect(await refusal(item(customer, 5, { subscription: third.id, invoice: other }))).toBe(
      "400 undefined subscription",
    );
    const both = await item(customer, 5, { subscription: running.id, invoice: other });
    expect(both.invoice).toBe(other);
  });
});

describe("E5, E6, G4, G5: paying", () => {
  test("E5: a draft is finalized and charged in one call; a paid invoice is not charged again", async () => {
    const customer = await world.customer("pm_card_visa");
    const invoice = await draft(customer);
    await item(customer, 900, { invoice });
    const paid = await stripe.invoices.pay(invoice);
    expect([paid.status, paid.amount_paid, paid.attempt_count]).toEqual(["paid", 900, 1]);
    expect(paid.number).not.toBeNull();
    expect(await refusal(stripe.invoices.pay(invoice))).toMatch(/^400 /);
    const charges = await stripe.charges.list({ customer });
    expect(charges.data.map(({ amount }) => amount)).toEqual([900]);
  });

  test("E6: what waits is billed by one call, as a page's button would make it", async () => {
    const customer = await world.customer("pm_card_visa");
    for (const amount of [100, 250]) await item(customer, amount);
    const waiting = await stripe.invoiceItems.list({ customer, pending: true });
    expect(waiting.data).toHaveLength(2);
    const now = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
    });
    expect([now.status, now.total, now.billing_reason]).toEqual(["draft", 350, "manual"]);
    expect((await stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
  });

  test("G4: the method of the invoice is charged before the subscription's, and that before the customer's", async () => {
    const customer = await world.customer("pm_card_visa");
    const attach = async (card: string) =>
      (await stripe.paymentMethods.attach(card, { customer })).id;
    const { invoice_settings: settings } = (await stripe.customers.retrieve(
      customer,
    )) as Stripe.Customer;
    const [own, ofSubscription] = [
      await attach("pm_card_mastercard"),
      await attach("pm_card_amex"),
    ];
    const subscription = await world.subscribe(await world.price(1000), {
      customer,
      default_payment_method: ofSubscription,
    });
    const ofCustomer = await draft(customer);
    const ofPlan = await draft(customer, { subscription: subscription.id });
    const ofInvoice = await draft(customer, {
      subscription: subscription.id,
      default_payment_method: own,
    });
    for (const [invoice, method] of [
      [ofCustomer, settings.default_payment_method],
      [ofPlan, ofSubscription],
      [ofInvoice, own],
    ] as const) {
      if (invoice === ofCustomer) await item(customer, 500, { invoice });
      await stripe.invoices.pay(invoice);
      const [charge] = (await stripe.charges.list({ customer, limit: 1 })).data;
      expect(charge?.payment_method).toBe(method);
    }
  });

  test("G4: without any method it is refused, and counts as attempted", async () => {
    const customer = await world.customer();
    const invoice = await draft(customer);
    await item(customer, 500, { invoice });
    expect(await refusal(stripe.invoices.pay(invoice))).toMatch(/^40[02] /);
    const left = await stripe.invoices.retrieve(invoice);
    expect([left.status, left.attempted, left.amount_paid]).toEqual(["open", true, 0]);
  });

  test("G5: money that came otherwise pays without a charge, and no payment is told of", async () => {
    const customer = await world.customer("pm_card_visa");
    const invoice = await draft(customer);
    await item(customer, 500, { invoice });
    const paid = await stripe.invoices.pay(invoice, { paid_out_of_band: true });
    expect([paid.status, paid.amount_paid_off_stripe ?? paid.amount_paid]).toEqual(["paid", 500]);
    expect((await stripe.charges.list({ customer })).data).toEqual([]);
    const told = await world.events(invoice);
    expect(told).toContain("invoice.paid");
    expect(told).not.toContain("invoice.payment_succeeded");
  });
});

describe("F2: the fraction of a period, in whole seconds", () => {
  /**
   * Each amount is rounded by itself, half away from zero: credit = -round(old x left / whole),
   * charge = +round(new x left / whole). January has 2,678,400 s.
   */
  const JANUARY = 2_678_400;
  test.each([
    // One second of January used: 2,678,399 of 2,678,400 left.
    { after: 1, old: 1000, next: 2000, credit: -1000, charge: 2000 },
    // Half: exactly 1,339,200 s left; 5 and 15 are halves of a cent, away from zero.
    { after: JANUARY / 2, old: 5, next: 15, credit: -3, charge: 8 },
    // 16 of 31 days left: 1000 x 16/31 = 516.129, 2000 x 16/31 = 1032.258.
    { after: 15 * 86_400, old: 1000, next: 2000, credit: -516, charge: 1032 },
    // 10 of 31 days left: 999 x 10/31 = 322.258, 1 x 10/31 = 0.3226.
    { after: 21 * 86_400, old: 999, next: 1, credit: -322, charge: 0 },
    // The last second: 10^7 / 2,678,400 = 3.7336, 10^6 / 2,678,400 = 0.3734.
    { after: JANUARY - 1, old: 10_000_000, next: 1_000_000, credit: -4, charge: 0 },
  ])("$after s into January, $old to $next: $credit and $charge", async (each) => {
    const { customer } = await customerAt("2030-01-01T00:00:00Z");
    const subscription = await world.subscribe(await world.price(each.old), { customer });
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: String(subscription.items.data[0]?.id), price: await world.price(each.next) }],
      proration_date: unix("2030-01-01T00:00:00Z") + each.after,
    });
    const { data } = await stripe.invoiceItems.list({ customer, pending: true });
    const amounts = data.map(({ amount, proration }) => [amount, proration]);
    expect(amounts.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [each.credit, true],
      [each.charge, true],
    ]);
  });
});

describe("I1, I3: intervals", () => {
  /** From Wednesday, January 31 of a leap year, 10:20:30 in the morning. */
  const START = "2024-01-31T10:20:30Z";

  async function onClock(recurring: Stripe.PriceCreateParams.Recurring) {
    const { customer } = await customerAt(START);
    return world.subscribe(await world.price(1000, recurring), { customer });
  }

  test.each([
    ["day", 1, "2024-02-01T10:20:30.000Z"],
    ["day", 90, "2024-04-30T10:20:30.000Z"],
    ["week", 1, "2024-02-07T10:20:30.000Z"],
    ["week", 2, "2024-02-14T10:20:30.000Z"],
    ["month", 1, "2024-02-29T10:20:30.000Z"],
    ["month", 3, "2024-04-30T10:20:30.000Z"],
    ["month", 36, "2027-01-31T10:20:30.000Z"],
    ["year", 1, "2025-01-31T10:20:30.000Z"],
    ["year", 3, "2027-01-31T10:20:30.000Z"],
  ] as const)("I1: every %s x %i ends at %s", async (interval, count, end) => {
    expect(endsAt(await onClock({ interval, interval_count: count }))).toBe(end);
  });

  test.each([
    ["day", 1096],
    ["week", 157],
    ["month", 37],
    ["year", 4],
  ] as const)("I1: every %s x %i is more than three years: refused", async (interval, count) => {
    const price = world.price(1000, { interval, interval_count: count });
    expect(await refusal(price)).toMatch(/^400 \w+ recurring\[interval_count\]$/);
  });

  test("I3: weeks keep their weekday and days their 24 hours, over the changes of clocks too", async () => {
    const weekly = await onClock({ interval: "week" });
    const daily = await onClock({ interval: "day" });
    for (const [subscription, step, dates] of [
      [weekly, 7, ["2024-02-07", "2024-02-14", "2024-02-21", "2024-02-28", "2024-03-06"]],
      [daily, 1, ["2024-02-01", "2024-02-02", "2024-02-03", "2024-02-04", "2024-02-05"]],
    ] as const) {
      const end = unix(START) + 5 * step * 86_400 - 60;
      await advance(String(subscription.test_clock), end);
      const { data } = await stripe.invoices.list({ subscription: subscription.id, limit: 100 });
      const begun = data.map(({ lines }) => Number(lines.data[0]?.period.end)).sort();
      expect(begun.map((at) => new Date(at * 1000).toISOString())).toEqual(
        dates.map((date) => `${date}T10:20:30.000Z`),
      );
    }
  });
});

describe("J: events of a flow", () => {
  test("J: the start, a renewal and an item tell of everything that happens, updates of what was before", async () => {
    const { clock, customer } = await customerAt("2024-01-01T00:00:00Z");
    const told = async (about: (event: Stripe.Event) => boolean) => {
      const found: Stripe.Event[] = [];
      for await (const event of stripe.events.list({ limit: 100 })) found.unshift(event);
      return found.filter(
        (event) => Reflect.get(event.data.object, "customer") === customer && about(event),
      );
    };
    const subscription = await world.subscribe(await world.price(1000), { customer });
    const started = (await told(() => true)).map(({ type }) => type);
    expect(started.toSorted()).toEqual([
      "charge.succeeded",
      "customer.subscription.created",
      "customer.subscription.updated",
      "invoice.created",
      "invoice.finalized",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice.updated",
      "invoice.updated",
      "payment_intent.created",
      "payment_intent.succeeded",
      "payment_method.attached",
    ]);
    await advance(clock, unix("2024-02-01T00:30:00Z"));
    const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 }))
      .data;
    const before = await told(() => true);
    expect(before.slice(started.length).map(({ type }) => type)).toEqual([
      "invoice.upcoming",
      "invoice.created",
      "customer.subscription.updated",
    ]);
    expect(before.at(-1)?.data.previous_attributes).toMatchObject({
      latest_invoice: subscription.latest_invoice,
    });
    await item(customer, 250, { invoice: String(renewal?.id) });
    const changed = (await told(() => true)).slice(before.length);
    expect(changed.map(({ type }) => type)).toEqual(["invoiceitem.created", "invoice.updated"]);
    expect(changed.at(-1)?.data.previous_attributes).toMatchObject({ total: 1000, subtotal: 1000 });
    await advance(clock, unix("2024-02-01T01:00:00Z"));
    const paid = (await told(() => true)).slice(before.length + 2).map(({ type }) => type);
    expect(paid.toSorted()).toEqual([
      "charge.succeeded",
      "invoice.finalized",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice.updated",
      "invoice.updated",
      "payment_intent.created",
      "payment_intent.succeeded",
    ]);
  });
});
