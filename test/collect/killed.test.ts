import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { killAndRepeat, spawnDying } from "./dying-client.ts";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { openReceiver } from "./webhook-receiver.ts";

const NOW = "2024-01-01T00:00:00Z";

/** Collect that lives on; the processes that die share its database. */
let collect: TestCollect;
let stripe: Stripe;
let receiver: Awaited<ReturnType<typeof openReceiver>>;

beforeAll(async () => {
  receiver = await openReceiver();
  collect = await openTestCollect(NOW);
  stripe = collect.stripe;
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ["*"] });
});
afterAll(async () => {
  await collect.close();
  await receiver.close();
});
beforeEach(() => collect.advanceTo(NOW));

/** A customer with a card and 300 of credit, and a draft over 1,000 for them. */
async function draft(): Promise<{ customer: string; invoice: string }> {
  const { id: customer } = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
    balance: -300,
  });
  const { id: invoice } = await stripe.invoices.create({ customer, currency: "usd" });
  await stripe.invoices.addLines(invoice, { lines: [{ amount: 1000 }] });
  return { customer, invoice };
}

/** Everything that one customer's invoice left behind, without ids and times. */
async function traces(customer: string, invoice: string) {
  const { status, amount_due, amount_paid, attempt_count, total, lines } =
    await stripe.invoices.retrieve(invoice);
  const account = await stripe.customers.retrieve(customer);
  const moves = await stripe.customers.listBalanceTransactions(customer);
  const payments = await stripe.invoicePayments.list({ invoice });
  const intents = await stripe.paymentIntents.list({ customer });
  const charges = await stripe.charges.list({ customer });
  return {
    invoice: { status, amount_due, amount_paid, attempt_count, total, lines: lines.data.length },
    balance: account.deleted ? undefined : account.balance,
    moves: moves.data.map(({ type, amount }) => `${type} ${amount}`),
    payments: payments.data.map((payment) => payment.status),
    intents: intents.data.map((intent) => intent.status),
    charges: charges.data.map((charge) => charge.status),
    events: await eventTypes(customer),
  };
}

interface EventRow {
  id: string;
  type: string;
}

async function eventsOf(customer: string): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`select id, type from collect.events
    where data->'object'->>'customer' = ${customer} or object_id = ${customer}
    order by created_at, id`.execute(collect.db);
  return rows;
}

const eventTypes = async (customer: string): Promise<string[]> =>
  (await eventsOf(customer)).map(({ type }) => type).sort();

/** Each event of the customer has reached the receiver; how often each came. */
async function timesDelivered(customer: string): Promise<number[]> {
  const ids = receiver.received.map(({ body }): string => JSON.parse(body).id);
  const events = await eventsOf(customer);
  return events.map(({ id }) => ids.filter((each) => each === id).length);
}

/** What the same request leaves behind when nothing dies. */
async function undisturbed(send: Send): Promise<Awaited<ReturnType<typeof traces>>> {
  const { customer, invoice } = await draft();
  await send(stripe, invoice);
  await collect.advanceTo(NOW);
  return traces(customer, invoice);
}

type Send = (client: Stripe, invoice: string, options?: Stripe.RequestOptions) => Promise<unknown>;

describe.each<[string, readonly string[], Send]>([
  [
    "add_lines",
    [
      "collect/lines/priced",
      "collect/lines/changed",
      "collect/lines/totalled",
      "collect/request/committed",
    ],
    (client, invoice, options) =>
      client.invoices.addLines(
        invoice,
        {
          lines: [
            { amount: 5 },
            {
              price_data: { currency: "usd", product_data: { name: "Seats" }, unit_amount: 10 },
              quantity: 3,
            },
          ],
        },
        options,
      ),
  ],
  [
    "finalize",
    [
      "collect/finalize/settled",
      "collect/finalize/frozen",
      "collect/finalize/payable",
      "collect/finalize/announced",
      "collect/request/answered",
      "collect/request/stored",
      "collect/request/committed",
    ],
    (client, invoice, options) =>
      client.invoices.finalizeInvoice(invoice, { auto_advance: true }, options),
  ],
  [
    "pay",
    [
      "collect/finalize/payable",
      "collect/pay/charged",
      "collect/pay/received",
      "collect/pay/announced",
      "collect/request/committed",
    ],
    (client, invoice, options) => client.invoices.pay(invoice, {}, options),
  ],
])("%s, killed with -9 on the way and sent again with its key", (_name, points, send) => {
  let whole: Awaited<ReturnType<typeof traces>>;
  beforeAll(async () => {
    whole = await undisturbed(send);
  });

  test.each(points)("at %s: takes effect once, and is told of once", async (point) => {
    const { customer, invoice } = await draft();
    await collect.advanceTo(NOW);
    await killAndRepeat(collect, point, invoice, (client, options) =>
      send(client, invoice, options),
    );
    await collect.advanceTo(NOW);
    expect(await traces(customer, invoice)).toEqual(whole);
    expect(new Set(await timesDelivered(customer))).toEqual(new Set([1]));
  });
});

const finalize: Send = (client, invoice) =>
  client.invoices.finalizeInvoice(invoice, { auto_advance: true });
const finalizeByItself: Send = (client, invoice) =>
  client.invoices.update(invoice, {
    auto_advance: true,
    automatically_finalizes_at: Date.parse(NOW) / 1000,
  });

describe.each<[string, Send, readonly string[]]>([
  [
    "the job that charges",
    finalize,
    [
      "collect/pay/charged",
      "collect/pay/received",
      "collect/pay/announced",
      "collect/job/committed",
      "collect/deliver/claimed",
      "collect/deliver/sent",
    ],
  ],
  [
    "the job that finalizes",
    finalizeByItself,
    ["collect/finalize/payable", "collect/finalize/announced", "collect/job/committed"],
  ],
])("%s, killed with -9 on the way and taken up by another process", (_name, send, points) => {
  let whole: Awaited<ReturnType<typeof traces>>;
  beforeAll(async () => {
    whole = await undisturbed(send);
  });

  test.each(points)("at %s: takes effect once, and every event is sent", async (point) => {
    const { customer, invoice } = await draft();
    await collect.advanceTo(NOW);
    await send(stripe, invoice);
    const child = spawnDying(collect, [point, "work"]);
    await child.line();
    await expect(child.line(), "the process dies").rejects.toThrow("ended");
    await collect.advanceTo(NOW);
    expect(await traces(customer, invoice)).toEqual(whole);
    // A process that dies between sending and noting it sends again.
    const times = await timesDelivered(customer);
    expect(Math.min(...times)).toBe(1);
    expect(Math.max(...times)).toBeLessThanOrEqual(2);
  });
});
