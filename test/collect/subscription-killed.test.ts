import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killAndRepeat, spawnDying } from "./dying-client.ts";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

/** Collect that lives on; the processes that die share its database. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;
let price: string;

beforeAll(async () => {
  collect = await openTestCollect("2025-01-01T00:00:00Z");
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
  price = await world.price(1000);
});
afterAll(() => collect.close());

/** What a customer has in the end: invoices, and charges by outcome. */
async function traces(customer: string) {
  const charges = await stripe.charges.list({ customer });
  const { data } = await stripe.subscriptions.list({ customer, status: "all" });
  return {
    subscriptions: data.map(({ status }) => status),
    invoices: await world.invoices(customer),
    charges: charges.data.map(({ status, amount }) => `${status} ${amount}`),
  };
}

describe("a subscription, created by a process that is killed with -9, and again with its key", () => {
  test.each([
    "collect/finalize/settled",
    "collect/finalize/payable",
    "collect/pay/charged",
    "collect/pay/announced",
    "collect/request/stored",
    "collect/request/committed",
  ])("at %s: there is one, paid once", async (point) => {
    const customer = await world.customer("pm_card_visa");
    await killAndRepeat(collect, point, customer, (client, options) =>
      client.subscriptions.create({ customer, items: [{ price }] }, options),
    );
    expect(await traces(customer)).toEqual({
      subscriptions: ["active"],
      invoices: ["subscription_create paid 1000"],
      charges: ["succeeded 1000"],
    });
    for (const { id } of (await stripe.subscriptions.list({ customer })).data) {
      await stripe.subscriptions.cancel(id);
    }
  });
});

describe("a renewal, taken up by another process after one was killed with -9", () => {
  test.each(["collect/subscription/turned", "collect/job/committed"])(
    "at %s: there is one draft, paid once",
    async (point) => {
      const now = await stripe.subscriptions.create({
        customer: await world.customer("pm_card_visa"),
        items: [{ price: await world.price(1000, { interval: "day" }) }],
      });
      const customer = now.customer as string;
      const end = new Date((now.items.data[0]?.current_period_end ?? 0) * 1000).toISOString();
      // Time passes without anybody working.
      await sql`update clocks set frozen_at = ${end} where name = 'SANDBOX'`.execute(collect.db);
      const child = spawnDying(collect, [point, "work"]);
      await child.line();
      await expect(child.line(), "the process dies").rejects.toThrow("ended");
      await collect.advanceTo(new Date(Date.parse(end) + 3_600_000).toISOString());
      expect(await traces(customer)).toEqual({
        subscriptions: ["active"],
        invoices: ["subscription_create paid 1000", "subscription_cycle paid 1000"],
        charges: ["succeeded 1000", "succeeded 1000"],
      });
      await stripe.subscriptions.cancel(now.id);
    },
  );
});
