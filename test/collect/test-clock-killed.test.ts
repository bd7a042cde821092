import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnDying } from "./dying-client.ts";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/** An advance of a test clock whose process is killed with -9 on the way. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

const SANDBOX_NOW = "2025-01-01T00:00:00Z";

beforeAll(async () => {
  collect = await openTestCollect(SANDBOX_NOW);
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
});
afterAll(() => collect.close());

test.each([
  "collect/subscription/turned",
  "collect/finalize/settled",
  "collect/pay/announced",
  "collect/job/committed",
  "collect/test-clock/arrived",
])("at %s: another process goes on, and each month is billed and paid once", async (point) => {
  const clock = await stripe.testHelpers.testClocks.create({
    frozen_time: unix("2026-01-31T00:00:00Z"),
  });
  const customers: string[] = [];
  // More than there are lanes: some are billed at once.
  for (let n = 0; n < 9; n += 1) {
    const { id: customer } = await stripe.customers.create({
      test_clock: clock.id,
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    });
    await world.subscribe(await world.price(1000), { customer });
    customers.push(customer);
  }
  await stripe.testHelpers.testClocks.advance(clock.id, {
    frozen_time: unix("2026-04-01T00:00:00Z"),
  });
  const child = spawnDying(collect, [point, "work"]);
  await child.line();
  await expect(child.line(), "the process dies").rejects.toThrow("ended");
  await collect.advanceTo(SANDBOX_NOW);
  const after = await stripe.testHelpers.testClocks.retrieve(clock.id);
  expect([after.status, after.frozen_time]).toEqual(["ready", unix("2026-04-01T00:00:00Z")]);
  for (const customer of customers) {
    const { data } = await stripe.invoices.list({ customer });
    expect(data.map(({ created, status, total }) => [created, status, total])).toEqual([
      [unix("2026-03-31T00:00:00Z"), "paid", 1000],
      [unix("2026-02-28T00:00:00Z"), "paid", 1000],
      [unix("2026-01-31T00:00:00Z"), "paid", 1000],
    ]);
    const charges = await stripe.charges.list({ customer });
    expect(charges.data.map(({ amount }) => amount)).toEqual([1000, 1000, 1000]);
  }
  const events = await world.events(clock.id);
  expect(events.filter((type) => type.endsWith(".ready"))).toHaveLength(1);
  await stripe.testHelpers.testClocks.del(clock.id);
});
