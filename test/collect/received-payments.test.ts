import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestCollect, PRODUCTION_TOKEN, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

/** Money that arrives elsewhere, in whole or in part, in test mode and in live mode. */
let collect: TestCollect;
let live: Stripe;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect();
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
  const headers = {
    authorization: `Bearer ${PRODUCTION_TOKEN}`,
    "content-type": "application/json",
  };
  const url = `${collect.url}/ledgerline/accounts`;
  const made = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify({ name: "Live" }),
  });
  const { id } = (await made.json()) as { id: string };
  const body = JSON.stringify({ mode: "live" });
  const key = await fetch(`${url}/${id}/keys`, { method: "POST", headers, body });
  live = collect.client({}, ((await key.json()) as { key: string }).key);
});
afterAll(() => collect.close());

const report = (
  client: Stripe,
  value: number,
  terms: Partial<Stripe.PaymentRecordReportPaymentParams> = {},
) =>
  client.paymentRecords.reportPayment({
    amount_requested: { value, currency: "usd" },
    initiated_at: unix("2024-01-01T00:00:00Z"),
    payment_method_details: { type: "custom", custom: { display_name: "Bank transfer" } },
    outcome: "guaranteed",
    guaranteed: { guaranteed_at: unix("2024-01-01T00:00:00Z") },
    ...terms,
  });

const openInvoice = async (client: Stripe, amount: number, terms = {}) => {
  const customer = (await client.customers.create({ name: "Bea" })).id;
  const { id } = await client.invoices.create({
    customer,
    currency: "usd",
    collection_method: "send_invoice",
    days_until_due: 14,
    ...terms,
  });
  await client.invoiceItems.create({ customer, invoice: id, amount });
  await client.invoices.finalizeInvoice(id);
  return { id, customer };
};

const amounts = (invoice: Stripe.Invoice) => ({
  status: invoice.status,
  paid: invoice.amount_paid,
  remaining: invoice.amount_remaining,
  overpaid: invoice.amount_overpaid,
  elsewhere: invoice.amount_paid_off_stripe ?? 0,
});

describe.each([
  ["test", () => stripe],
  ["live", () => live],
] as const)("in %s mode", (_mode, client) => {
  test("an invoice is paid in parts, and told of when it is covered", async () => {
    const { id, customer } = await openInvoice(client(), 10_000);
    const first = await report(client(), 2500, { customer_details: { customer } });
    expect(first).toMatchObject({
      amount_guaranteed: { value: 2500, currency: "usd" },
      reported_by: "self",
      payment_method_details: { type: "custom", custom: { display_name: "Bank transfer" } },
    });
    const partly = await client().invoices.attachPayment(id, { payment_record: first.id });
    expect(amounts(partly)).toEqual({
      status: "open",
      paid: 2500,
      remaining: 7500,
      overpaid: 0,
      elsewhere: 2500,
    });
    const rest = await report(client(), 7500);
    const paid = await client().invoices.attachPayment(id, {
      payment_record: rest.id,
      expand: ["payments"],
    });
    expect(amounts(paid)).toEqual({
      status: "paid",
      paid: 10_000,
      remaining: 0,
      overpaid: 0,
      elsewhere: 10_000,
    });
    expect(
      paid.payments?.data.map(({ payment, status, amount_paid }) => [
        payment.type,
        status,
        amount_paid,
      ]),
    ).toEqual([
      ["payment_record", "paid", 7500],
      ["payment_record", "paid", 2500],
      ["payment_intent", "canceled", null],
    ]);
    const events = await client().events.list({ limit: 100 });
    const told = events.data.filter(({ data }) => Reflect.get(data.object, "id") === id);
    expect(told.filter(({ type }) => type === "invoice.paid")).toHaveLength(1);
  });

  test("what arrives beyond the invoice is the customer's credit", async () => {
    const { id, customer } = await openInvoice(client(), 4000);
    const record = await report(client(), 5000);
    const paid = await client().invoices.attachPayment(id, { payment_record: record.id });
    expect(amounts(paid)).toEqual({
      status: "paid",
      paid: 4000,
      remaining: 0,
      overpaid: 1000,
      elsewhere: 4000,
    });
    const { data } = await client().customers.listBalanceTransactions(customer);
    expect(data).toMatchObject([
      { type: "invoice_overpaid", amount: -1000, ending_balance: -1000, invoice: id },
    ]);
  });

  test("the rest can be called paid", async () => {
    const { id } = await openInvoice(client(), 3000);
    const record = await report(client(), 1000);
    await client().invoices.attachPayment(id, { payment_record: record.id });
    const paid = await client().invoices.pay(id, { paid_out_of_band: true });
    expect(amounts(paid)).toMatchObject({ status: "paid", paid: 3000, elsewhere: 3000 });
  });

  test.each<[string, (record: Stripe.PaymentRecord, id: string) => Promise<unknown>, string]>([
    [
      "a payment that is on another invoice",
      async (record, id) => {
        const other = await openInvoice(client(), 500);
        await client().invoices.attachPayment(other.id, { payment_record: record.id });
        return client().invoices.attachPayment(id, { payment_record: record.id });
      },
      "400 undefined payment_record",
    ],
    [
      "a payment that has not arrived",
      async (_record, id) => {
        const record = await report(client(), 10, {
          outcome: undefined as never,
          guaranteed: undefined as never,
        });
        return client().invoices.attachPayment(id, { payment_record: record.id });
      },
      "400 undefined payment_record",
    ],
    [
      "another currency",
      async (_record, id) => {
        const amount_requested = { value: 10, currency: "eur" };
        const record = await report(client(), 10, { amount_requested });
        return client().invoices.attachPayment(id, { payment_record: record.id });
      },
      "400 undefined payment_record",
    ],
    [
      "another customer's payment",
      async (_record, id) => {
        const customer = (await client().customers.create({})).id;
        const record = await report(client(), 10, { customer_details: { customer } });
        return client().invoices.attachPayment(id, { payment_record: record.id });
      },
      "400 undefined payment_record",
    ],
    [
      "no such payment",
      (_record, id) => client().invoices.attachPayment(id, { payment_record: "pr_x" }),
      "400 resource_missing payment_record",
    ],
    [
      "nothing",
      (_record, id) => client().invoices.attachPayment(id, {}),
      "400 parameter_missing payment_record",
    ],
  ])("refused: %s", async (_what, call, refusal) => {
    const { id } = await openInvoice(client(), 500);
    const record = await report(client(), 100);
    expect(await world.refusal(call(record, id))).toBe(refusal);
    expect(amounts(await client().invoices.retrieve(id))).toMatchObject({
      paid: 0,
      remaining: 500,
    });
  });

  test("of two payments at once each is counted once", async () => {
    const { id } = await openInvoice(client(), 1000);
    const records = await Promise.all([report(client(), 600), report(client(), 600)]);
    await Promise.all(
      records.map((record) => client().invoices.attachPayment(id, { payment_record: record.id })),
    );
    expect(amounts(await client().invoices.retrieve(id))).toEqual({
      status: "paid",
      paid: 1000,
      remaining: 0,
      overpaid: 200,
      elsewhere: 1000,
    });
  });

  test("a report tells how it ended, and what went back elsewhere", async () => {
    const open = await report(client(), 800, {
      outcome: undefined as never,
      guaranteed: undefined as never,
    });
    expect(open.amount_guaranteed.value).toBe(0);
    const at = unix("2024-01-02T00:00:00Z");
    await client().paymentRecords.reportPaymentAttemptGuaranteed(open.id, { guaranteed_at: at });
    const late = client().paymentRecords.reportPaymentAttemptFailed(open.id, { failed_at: at });
    expect(await world.refusal(late)).toBe("400 undefined");
    const back = { outcome: "refunded", processor_details: { type: "custom" } } as const;
    const part = await client().paymentRecords.reportRefund(open.id, {
      ...back,
      amount: { value: 300, currency: "usd" },
    });
    expect(part.amount_refunded.value).toBe(300);
    const tooMuch = client().paymentRecords.reportRefund(open.id, {
      ...back,
      amount: { value: 501, currency: "usd" },
    });
    expect(await world.refusal(tooMuch)).toBe("400 undefined amount[value]");
  });
});

describe("in test mode alone", () => {
  test("a card is charged for what is left, and a payment intent can be attached", async () => {
    const customer = await world.customer("pm_card_visa");
    const { id } = await stripe.invoices.create({ customer, currency: "usd" });
    await stripe.invoiceItems.create({ customer, invoice: id, amount: 5000 });
    await stripe.invoices.finalizeInvoice(id);
    const intent = await stripe.paymentIntents.create({
      customer,
      amount: 1500,
      currency: "usd",
      confirm: true,
      off_session: true,
      payment_method: String((await stripe.customers.listPaymentMethods(customer)).data[0]?.id),
    });
    await stripe.invoices.attachPayment(id, { payment_intent: intent.id });
    const paid = await stripe.invoices.pay(id);
    expect(amounts(paid)).toMatchObject({ status: "paid", paid: 5000, elsewhere: 0 });
    const { data } = await stripe.charges.list({ customer });
    expect(data.map(({ amount }) => amount)).toEqual([3500, 1500]);
  });
});

describe("in live mode alone", () => {
  test("nothing is charged: what is due stays open and says how to record its payment", async () => {
    const { id } = await openInvoice(live, 700, {
      collection_method: "charge_automatically",
      days_until_due: undefined,
      auto_advance: true,
    });
    const refusal = await live.invoices.pay(id).catch((error: Error) => error);
    expect(refusal).toMatchObject({
      statusCode: 400,
      param: "paid_out_of_band",
      message: expect.stringContaining("payment record"),
    });
    expect(amounts(await live.invoices.retrieve(id))).toMatchObject({ status: "open", paid: 0 });
  });

  test("a subscription is active, its first invoice open until its payment is recorded", async () => {
    const { id: product } = await live.products.create({ name: "Plan" });
    const { id: price } = await live.prices.create({
      product,
      currency: "usd",
      unit_amount: 900,
      recurring: { interval: "month" },
    });
    const customer = (await live.customers.create({})).id;
    const subscription = await live.subscriptions.create({ customer, items: [{ price }] });
    expect(subscription).toMatchObject({ status: "active", livemode: true });
    const invoice = String(subscription.latest_invoice);
    expect((await live.invoices.retrieve(invoice)).status).toBe("open");
    const paid = await live.invoices.pay(invoice, { paid_out_of_band: true });
    expect(paid).toMatchObject({ status: "paid", amount_paid: 900 });
  });
});

describe("what a payment may still do", () => {
  const cardCustomer = () => world.customer("pm_card_visa");
  const charged = async (customer: string, amount: number) => {
    const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
    return stripe.paymentIntents.create({
      customer,
      amount,
      currency: "usd",
      confirm: true,
      off_session: true,
      payment_method: String(method?.id),
    });
  };
  const openFor = async (customer: string, amount: number) => {
    const { id } = await stripe.invoices.create({ customer, currency: "usd" });
    await stripe.invoices.addLines(id, { lines: [{ amount }] });
    return stripe.invoices.finalizeInvoice(id);
  };

  test("one that was given back pays nothing, one that was in part pays the rest", async () => {
    const customer = await cardCustomer();
    const { id } = await openFor(customer, 5000);
    const back = await charged(customer, 5000);
    await stripe.refunds.create({ payment_intent: back.id });
    const call = stripe.invoices.attachPayment(id, { payment_intent: back.id });
    expect(await world.refusal(call)).toBe("400 undefined payment_intent");
    const part = await charged(customer, 5000);
    await stripe.refunds.create({ payment_intent: part.id, amount: 2000 });
    const paid = await stripe.invoices.attachPayment(id, { payment_intent: part.id });
    expect([paid.status, paid.amount_paid, paid.amount_remaining]).toEqual(["open", 3000, 2000]);
    const voided = stripe.invoices.voidInvoice(id);
    expect(await world.refusal(voided)).toBe("400 status_transition_invalid");
    expect((await stripe.invoices.retrieve(id)).status).toBe("open");
  });

  test.each<[string, (id: string) => Promise<unknown>, string[]]>([
    [
      "a payment that is attached",
      async (id) =>
        stripe.invoices.attachPayment(id, { payment_record: (await report(stripe, 5000)).id }),
      ["invoice.paid"],
    ],
    [
      "one beyond what was due",
      async (id) =>
        stripe.invoices.attachPayment(id, { payment_record: (await report(stripe, 5001)).id }),
      ["invoice.paid", "invoice.overpaid"],
    ],
    [
      "paid_out_of_band",
      (id) => stripe.invoices.pay(id, { paid_out_of_band: true }),
      ["invoice.paid"],
    ],
    ["giving up", (id) => stripe.invoices.markUncollectible(id), ["invoice.marked_uncollectible"]],
  ])("%s ends a customer's delinquency", async (_what, settle, told) => {
    const customer = await world.customer("pm_card_chargeCustomerFail");
    const { id } = await openFor(customer, 5000);
    await world.refusal(stripe.invoices.pay(id));
    const delinquent = async () => {
      const found = await stripe.customers.retrieve(customer);
      return "delinquent" in found ? found.delinquent : undefined;
    };
    expect(await delinquent()).toBe(true);
    await settle(id);
    expect(await delinquent()).toBe(false);
    const events = await world.events(id);
    expect(events.slice(-told.length)).toEqual(told);
  });

  test("a draft of live mode, where nothing is charged, says of no attempt", async () => {
    const { id: customer } = await live.customers.create({});
    const draft = await live.invoices.create({ customer, currency: "usd", auto_advance: true });
    expect(draft.next_payment_attempt).toBeNull();
    expect(draft.automatically_finalizes_at).toBe(draft.created + 3600);
  });
});
