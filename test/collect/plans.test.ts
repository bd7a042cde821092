import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

/** Plans: the view of recurring prices that came before prices. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect();
  world = subscriptionWorld(collect);
  stripe = collect.stripe;
});
afterAll(() => collect.close());

test("a plan with an id of its own, and a product made with it, is subscribed to", async () => {
  const plan = await stripe.plans.create({
    id: "gold",
    amount: 900,
    currency: "usd",
    interval: "month",
    product: { name: "Gold" },
    nickname: "Gold monthly",
  });
  expect(plan).toMatchObject({
    id: "gold",
    amount: 900,
    interval: "month",
    usage_type: "licensed",
  });
  expect(await stripe.prices.retrieve("gold")).toMatchObject({
    unit_amount: 900,
    product: plan.product,
  });
  const customer = await world.customer("pm_card_visa");
  const { items } = await stripe.subscriptions.create({ customer, items: [{ plan: "gold" }] });
  expect(items.data[0]?.plan.id).toBe("gold");
  expect(await world.invoices(customer)).toEqual(["subscription_create paid 900"]);
  await stripe.plans.update("gold", { nickname: "G", trial_period_days: 7 });
  expect(await stripe.plans.retrieve("gold")).toMatchObject({
    nickname: "G",
    trial_period_days: 7,
  });
  expect((await stripe.plans.list({ product: String(plan.product) })).data).toHaveLength(1);
  expect(await stripe.plans.del("gold")).toMatchObject({ id: "gold", deleted: true });
  expect(await world.refusal(stripe.plans.retrieve("gold"))).toBe("404 resource_missing id");
  const late = stripe.subscriptions.create({ customer, items: [{ plan: "gold" }] });
  expect(await world.refusal(late)).toBe("400 resource_missing items[0][plan]");
  await collect.advanceTo("2024-02-01T02:00:00Z");
  expect((await world.invoices(customer)).at(-1)).toBe("subscription_cycle paid 900");
  expect((await world.events("gold")).filter((type) => type.startsWith("plan."))).toEqual([
    "plan.created",
    "plan.updated",
    "plan.deleted",
  ]);
});

describe("refused", () => {
  const product = { name: "P" };
  const monthly = { currency: "usd", interval: "month", product } as const;

  test.each<[string, Stripe.PlanCreateParams, string]>([
    ["no amount", monthly, "400 parameter_missing amount"],
    [
      "two amounts",
      { ...monthly, amount: 1, amount_decimal: "1" as never },
      "400 parameters_exclusive amount_decimal",
    ],
    ["metered", { ...monthly, amount: 1, usage_type: "metered" }, "400 undefined usage_type"],
    ["tiers", { ...monthly, tiers_mode: "graduated" }, "400 parameter_unknown tiers_mode"],
    [
      "no such product",
      { ...monthly, amount: 1, product: "prod_x" },
      "400 resource_missing product",
    ],
    [
      "a nameless product",
      { ...monthly, amount: 1, product: { active: true } as never },
      "400 parameter_missing product[name]",
    ],
  ])("%s", async (_what, params, refusal) => {
    const call = stripe.plans.create(params);
    expect((await world.refusal(call)).replace("parameter_invalid_enum", "undefined")).toBe(
      refusal,
    );
  });

  test("an id that is taken", async () => {
    await stripe.plans.create({ ...monthly, id: "one", amount: 1 });
    const again = stripe.plans.create({ ...monthly, id: "one", amount: 1 });
    expect(await world.refusal(again)).toBe("400 resource_already_exists id");
  });
});
