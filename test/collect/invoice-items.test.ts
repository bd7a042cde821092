import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

let collect: TestCollect;
let stripe: Stripe;
let product: string;

beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
  product = (await stripe.products.create({ name: "Setup" })).id;
});
afterAll(() => collect.close());

const newCustomer = async (): Promise<string> => (await stripe.customers.create({})).id;

const newDraft = async (customer?: string): Promise<string> => {
  const invoice = await stripe.invoices.create({
    customer: customer ?? (await newCustomer()),
    currency: "usd",
    pending_invoice_items_behavior: "exclude",
  });
  return invoice.id;
};

const refusalOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "accepted",
    (error: unknown) =>
      error instanceof Stripe.errors.StripeError
        ? `${error.statusCode} ${error.code ?? "-"} ${error.param ?? ""}`.trim()
        : String(error),
  );

const usd = (unit: string) => ({
  currency: "usd",
  product,
  unit_amount_decimal: Stripe.Decimal.from(unit),
});

describe("items", () => {
  test("the founding guide's sample: a setup fee on a draft", async () => {
    const customer = await newCustomer();
    const invoice = await newDraft(customer);
    const item = await stripe.invoiceItems.create({
      customer,
      invoice,
      amount: 1000,
      currency: "usd",
      description: "One-time setup fee",
    });
    expect(item).toMatchObject({ amount: 1000, invoice, description: "One-time setup fee" });
    const { total, lines } = await stripe.invoices.retrieve(invoice);
    expect(total).toBe(1000);
    expect(lines.data[0]).toMatchObject({
      amount: 1000,
      description: "One-time setup fee",
      parent: { invoice_item_details: { invoice_item: item.id } },
    });
  });

  test("pending items go on the next invoice that takes them, newest first, and only once", async () => {
    const customer = await newCustomer();
    for (const amount of [100, 200, 300]) {
      await stripe.invoiceItems.create({ customer, amount, currency: "usd" });
    }
    const excluded = await stripe.invoices.create({ customer });
    expect(excluded.total).toBe(0);
    const taken = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
    });
    expect(taken.lines.data.map((line) => line.amount)).toEqual([300, 200, 100]);
    const none = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
    });
    expect(none.total).toBe(0);
    const pending = await stripe.invoiceItems.list({ customer, pending: true });
    expect(pending.data).toEqual([]);
  });

  test("defaults follow the version of the request", async () => {
    const customer = await newCustomer();
    const old = collect.client({ apiVersion: "2013-12-03" as Stripe.LatestApiVersion });
    const nothing = old.invoices.create({ customer });
    expect(await refusalOf(nothing)).toBe("400 invoice_no_customer_line_items customer");
    expect((await stripe.invoices.list({ customer })).data).toEqual([]);
    await stripe.invoiceItems.create({ customer, amount: 500, currency: "usd" });
    const invoice = await old.invoices.create({ customer });
    expect(invoice).toMatchObject({ total: 500, auto_advance: true, closed: false, paid: false });
    expect(invoice.automatically_finalizes_at).toBe(invoice.created + 3600);
  });

  test("an item can be changed and deleted while it is pending or on a draft", async () => {
    const customer = await newCustomer();
    const invoice = await newDraft(customer);
    const item = await stripe.invoiceItems.create({
      customer,
      invoice,
      price_data: usd("2.5"),
      quantity: 3,
      metadata: { a: "1", b: "2" },
    });
    expect(item).toMatchObject({ amount: 8, quantity: 3, description: "Setup" });
    const changed = await stripe.invoiceItems.update(item.id, {
      quantity: 5,
      metadata: { a: "", c: "3" },
    });
    expect(changed).toMatchObject({ amount: 13, metadata: { b: "2", c: "3" } });
    expect((await stripe.invoices.retrieve(invoice)).total).toBe(13);
    await stripe.invoiceItems.del(item.id);
    expect((await stripe.invoices.retrieve(invoice)).total).toBe(0);
    expect(await refusalOf(stripe.invoiceItems.retrieve(item.id))).toMatch(/^404/);
    const fixed = await stripe.invoiceItems.create({ customer, invoice, amount: 1000 });
    await stripe.invoices.finalizeInvoice(invoice);
    const late = stripe.invoiceItems.update(fixed.id, { amount: 1 });
    expect(await refusalOf(late)).toBe("400 invoice_not_editable");
    expect(await refusalOf(stripe.invoiceItems.del(fixed.id))).toBe("400 invoice_not_editable");
  });

  test("part quantities", async () => {
    const item = await stripe.invoiceItems.create({
      customer: await newCustomer(),
      price_data: usd("150"),
      quantity_decimal: Stripe.Decimal.from("1.333"),
    });
    expect(item).toMatchObject({ amount: 200, quantity: 1 });
    expect(String(item.quantity_decimal)).toBe("1.333");
  });

  test.each(["exclusive", "inclusive", undefined] as const)(
    "the price made with an item has its tax behavior: %s",
    async (tax_behavior) => {
      const item = await stripe.invoiceItems.create({
        customer: await newCustomer(),
        price_data: { ...usd("150"), ...(tax_behavior === undefined ? {} : { tax_behavior }) },
      });
      const price = await stripe.prices.retrieve(String(item.pricing?.price_details?.price));
      expect(price).toMatchObject({ tax_behavior: tax_behavior ?? "unspecified", product });
    },
  );

  test("a price's currency and product come along", async () => {
    const price = await stripe.prices.create({ product, currency: "usd", unit_amount: 700 });
    const item = await stripe.invoiceItems.create({
      customer: await newCustomer(),
      pricing: { price: price.id },
      quantity: 2,
      expand: ["pricing.price_details.price"],
    });
    expect(item).toMatchObject({ amount: 1400, currency: "usd" });
    expect(item.pricing?.price_details).toMatchObject({ price: { id: price.id }, product });
  });
});

describe("refused, and nothing changed", () => {
  test.each<[string, Stripe.InvoiceItemCreateParams, string]>([
    ["no price at all", {}, "400 parameter_missing amount"],
    ["amount and quantity", { amount: 1, quantity: 2 }, "400 parameters_exclusive amount"],
    ["nine digits", { amount: 100_000_000 }, "400 amount_too_large amount"],
    ["an unknown currency", { amount: 1, currency: "zzz" }, "400 parameter_invalid_enum currency"],
    ["part of a cent", { amount: 1.5 }, "400 parameter_invalid_integer amount"],
    ["an unknown invoice", { amount: 1, invoice: "in_x" }, "400 resource_missing invoice"],
    ["an unknown price", { pricing: { price: "price_x" } }, "400 resource_missing pricing[price]"],
    [
      "an unknown product",
      { price_data: { currency: "usd", product: "prod_x", unit_amount: 1 } },
      "400 resource_missing price_data[product]",
    ],
    [
      "a negative unit price",
      { price_data: { currency: "usd", product: "prod_x", unit_amount: -1 } },
      "400 parameter_invalid_integer price_data[unit_amount]",
    ],
    ["a subscription", { amount: 1, subscription: "sub_x" }, "400 resource_missing subscription"],
    [
      "a tax rate that is not there",
      { amount: 1, tax_rates: ["txr_1"] },
      "400 resource_missing tax_rates[0]",
    ],
    [
      "two quantities",
      {
        price_data: { currency: "usd", product: "prod_x", unit_amount: 1 },
        quantity: 1,
        quantity_decimal: Stripe.Decimal.from("1"),
      },
      "400 parameters_exclusive quantity",
    ],
    ["time backwards", { amount: 1, period: { start: 2, end: 1 } }, "400 - period[end]"],
  ])("%s", async (_, params, refusal) => {
    const customer = await newCustomer();
    expect(await refusalOf(stripe.invoiceItems.create({ customer, ...params }))).toBe(refusal);
    expect((await stripe.invoiceItems.list({ customer })).data).toEqual([]);
  });

  test("a second currency while the first is open", async () => {
    const customer = await newCustomer();
    await stripe.invoiceItems.create({ customer, amount: 100, currency: "usd" });
    const mixed = stripe.invoiceItems.create({ customer, amount: 100, currency: "eur" });
    expect(await refusalOf(mixed)).toBe("400 - currency");
    expect(await refusalOf(stripe.invoices.create({ customer, currency: "eur" }))).toMatch(/^400/);
  });

  test("line 251, and a bulk request with one bad line", async () => {
    const invoice = await newDraft();
    const lines = (count: number) => Array.from({ length: count }, () => ({ amount: 1 }));
    await stripe.invoices.addLines(invoice, { lines: lines(100) });
    await stripe.invoices.addLines(invoice, { lines: lines(100) });
    const tooMany = stripe.invoices.addLines(invoice, { lines: lines(51) });
    expect(await refusalOf(tooMany)).toBe("400 parameter_invalid_range lines");
    const oneBad = [{ amount: 1 }, { amount: 100_000_000 }];
    const bad = stripe.invoices.addLines(invoice, { lines: oneBad });
    expect(await refusalOf(bad)).toBe("400 amount_too_large lines[1][amount]");
    const full = await stripe.invoices.addLines(invoice, { lines: lines(50) });
    expect(full.total).toBe(250);
  });

  test("finalizing with automatic tax that nobody computed, an unknown coupon, a second invoice of one number", async () => {
    const customer = await newCustomer();
    const taxed = await stripe.invoices.create({ customer, automatic_tax: { enabled: true } });
    expect(taxed.automatic_tax).toMatchObject({
      enabled: true,
      status: "requires_location_inputs",
    });
    await stripe.invoices.addLines(taxed.id, { lines: [{ amount: 1000 }] });
    const finalize = () => refusalOf(stripe.invoices.finalizeInvoice(taxed.id));
    expect(await finalize()).toBe("400 customer_tax_location_invalid");
    await stripe.customers.update(customer, { address: { country: "US" } });
    expect(await finalize()).toBe("400 taxes_calculation_failed");
    expect((await stripe.invoices.retrieve(taxed.id)).automatic_tax.status).toBeNull();
    const discounted = stripe.invoices.create({ customer, discounts: [{ coupon: "half" }] });
    expect(await refusalOf(discounted)).toBe("400 resource_missing discounts[0][coupon]");
    await stripe.invoices.create({ customer, number: "A-1" });
    expect(await refusalOf(stripe.invoices.create({ customer, number: "A-1" }))).toBe(
      "400 - number",
    );
    const undated = stripe.invoices.create({ customer, collection_method: "send_invoice" });
    expect(await refusalOf(undated)).toBe("400 parameter_missing days_until_due");
    const dated = stripe.invoices.create({ customer, days_until_due: 5 });
    expect(await refusalOf(dated)).toBe("400 - days_until_due");
  });
});

describe("lines", () => {
  test("adopt, change, remove and unassign", async () => {
    const customer = await newCustomer();
    const invoice = await newDraft(customer);
    const item = await stripe.invoiceItems.create({ customer, amount: 100, currency: "usd" });
    await stripe.invoices.addLines(invoice, { lines: [{ amount: 1 }, { amount: 2 }] });
    const adopted = await stripe.invoices.addLines(invoice, {
      lines: [{ invoice_item: item.id }],
      invoice_metadata: { batch: "1" },
    });
    expect(adopted.metadata).toEqual({ batch: "1" });
    expect(adopted.lines.data.map((line) => line.amount)).toEqual([1, 2, 100]);
    const [first, second, third] = adopted.lines.data.map((line) => line.id);
    if (first === undefined || second === undefined || third === undefined) throw new Error("3");
    const line = await stripe.invoices.updateLineItem(invoice, first, { amount: 10 });
    expect(line).toMatchObject({ id: first, amount: 10 });
    const updated = await stripe.invoices.updateLines(invoice, {
      lines: [{ id: second, description: "two" }],
    });
    expect(updated.total).toBe(112);
    const removed = await stripe.invoices.removeLines(invoice, {
      lines: [
        { id: first, behavior: "delete" },
        { id: third, behavior: "unassign" },
      ],
    });
    expect(removed).toMatchObject({ total: 2, lines: { total_count: 1 } });
    const pending = await stripe.invoiceItems.list({ customer, pending: true });
    expect(pending.data.map(({ id }) => id)).toEqual([item.id]);
    const again = stripe.invoices.removeLines(invoice, {
      lines: [{ id: first, behavior: "delete" }],
    });
    expect(await refusalOf(again)).toBe("400 resource_missing lines[0][id]");
  });

  test("pages of lines go both ways", async () => {
    const invoice = await newDraft();
    const amounts = Array.from({ length: 12 }, (_, index) => index + 1);
    await stripe.invoices.addLines(invoice, { lines: amounts.map((amount) => ({ amount })) });
    const first = await stripe.invoices.listLineItems(invoice, { limit: 5 });
    expect(first.data.map(({ amount }) => amount)).toEqual([1, 2, 3, 4, 5]);
    const after = first.data.at(-1)?.id ?? "";
    const next = await stripe.invoices.listLineItems(invoice, { limit: 5, starting_after: after });
    expect(next.data.map(({ amount }) => amount)).toEqual([6, 7, 8, 9, 10]);
    const start = next.data[0]?.id ?? "";
    const back = await stripe.invoices.listLineItems(invoice, { limit: 3, ending_before: start });
    expect(back.data.map(({ amount }) => amount)).toEqual([3, 4, 5]);
    expect(back.has_more).toBe(true);
  });
});

describe("raw requests", () => {
  const post = async (path: string, body: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await collect.request(path, { method: "POST", headers, body });
    return {
      status: response.status,
      body: (await response.json()) as { error?: { param?: string } },
    };
  };

  test("other clients' encodings: expand[] and deep paths", async () => {
    const invoice = await newDraft();
    const body = `lines[0][amount]=100&lines[0][price_data]&expand[]=customer`;
    expect((await post(`/v1/invoices/${invoice}/add_lines`, body)).status).toBe(400);
    const good = `lines[0][price_data][currency]=usd&lines[0][price_data][product]=${product}&lines[0][price_data][unit_amount]=100&expand[]=lines.data.pricing.price_details.price`;
    const added = await post(`/v1/invoices/${invoice}/add_lines`, good);
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({
      total: 100,
      lines: { data: [{ pricing: { price_details: { price: { object: "price", product } } } }] },
    });
  });

  test.each([
    ["description=%00", undefined],
    ["description=%ED%A0%80", undefined],
    ["amount=1e3", "amount"],
    ["amount=NaN", "amount"],
    ["amount=99999999999999999999", "amount"],
    ["quantity_decimal=1.0000000000001", "quantity_decimal"],
    [`description=${"x".repeat(5001)}`, "description"],
    ["metadata[a]=1&metadata[a][b]=2", undefined],
    ["colour=red", "colour"],
  ])("%s is refused", async (params, param) => {
    const customer = await newCustomer();
    const { status, body } = await post("/v1/invoiceitems", `customer=${customer}&${params}`);
    expect(status).toBe(400);
    if (param !== undefined) expect(body.error?.param).toBe(param);
    expect((await stripe.invoiceItems.list({ customer })).data).toEqual([]);
  });
});

describe("races", () => {
  test("two invoices that take pending items at once share nothing", async () => {
    const customer = await newCustomer();
    for (const amount of [1, 2, 3, 4]) {
      await stripe.invoiceItems.create({ customer, amount, currency: "usd" });
    }
    const params = { customer, pending_invoice_items_behavior: "include" as const };
    const both = await Promise.all([
      stripe.invoices.create(params),
      stripe.invoices.create(params),
    ]);
    expect(both.map(({ total }) => total).sort()).toEqual([0, 10]);
  });

  test("an invoice finalized and paid from many sides is paid once", async () => {
    const customer = await newCustomer();
    const method = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    const invoice = await newDraft(customer);
    await stripe.invoices.addLines(invoice, { lines: [{ amount: 1000 }] });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () =>
        refusalOf(stripe.invoices.pay(invoice, { payment_method: method.id })),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
    expect((await stripe.charges.list({ customer })).data).toHaveLength(1);
  });

  test("a payment by hand and the automatic one at the same moment charge once", async () => {
    const own = await openTestCollect("2024-05-01T00:00:00Z");
    try {
      const customer = (await own.stripe.customers.create({})).id;
      const method = await own.stripe.paymentMethods.attach("pm_card_visa", { customer });
      const invoice = await own.stripe.invoices.create({
        customer,
        default_payment_method: method.id,
      });
      await own.stripe.invoices.addLines(invoice.id, { lines: [{ amount: 1000 }] });
      await own.stripe.invoices.finalizeInvoice(invoice.id, { auto_advance: true });
      await Promise.all([
        refusalOf(own.stripe.invoices.pay(invoice.id)),
        own.advanceTo("2024-05-01T00:00:00Z"),
      ]);
      expect((await own.stripe.invoices.retrieve(invoice.id)).status).toBe("paid");
      expect((await own.stripe.charges.list({ customer })).data).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  test("finalizing many invoices of a customer at once gives each its own number", async () => {
    const customer = await newCustomer();
    const drafts = [await newDraft(customer), await newDraft(customer), await newDraft(customer)];
    for (const draft of drafts) {
      await stripe.invoices.addLines(draft, { lines: [{ amount: 1000 }] });
    }
    const open = await Promise.all(drafts.map((draft) => stripe.invoices.finalizeInvoice(draft)));
    const endings = open.map(({ number }) => number?.slice(-4)).sort();
    expect(endings).toEqual(["0001", "0002", "0003"]);
  });
});
