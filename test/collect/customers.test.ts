import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;
beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
});
afterAll(() => collect?.close());

const lastEvent = async (type: string): Promise<Stripe.Event | undefined> =>
  (await stripe.events.list({ type, limit: 1 })).data[0];

test("a customer is created, read, changed, cleared and deleted", async () => {
  const created = await stripe.customers.create({
    name: "Ada",
    email: "ada@example.com",
    address: { line1: "Main St 1", country: "DE" },
    shipping: { name: "Ada", address: { city: "Berlin" } },
    metadata: { a: "1", b: "2" },
    preferred_locales: ["de"],
  });
  expect(created).toMatchObject({ balance: 0, currency: null, delinquent: false, livemode: false });
  expect(created.created).toBe(1_704_067_200); // 2024-01-01, the sandbox's time
  expect(created.address).toMatchObject({ line1: "Main St 1", city: null });
  expect(await stripe.customers.retrieve(created.id)).toMatchObject({ name: "Ada" });

  const changed = await stripe.customers.update(created.id, {
    name: "Ada L.",
    address: "",
    metadata: { a: "", c: "3" },
  });
  expect(changed).toMatchObject({ address: null, email: "ada@example.com", name: "Ada L." });
  expect(changed.metadata).toEqual({ b: "2", c: "3" });
  const event = await lastEvent("customer.updated");
  expect(event?.data).toMatchObject({
    object: { name: "Ada L." },
    previous_attributes: { name: "Ada", metadata: { a: "1", c: null } },
  });

  expect(await stripe.customers.update(created.id, { metadata: "" })).toMatchObject({
    metadata: {},
  });
  expect(await stripe.customers.del(created.id)).toEqual({
    id: created.id,
    object: "customer",
    deleted: true,
  });
  expect(await stripe.customers.retrieve(created.id)).toMatchObject({ deleted: true });
  await expect(stripe.customers.update(created.id, { name: "x" })).rejects.toMatchObject({
    statusCode: 404,
    code: "resource_missing",
    message: `No such customer: '${created.id}'`,
  });
  await expect(stripe.customers.del(created.id)).rejects.toMatchObject({ statusCode: 404 });
  expect((await lastEvent("customer.deleted"))?.data.object).toMatchObject({ id: created.id });
});

test("an update that changes nothing leaves no event", async () => {
  const customer = await stripe.customers.create({ name: "Same" });
  const before = await lastEvent("customer.updated");
  await stripe.customers.update(customer.id, { name: "Same" });
  expect((await lastEvent("customer.updated"))?.id).toBe(before?.id);
});

test.each<[Stripe.CustomerCreateParams, string | undefined, string]>([
  [{ name: "x".repeat(257) }, "parameter_invalid_string_too_long", "names have 256 characters"],
  [{ tax_exempt: "maybe" }, undefined, "an unknown choice"],
  [{ invoice_prefix: "ab" }, undefined, "prefixes are upper case"],
  [{ balance: 10 ** 12 }, "amount_too_large", "balances are bounded"],
  [
    { invoice_settings: { default_payment_method: "pm_none" } },
    "resource_missing",
    "a default must be attached",
  ],
  [
    { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, "v"])) },
    undefined,
    "metadata has 50 keys",
  ],
])("refuses %j", async (params, code) => {
  const refusal = await stripe.customers.create(params).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ statusCode: 400, type: "StripeInvalidRequestError" });
  expect((refusal as Stripe.errors.StripeError).code).toBe(code);
});

test("two customers cannot share an invoice prefix", async () => {
  await stripe.customers.create({ invoice_prefix: "SAME1" });
  await expect(stripe.customers.create({ invoice_prefix: "SAME1" })).rejects.toMatchObject({
    statusCode: 400,
    param: "invoice_prefix",
  });
});

describe("credit balance", () => {
  test("every movement is a transaction with its ending balance", async () => {
    const { id } = await stripe.customers.create({ balance: -500 });
    await stripe.customers.update(id, { balance: 250 });
    const granted = await stripe.customers.createBalanceTransaction(id, {
      amount: -1000,
      currency: "usd",
      description: "goodwill",
      metadata: { case: "7" },
    });
    expect(granted).toMatchObject({ amount: -1000, ending_balance: -750, type: "adjustment" });
    const { data } = await stripe.customers.listBalanceTransactions(id);
    expect(data.map((entry) => [entry.type, entry.amount, entry.ending_balance])).toEqual([
      ["adjustment", -1000, -750],
      ["adjustment", 750, 250],
      ["initial", -500, -500],
    ]);
    expect(await stripe.customers.retrieve(id)).toMatchObject({ balance: -750, currency: "usd" });
    const one = await stripe.customers.retrieveBalanceTransaction(id, granted.id);
    expect(one).toEqual(granted);
  });

  test("a balance in one currency refuses another, and concurrent movements add up", async () => {
    const { id } = await stripe.customers.create({ balance: -100 });
    const grant = (amount: number, currency = "usd") =>
      stripe.customers.createBalanceTransaction(id, { amount, currency });
    await expect(grant(-1, "eur")).rejects.toMatchObject({ statusCode: 400, param: "currency" });
    await Promise.all(Array.from({ length: 10 }, () => grant(-7)));
    expect(await stripe.customers.retrieve(id)).toMatchObject({ balance: -170 });
  });
});

describe("lists", () => {
  const ids: string[] = [];
  beforeAll(async () => {
    for (let n = 0; n < 5; n += 1) {
      ids.unshift((await stripe.customers.create({ email: "list@example.com" })).id);
    }
  });
  const email = "list@example.com";
  const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);

  test("run newest first, also within one second of a frozen clock", async () => {
    const list = await stripe.customers.list({ email });
    expect(idsOf(list)).toEqual(ids);
    expect(list).toMatchObject({ object: "list", url: "/v1/customers", has_more: false });
  });

  test("page forwards and backwards with exclusive cursors", async () => {
    const first = await stripe.customers.list({ email, limit: 2 });
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    expect(first.has_more).toBe(true);
    const next = await stripe.customers.list({ email, limit: 2, starting_after: ids[1] ?? "" });
    expect(idsOf(next)).toEqual(ids.slice(2, 4));
    const back = await stripe.customers.list({ email, limit: 2, ending_before: ids[4] ?? "" });
    expect(idsOf(back)).toEqual(ids.slice(2, 4));
    expect(back.has_more).toBe(true);
    const start = await stripe.customers.list({ email, limit: 2, ending_before: ids[1] ?? "" });
    expect(idsOf(start)).toEqual(ids.slice(0, 1));
    expect(start.has_more).toBe(false);
  });

  test("paging is not disturbed by what is created meanwhile", async () => {
    const seen: string[] = [];
    for await (const customer of stripe.customers.list({ email, limit: 2 })) {
      seen.push(customer.id);
      if (seen.length === 1) await stripe.customers.create({ email: "other@example.com" });
    }
    expect(seen).toEqual(ids);
  });

  test("bounds of created count in whole seconds", async () => {
    const at = 1_704_067_200;
    expect((await stripe.customers.list({ email, created: at })).data).toHaveLength(5);
    expect((await stripe.customers.list({ email, created: { gt: at } })).data).toHaveLength(0);
    expect((await stripe.customers.list({ email, created: { gte: at } })).data).toHaveLength(5);
    expect((await stripe.customers.list({ email, created: { lt: at } })).data).toHaveLength(0);
  });

  test.each([
    [{ limit: 0 }, "limit"],
    [{ limit: 101 }, "limit"],
    [{ starting_after: "cus_none" }, "starting_after"],
    [{ starting_after: "cus_a", ending_before: "cus_b" }, "ending_before"],
  ])("%j is refused", async (params, param) => {
    await expect(stripe.customers.list(params)).rejects.toMatchObject({ statusCode: 400, param });
  });

  test("search finds by metadata and mail address", async () => {
    const { id } = await stripe.customers.create({
      email: "find@example.com",
      metadata: { ledgerline_customer_id: "c-1" },
    });
    const byKey = await stripe.customers.search({
      query: 'metadata["ledgerline_customer_id"]:"c-1"',
    });
    expect(idsOf(byKey)).toEqual([id]);
    const both = 'email:"find@example.com" AND metadata["ledgerline_customer_id"]:"c-1"';
    expect(idsOf(await stripe.customers.search({ query: both }))).toEqual([id]);
    expect(idsOf(await stripe.customers.search({ query: 'email:"nobody@x.com"' }))).toEqual([]);
    await expect(stripe.customers.search({ query: "what is this" })).rejects.toMatchObject({
      statusCode: 400,
    });
    await expect(stripe.customers.search({ query: 'shoe:"42"' })).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});
