import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;
let product: string;
beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
  product = (await stripe.products.create({ name: "API calls" })).id;
});
afterAll(() => collect?.close());

test("a product with an id of the caller's and a default price", async () => {
  const made = await stripe.products.create({
    id: "api-calls",
    name: "API calls",
    unit_label: "call",
    default_price_data: { currency: "usd", unit_amount: 250 },
    expand: ["default_price"],
  });
  expect(made).toMatchObject({ id: "api-calls", default_price: { unit_amount: 250 } });
  const again = stripe.products.create({ id: "api-calls", name: "x" });
  await expect(again).rejects.toMatchObject({ code: "resource_already_exists" });

  await collect.advanceTo("2024-01-01T00:00:10Z");
  const changed = await stripe.products.update("api-calls", { description: "each", images: ["a"] });
  expect(changed.updated).toBe(made.created + 10);
  const event = (await stripe.events.list({ type: "product.updated" })).data[0];
  expect(event?.data.previous_attributes).toEqual({
    description: null,
    images: [],
    updated: made.created,
  });
});

test("a product is deleted only while it has no price", async () => {
  await stripe.prices.create({ product, currency: "usd", unit_amount: 1 });
  await expect(stripe.products.del(product)).rejects.toMatchObject({ statusCode: 400 });
  const { id } = await stripe.products.create({ name: "unused" });
  expect(await stripe.products.del(id)).toEqual({ id, object: "product", deleted: true });
  await expect(stripe.products.retrieve(id)).rejects.toMatchObject({ code: "resource_missing" });
});

test.each<[object, number | null, string, string]>([
  [{ unit_amount: 1000 }, 1000, "1000", "whole minor units"],
  [{ unit_amount_decimal: "0.000000000001" }, null, "0.000000000001", "12 decimals of a cent"],
  [{ unit_amount_decimal: "12.50" }, null, "12.5", "no trailing zeros"],
  [{ unit_amount_decimal: "12.00" }, 12, "12", "a whole decimal is whole"],
  [{ unit_amount: 0 }, 0, "0", "free"],
])("a price of %j has unit_amount %j and decimal %s", async (terms, whole, exact) => {
  const price = await stripe.prices.create({
    product,
    currency: "usd",
    ...terms,
  } as unknown as Stripe.PriceCreateParams);
  expect(price).toMatchObject({ type: "one_time", recurring: null, unit_amount: whole });
  expect(String(price.unit_amount_decimal)).toBe(exact);
});

test("recurring prices, lookup keys and their transfer", async () => {
  const monthly = await stripe.prices.create({
    product,
    currency: "EUR",
    unit_amount: 500,
    lookup_key: "standard",
    recurring: { interval: "month", interval_count: 3 },
  });
  expect(monthly).toMatchObject({
    currency: "eur",
    type: "recurring",
    recurring: { interval: "month", interval_count: 3, usage_type: "licensed" },
  });
  const next = { product, currency: "eur", unit_amount: 600, lookup_key: "standard" };
  await expect(stripe.prices.create(next)).rejects.toMatchObject({
    code: "resource_already_exists",
  });
  const taken = await stripe.prices.create({ ...next, transfer_lookup_key: true });
  const found = await stripe.prices.list({ lookup_keys: ["standard"], expand: ["data.product"] });
  expect(found.data.map(({ id }) => id)).toEqual([taken.id]);
  expect(found.data[0]?.product).toMatchObject({ id: product });
  expect((await stripe.prices.list({ type: "recurring" })).data).toHaveLength(1);
  const off = await stripe.prices.update(taken.id, { active: false, nickname: "old" });
  expect(off).toMatchObject({ active: false, nickname: "old" });
});

test.each<[Record<string, unknown>, string]>([
  [{ unit_amount: 1, unit_amount_decimal: "1" }, "parameters_exclusive"],
  [{}, "parameter_missing"],
  [{ unit_amount: -1 }, "parameter_invalid_integer"],
  [{ unit_amount_decimal: "0.0000000000001" }, "parameter_invalid_decimal"],
  [{ unit_amount: 1, billing_scheme: "tiered" }, "none"],
  [{ tiers: [{ up_to: "inf", unit_amount: 1 }], tiers_mode: "graduated" }, "parameter_unknown"],
  [{ unit_amount: 1, product: "prod_none" }, "resource_missing"],
  [{ unit_amount: 1, currency: "zzz" }, "parameter_invalid_enum"],
  [{ unit_amount: 1, recurring: { interval: "year", interval_count: 4 } }, "none"],
  [{ unit_amount: 1, recurring: { interval: "month", usage_type: "metered" } }, "none"],
])("a price of %j is refused", async (terms, code) => {
  const refusal = (await stripe.prices
    .create({ product, currency: "usd", ...terms } as unknown as Stripe.PriceCreateParams)
    .catch((error: unknown) => error)) as Stripe.errors.StripeError;
  expect(refusal.type).toBe("StripeInvalidRequestError");
  expect(refusal.code ?? "none").toBe(code);
});

test("search in products and prices", async () => {
  const { id } = await stripe.products.create({ name: "Found", metadata: { sku: "7" } });
  const products = await stripe.products.search({ query: "metadata['sku']:'7'" });
  expect(products.data.map((found) => found.id)).toEqual([id]);
  const price = await stripe.prices.create({ product: id, currency: "usd", unit_amount: 7 });
  const prices = await stripe.prices.search({ query: `product:"${id}"` });
  expect(prices.data.map((found) => found.id)).toEqual([price.id]);
});
