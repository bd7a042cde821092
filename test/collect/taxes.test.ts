import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld } from "./subscription-world.ts";

/** Tax rates, and taxes that were computed elsewhere, through the official client. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect("2024-01-01T00:00:00Z");
  world = subscriptionWorld(collect);
  stripe = collect.stripe;
});
afterAll(() => collect.close());

const rate = async (percentage: number, inclusive = false): Promise<string> =>
  (await stripe.taxRates.create({ display_name: "VAT", percentage, inclusive })).id;

const draft = (params: Omit<Stripe.InvoiceCreateParams, "customer"> & { customer: string }) =>
  stripe.invoices.create({ currency: "usd", pending_invoice_items_behavior: "exclude", ...params });

const amounts = (invoice: Stripe.Invoice) => ({
  subtotal: invoice.subtotal,
  net: invoice.total_excluding_tax,
  taxes: invoice.total_taxes?.map((tax) => [tax.tax_behavior, tax.amount, tax.taxable_amount]),
  total: invoice.total,
});

test("rates are made, changed and listed; their percentage stays", async () => {
  const made = await stripe.taxRates.create({
    display_name: "MwSt",
    percentage: 19,
    inclusive: false,
    country: "DE",
    tax_type: "vat",
  });
  expect(made).toMatchObject({ percentage: 19, active: true, country: "DE", tax_type: "vat" });
  await stripe.taxRates.update(made.id, { active: false });
  const active = await stripe.taxRates.list({ active: true });
  expect(active.data.map(({ id }) => id)).not.toContain(made.id);
  const customer = await world.customer();
  const late = draft({ customer, default_tax_rates: [made.id] });
  expect(await world.refusal(late)).toBe("400 undefined default_tax_rates[0]");
  const change = collect.request(`/v1/tax_rates/${made.id}`, {
    method: "POST",
    body: new URLSearchParams({ percentage: "7" }),
  });
  expect(await (await change).json()).toMatchObject({
    error: { code: "parameter_unknown", param: "percentage" },
  });
  expect(await world.events(made.id)).toEqual(["tax_rate.created", "tax_rate.updated"]);
});

test.each([
  [{ percentage: 100.01 }, "400 parameter_invalid_range percentage"],
  [{ percentage: -1 }, "400 parameter_invalid_range percentage"],
  [{ percentage: 8.12345 }, "400 undefined percentage"],
])("refused: %j", async (params, refusal) => {
  const call = stripe.taxRates.create({ display_name: "VAT", inclusive: false, ...params });
  expect(await world.refusal(call)).toBe(refusal);
});

describe("on an invoice", () => {
  test("exclusive comes on top, of what the discounts leave", async () => {
    const customer = await world.customer();
    const { id } = await stripe.coupons.create({ percent_off: 10 });
    const invoice = await draft({
      customer,
      default_tax_rates: [await rate(8.25)],
      discounts: [{ coupon: id }],
    });
    const full = await stripe.invoices.addLines(invoice.id, { lines: [{ amount: 10_000 }] });
    // 90.00 x 8.25% = 7.425, rounded to 7.43.
    expect(amounts(full)).toEqual({
      subtotal: 10_000,
      net: 9000,
      taxes: [["exclusive", 743, 9000]],
      total: 9743,
    });
    expect(full.lines.data[0]?.taxes).toMatchObject([
      { amount: 743, taxability_reason: "standard_rated", type: "tax_rate_details" },
    ]);
    expect(full.default_tax_rates).toMatchObject([{ object: "tax_rate", percentage: 8.25 }]);
  });

  test("inclusive is inside; a line's own rates stand before the invoice's", async () => {
    const customer = await world.customer();
    const invoice = await draft({ customer, default_tax_rates: [await rate(20, true)] });
    const full = await stripe.invoices.addLines(invoice.id, {
      lines: [{ amount: 1200 }, { amount: 1000, tax_rates: [await rate(5)] }],
    });
    // 12.00 has 2.00 of tax in it; 5% of 10.00 come on top of it.
    expect(amounts(full)).toEqual({
      subtotal: 2200,
      net: 2000,
      taxes: [
        ["inclusive", 200, 1000],
        ["exclusive", 50, 1000],
      ],
      total: 2250,
    });
    expect(full.subtotal_excluding_tax).toBe(2000);
  });

  test.each([
    ["exempt", "customer_exempt"],
    ["reverse", "reverse_charge"],
  ] as const)("a customer who is %s when it is finalized pays none", async (exemption, reason) => {
    const customer = await world.customer();
    const invoice = await draft({ customer, default_tax_rates: [await rate(19)] });
    await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount: 1000 });
    expect((await stripe.invoices.retrieve(invoice.id)).total).toBe(1190);
    await stripe.customers.update(customer, { tax_exempt: exemption });
    const { total, total_taxes: taxes } = await stripe.invoices.finalizeInvoice(invoice.id);
    expect([total, taxes?.[0]?.taxability_reason]).toEqual([1000, reason]);
  });

  test("taxes that were computed elsewhere are taken as they are", async () => {
    const customer = await world.customer();
    const invoice = await draft({ customer });
    const tax = (amount: number, name: string) => ({
      amount,
      taxable_amount: 1000,
      tax_rate_data: { display_name: name, inclusive: false, percentage: 7.5 },
    });
    const full = await stripe.invoices.addLines(invoice.id, {
      lines: [{ amount: 1000, tax_amounts: [tax(61, "State"), tax(14, "City")] }, { amount: 500 }],
    });
    expect(amounts(full)).toEqual({
      subtotal: 1500,
      net: 1500,
      taxes: [
        ["exclusive", 61, 1000],
        ["exclusive", 14, 1000],
      ],
      total: 1575,
    });
    const [line] = full.lines.data;
    const both = stripe.invoices.updateLines(invoice.id, {
      lines: [{ id: String(line?.id), tax_rates: [await rate(5)] }],
    });
    expect(await world.refusal(both)).toBe("400 undefined lines[0][tax_rates]");
    const clear = { id: String(line?.id), tax_amounts: "" as const, tax_rates: [await rate(5)] };
    expect((await stripe.invoices.updateLines(invoice.id, { lines: [clear] })).total).toBe(1550);
  });

  const elsewhere = (amount: number, inclusive = false) => [
    {
      amount,
      taxable_amount: 10,
      tax_rate_data: { display_name: "x", inclusive, percentage: 10 },
    },
  ];

  test("not beside rates of the invoice, nor of other lines, whichever comes first", async () => {
    const customer = await world.customer();
    const five = await rate(5);
    const invoice = await draft({ customer, default_tax_rates: [five] });
    const fixed = { amount: 10, tax_amounts: elsewhere(1) };
    const first = stripe.invoices.addLines(invoice.id, { lines: [fixed] });
    expect(await world.refusal(first)).toBe("400 undefined lines[0][tax_amounts]");
    const other = await draft({ customer });
    const { lines } = await stripe.invoices.addLines(other.id, { lines: [fixed] });
    const before = await stripe.invoices.retrieve(other.id);
    const refusals = [
      () => stripe.invoices.update(other.id, { default_tax_rates: [five] }),
      () => stripe.invoices.addLines(other.id, { lines: [{ amount: 5, tax_rates: [five] }] }),
      () =>
        stripe.invoiceItems.create({ customer, invoice: other.id, amount: 5, tax_rates: [five] }),
    ];
    const found: string[] = [];
    for (const call of refusals) found.push(await world.refusal(call()));
    expect(found).toEqual([
      "400 undefined default_tax_rates",
      "400 undefined lines",
      "400 undefined tax_rates",
    ]);
    expect(await stripe.invoices.retrieve(other.id)).toEqual(before);
    await stripe.invoices.removeLines(other.id, {
      lines: [{ id: String(lines.data[0]?.id), behavior: "delete" }],
    });
    await stripe.invoices.update(other.id, { default_tax_rates: [five] });
  });

  test("what is included in a line is not more than the line", async () => {
    const { id } = await draft({ customer: await world.customer() });
    const beyond = { amount: 10, tax_amounts: elsewhere(11, true) };
    const call = stripe.invoices.addLines(id, { lines: [beyond] });
    expect(await world.refusal(call)).toBe("400 undefined lines");
    const all = { amount: 10, tax_amounts: elsewhere(10, true) };
    expect((await stripe.invoices.addLines(id, { lines: [all] })).total).toBe(10);
  });
});

test("a subscription's rates go onto each of its invoices; an item's own stand before them", async () => {
  const [plain, own] = [await world.price(1000), await world.price(2000)];
  const [ten, five] = [await rate(10), await rate(5)];
  const subscription = await world.subscribe(plain, {
    items: [{ price: plain }, { price: own, tax_rates: [five] }],
    default_tax_rates: [ten],
  });
  expect(subscription.default_tax_rates).toMatchObject([{ id: ten }]);
  expect(subscription.items.data[1]?.tax_rates).toMatchObject([{ id: five }]);
  // 10.00 + 1.00 and 20.00 + 1.00.
  expect(await world.invoices(String(subscription.customer))).toEqual([
    "subscription_create paid 3200",
  ]);
  await stripe.subscriptions.update(subscription.id, { default_tax_rates: "" });
  await collect.advanceTo("2024-02-02T00:00:00Z");
  expect((await world.invoices(String(subscription.customer))).at(-1)).toBe(
    "subscription_cycle paid 3100",
  );
});

test("an invoice for a subscription takes over its rates, or has none when it says so", async () => {
  const ten = await rate(10);
  const { id, customer, items } = await world.subscribe(await world.price(1000), {
    default_tax_rates: [ten],
  });
  // The whole period is left: one unit more is 10.00 more.
  const made = async (quantity: number, params: object) => {
    await stripe.subscriptions.update(id, {
      items: [{ id: String(items.data[0]?.id), quantity }],
    });
    return stripe.invoices.create({ customer: String(customer), subscription: id, ...params });
  };
  expect(await made(2, {})).toMatchObject({ default_tax_rates: [{ id: ten }], total: 1100 });
  const without = await made(3, { default_tax_rates: "" });
  expect(without).toMatchObject({ default_tax_rates: [], total: 1000 });
});
