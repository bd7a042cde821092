import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startSmtpServer } from "../support/smtp-server.ts";
import { clientOf, killAndRepeat, spawnDying } from "./dying-client.ts";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { type SubscriptionWorld, subscriptionWorld, unix } from "./subscription-world.ts";

const NOW = "2024-01-01T00:00:00Z";

/** Collect that lives on; the processes that die share its database. */
let collect: TestCollect;
let stripe: Stripe;
let world: SubscriptionWorld;

beforeAll(async () => {
  collect = await openTestCollect(NOW);
  stripe = collect.stripe;
  world = subscriptionWorld(collect);
});
afterAll(() => collect.close());

/** An open invoice over 1,000 of a customer with a card. */
async function open(): Promise<string> {
  const customer = await world.customer("pm_card_visa");
  const { id } = await stripe.invoices.create({ customer, currency: "usd" });
  await stripe.invoices.addLines(id, { lines: [{ amount: 1000 }] });
  await stripe.invoices.finalizeInvoice(id);
  return id;
}

/** Where the money of an invoice is, and what was told of it. */
async function traces(id: string) {
  const invoice = await stripe.invoices.retrieve(id);
  const customer = String(invoice.customer);
  const account = (await stripe.customers.retrieve(customer)) as Stripe.Customer;
  const notes = await stripe.creditNotes.list({ invoice: id });
  const charges = await stripe.charges.list({ customer });
  const refunds = await stripe.refunds.list({});
  const ofCharges = charges.data.map((charge) => charge.id);
  const payments = await stripe.invoicePayments.list({ invoice: id });
  const about = [id, customer, ...notes.data.map((note) => note.id), ...ofCharges];
  return {
    left: [invoice.status, invoice.amount_remaining],
    balance: account.balance,
    notes: notes.data.map(({ status, total, number }) => `${status} ${total} ${number?.slice(-5)}`),
    charged: charges.data.map(({ amount, amount_refunded }) => `${amount} - ${amount_refunded}`),
    refunds: refunds.data
      .filter(({ charge }) => ofCharges.includes(String(charge)))
      .map(({ amount }) => amount),
    payments: payments.data.map(({ status, amount_paid }) => `${status} ${amount_paid}`).sort(),
    events: (await world.events(...about)).filter((type) => !type.startsWith("invoice.")),
  };
}

type Send = (client: Stripe, options?: Stripe.RequestOptions) => Promise<unknown>;

const ALWAYS = [
  "collect/follow-ups/gathered",
  "collect/follow-ups/told",
  "collect/follow-ups/promised",
  "collect/request/stored",
  "collect/request/committed",
];

interface Row {
  readonly what: string;
  readonly points: readonly string[];
  /** Makes what the request is about, and says what is sent. */
  prepare(): Promise<{ readonly invoice: string; readonly send: Send }>;
  /** By hand: 1,000 was asked for. */
  readonly left: readonly [string, number];
  readonly balance: number;
  readonly notes: readonly string[];
  readonly refunds: readonly number[];
}

const ROWS: readonly Row[] = [
  {
    what: "a credit note of 500 over a paid invoice, 200 of it refunded and 300 to the balance",
    points: ["collect/credit-note/refunded", "collect/credit-note/issued", "collect/refund/made"],
    async prepare() {
      const invoice = await open();
      await stripe.invoices.pay(invoice);
      const params = { invoice, amount: 500, refund_amount: 200, credit_amount: 300 };
      return { invoice, send: (client, options) => client.creditNotes.create(params, options) };
    },
    left: ["paid", 0],
    balance: -300,
    notes: ["issued 500 CN-01"],
    refunds: [200],
  },
  {
    what: "a credit note of 400 over an open invoice",
    points: ["collect/credit-note/issued"],
    async prepare() {
      const invoice = await open();
      const params = { invoice, amount: 400 };
      return { invoice, send: (client, options) => client.creditNotes.create(params, options) };
    },
    left: ["open", 600],
    balance: 0,
    notes: ["issued 400 CN-01"],
    refunds: [],
  },
  {
    what: "the end of a credit note of 400",
    points: ["collect/credit-note/voided"],
    async prepare() {
      const invoice = await open();
      const { id } = await stripe.creditNotes.create({ invoice, amount: 400 });
      const send: Send = (client, options) => client.creditNotes.voidCreditNote(id, {}, options);
      return { invoice, send };
    },
    left: ["open", 1000],
    balance: 0,
    notes: ["void 400 CN-01"],
    refunds: [],
  },
  {
    what: "a refund of 250",
    points: ["collect/refund/made"],
    async prepare() {
      const invoice = await open();
      const { customer } = await stripe.invoices.pay(invoice);
      const [charge] = (await stripe.charges.list({ customer: String(customer) })).data;
      const params = { charge: String(charge?.id), amount: 250 };
      return { invoice, send: (client, options) => client.refunds.create(params, options) };
    },
    left: ["paid", 0],
    balance: 0,
    notes: [],
    refunds: [250],
  },
  {
    what: "400 that arrived elsewhere, counted towards an open invoice",
    points: ["collect/attach/recorded"],
    async prepare() {
      const invoice = await open();
      const { id } = await stripe.paymentRecords.reportPayment({
        amount_requested: { value: 400, currency: "usd" },
        initiated_at: unix(NOW),
        payment_method_details: { type: "custom", custom: { display_name: "Bank" } },
        outcome: "guaranteed",
        guaranteed: { guaranteed_at: unix(NOW) },
      });
      const params = { payment_record: id };
      return {
        invoice,
        send: (client, options) => client.invoices.attachPayment(invoice, params, options),
      };
    },
    left: ["open", 600],
    balance: 0,
    notes: [],
    refunds: [],
  },
];

describe.each(ROWS)("$what, killed with -9 on the way and sent again with its key", (row) => {
  let whole: Awaited<ReturnType<typeof traces>>;
  beforeAll(async () => {
    const { invoice, send } = await row.prepare();
    await send(stripe);
    whole = await traces(invoice);
  });

  test("undisturbed it comes to what was asked for", () => {
    const { left, balance, notes, refunds } = row;
    expect(whole).toMatchObject({ left, balance, notes, refunds });
  });

  test.each([...row.points, ...ALWAYS])("at %s: once", async (point) => {
    const { invoice, send } = await row.prepare();
    await killAndRepeat(collect, point, invoice, send);
    expect(await traces(invoice)).toEqual(whole);
  });
});

test("a process that dies after its mail was taken sends it again, under the same Message-ID", async () => {
  const smtp = await startSmtpServer();
  const { id: customer } = await stripe.customers.create({ email: "amy@example.com" });
  const dying = spawnDying(collect, ["collect/mail/sent", "work"], { SMTP_URL: smtp.url });
  const client = clientOf(await dying.line());
  const { id } = await client.invoices.create({
    customer,
    currency: "usd",
    collection_method: "send_invoice",
    days_until_due: 5,
  });
  await client.invoices.addLines(id, { lines: [{ amount: 1000 }] });
  await client.invoices.sendInvoice(id).catch(() => undefined);
  await expect(dying.line(), "the process dies").rejects.toThrow("ended");
  expect(smtp.mails).toHaveLength(1);
  const next = spawnDying(collect, ["nowhere", "work"], { SMTP_URL: smtp.url });
  await next.line();
  await vi.waitFor(() => expect(smtp.mails).toHaveLength(2), 10_000);
  const ids = smtp.mails.map(({ data }) => /^Message-ID: (.*)$/m.exec(data)?.[1]);
  expect(ids[0]).toMatch(/@ledgerline>$/);
  expect(ids[1]).toBe(ids[0]);
  expect((await stripe.invoices.retrieve(id)).status).toBe("open");
  await next.kill("SIGKILL");
  await smtp.close();
});
