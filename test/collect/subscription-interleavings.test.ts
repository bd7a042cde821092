import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

let collect: TestCollect;
let world: SubscriptionWorld;
let prices: readonly string[];
let coupon: string;
let rate: string;
let nowMs = Date.parse("2025-01-31T00:00:00Z");

beforeAll(async () => {
  collect = await openTestCollect(new Date(nowMs).toISOString());
  world = subscriptionWorld(collect);
  const { coupons, taxRates } = world.stripe;
  coupon = (await coupons.create({ percent_off: 12.5, duration: "forever" })).id;
  rate = (await taxRates.create({ display_name: "VAT", percentage: 7.7, inclusive: false })).id;
  prices = [await world.price(1000), await world.price(3700), await world.price(250)];
});
afterAll(() => collect.close());

type Step =
  | { readonly do: "pend"; readonly amount: number }
  | { readonly do: "change"; readonly price: number; readonly quantity: number }
  | { readonly do: "take" }
  | { readonly do: "look" }
  | { readonly do: "wait"; readonly hours: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("pend" as const), amount: fc.integer({ min: -300, max: 900 }) }),
  fc.record({
    do: fc.constant("change" as const),
    price: fc.nat(2),
    quantity: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ do: fc.constant("take" as const) }),
  fc.record({ do: fc.constant("look" as const) }),
  fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 900 }) }),
);

/** What the parts of an invoice add up to: lines, less discounts, plus taxes on top. */
function addUp({ lines, total_discount_amounts: off, total_taxes: taxes }: Stripe.Invoice): number {
  const sum = (values: readonly { amount: number }[] | null) =>
    (values ?? []).reduce((all, { amount }) => all + amount, 0);
  return sum(lines.data) - sum(off) + sum(taxes);
}

async function take({ id, customer }: Stripe.Subscription, each: Step): Promise<void> {
  const owner = customer as string;
  if (each.do === "pend") {
    await world.stripe.invoiceItems.create({ customer: owner, amount: each.amount });
  }
  if (each.do === "change") {
    const { items } = await world.stripe.subscriptions.retrieve(id);
    const item = items.data[0]?.id ?? "";
    await world.stripe.subscriptions.update(id, {
      items: [{ id: item, price: prices[each.price] ?? "", quantity: each.quantity }],
    });
  }
  if (each.do === "take") {
    await world.stripe.invoices.create({
      customer: owner,
      pending_invoice_items_behavior: "include",
      auto_advance: true,
    });
  }
  if (each.do === "look") {
    // A preview changes nothing of what is checked in the end.
    const preview = await world.stripe.invoices.createPreview({ subscription: id });
    expect(preview.total).toBe(addUp(preview));
  }
  if (each.do === "wait") {
    nowMs += each.hours * 3_600_000;
    await collect.advanceTo(new Date(nowMs).toISOString());
  }
}

test("whatever happens, every item is on one invoice or pending, every period billed once, every sum right", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 9 }), async (steps) => {
      const subscription = await world.subscribe(prices[0] ?? "", {
        discounts: [{ coupon }],
        default_tax_rates: [rate],
      });
      const customer = subscription.customer as string;
      for (const each of steps) await take(subscription, each);
      const items = await world.stripe.invoiceItems.list({ customer, limit: 100 });
      const invoices = await world.stripe.invoices.list({ customer, limit: 100 });
      const lines = invoices.data.flatMap((invoice) => invoice.lines.data);
      const onInvoices = lines.flatMap(
        (line) => line.parent?.invoice_item_details?.invoice_item ?? [],
      );
      const attached = items.data.filter(({ invoice }) => invoice !== null).map(({ id }) => id);
      expect(onInvoices.sort()).toEqual(attached.sort());
      // Each period of the subscription is on one invoice, and the next begins where it ends.
      const periods = lines
        .filter((line) => line.parent?.type === "subscription_item_details")
        .map(({ period }) => period)
        .sort((a, b) => a.start - b.start);
      for (const [n, { end }] of periods.slice(0, -1).entries()) {
        expect(periods[n + 1]?.start).toBe(end);
      }
      for (const invoice of invoices.data) expect(invoice.total).toBe(addUp(invoice));
      const billed = invoices.data.filter(({ status }) => status === "open" || status === "paid");
      const totals = billed.reduce((sum, invoice) => sum + invoice.total, 0);
      const due = billed.reduce((sum, invoice) => sum + invoice.amount_due, 0);
      const account = await world.stripe.customers.retrieve(customer);
      if (account.deleted) throw new Error("The customer is still there");
      expect(due + account.balance).toBe(totals);
      const moves = await world.stripe.customers.listBalanceTransactions(customer, { limit: 100 });
      expect(moves.data.reduce((sum, { amount }) => sum + amount, 0)).toBe(account.balance);
      await world.stripe.subscriptions.cancel(subscription.id);
    }),
    { numRuns: 8 },
  );
}, 120_000);
