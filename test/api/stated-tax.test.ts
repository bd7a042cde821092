import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { type Invoice, listInvoices } from "../support/billing.ts";
import { findFreePort, type ProviderProxy, startProviderProxy } from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let proxy: ProviderProxy;
let plan: Plan;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

const set = async (settings: object): Promise<void> => {
  const { status, body } = await server.send("PATCH", "/v1/settings/stripe", settings);
  expect(status, JSON.stringify(body)).toBe(200);
};

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  server = await startTestServer({ collectPort, stripeApiBase: proxy.url });
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
  await set({ tax_mode: "precalculated" });
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});

const settle = (minutes = 0) =>
  server.setClock(new Date(Date.parse(monthBilledAt(month)) + minutes * 60_000).toISOString());

/** A customer with a month of usage, billed: 2,000 and 34 cents. */
async function bill(): Promise<BilledCustomer> {
  month += 2;
  await server.setClock(monthStart(month));
  const customer = await createBilledCustomer(server);
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  await settle();
  return customer;
}

async function ours({ id }: BilledCustomer): Promise<Invoice> {
  const [invoice] = await listInvoices(server.metronome, id);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

const theirs = ({ payer }: BilledCustomer): Promise<Stripe.Invoice[]> =>
  listProviderInvoices(server.stripe, payer);

async function runOf(customer: BilledCustomer) {
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${(await ours(customer)).id}`);
  return (await server.send("GET", `/v1/runs/${body.data[0].id}`)).body.data;
}

const urlOf = async (customer: BilledCustomer): Promise<string> =>
  `/v1/invoices/${(await ours(customer)).id}/tax`;

const VAT = { tax_name: "VAT", percentage: "20", tax_amount: 407 };

const state = async (customer: BilledCustomer, taxes: readonly unknown[]) =>
  server.send("PUT", await urlOf(customer), { taxes });

test("is waited for; once it is stated the invoice goes out with it at once, line by line", async () => {
  const customer = await bill();
  expect(await theirs(customer)).toEqual([]);
  expect(await runOf(customer)).toMatchObject({
    status: "RUNNING",
    waiting: { reason: expect.stringContaining(`PUT ${await urlOf(customer)}`) },
  });
  const { status, body } = await state(customer, [VAT]);
  expect([status, body.data]).toEqual([
    200,
    {
      invoice_id: (await ours(customer)).id,
      stated_at: expect.any(String),
      taxes: [{ ...VAT }],
      total_tax_amount: 407,
    },
  ]);
  await settle();
  // 20 % of 2,000 and of 34: 400 and 6.8, together 406.8, which somebody stated as 407.
  const [invoice] = await theirs(customer);
  expect([invoice?.status, invoice?.subtotal, invoice?.total]).toEqual(["paid", 2034, 2441]);
  expect(
    invoice?.lines.data.map(({ amount, taxes }) => [amount, taxes?.map(({ amount: tax }) => tax)]),
  ).toEqual([
    [2000, [400]],
    [34, [7]],
  ]);
  expect((await ours(customer)).external_invoice).toMatchObject({
    external_status: "PAID",
    invoiced_total: 2441,
    invoiced_sub_total: 2034,
    tax: { total_tax_amount: 407 },
  });
  const again = await state(customer, []);
  expect([again.status, again.body.message]).toEqual([
    409,
    expect.stringContaining("on its way already"),
  ]);
});

test("that there is none can be stated, and ends the wait as well", async () => {
  const customer = await bill();
  expect((await state(customer, [])).status).toBe(200);
  await settle();
  expect(await theirs(customer)).toMatchObject([{ status: "paid", total: 2034 }]);
});

test("what a preview shows is what is sent", async () => {
  const customer = await bill();
  const { id } = await ours(customer);
  await state(customer, [{ ...VAT, tax_amount: "100" }]);
  const { body } = await server.send("POST", `/v1/invoices/${id}/provider-requests`, {});
  const [, lines] = body.data;
  expect(
    lines.params.lines.map((line: { tax_amounts: { amount: number }[] }) => line.tax_amounts),
  ).toMatchObject([
    // 100 x 2,000 / 2,034 = 98.33, and 1.67, which lost more.
    [{ amount: 98, taxable_amount: 2000 }],
    [{ amount: 2, taxable_amount: 34 }],
  ]);
  await settle();
  expect(await theirs(customer)).toMatchObject([{ total: 2134 }]);
});

test("that nobody states in time: the invoice goes out without it", async () => {
  const customer = await bill();
  await settle(59);
  expect(await theirs(customer)).toEqual([]);
  await settle(60);
  expect(await theirs(customer)).toMatchObject([{ status: "paid", total: 2034 }]);
});

test("or nothing is sent and the run says so, until it is stated after all", async () => {
  await set({ on_tax_timeout: "leave_draft" });
  const customer = await bill();
  await settle(60);
  expect(await theirs(customer)).toEqual([]);
  expect(await runOf(customer)).toMatchObject({ status: "FAILED", error: { code: "tax_missing" } });
  expect((await state(customer, [VAT])).status).toBe(200);
  await settle(60);
  expect(await theirs(customer)).toMatchObject([{ status: "paid", total: 2441 }]);
  expect(await runOf(customer)).toMatchObject({ status: "SENT", error: null });
  await set({ on_tax_timeout: null });
});

test("sends nothing while several billing configurations are active and none decides", async () => {
  await set({ on_tax_timeout: "leave_draft" });
  const customer = await bill();
  await settle(60);
  const other = await server.stripe.customers.create({ name: "The right payer" });
  const configuration = { stripe_customer_id: other.id };
  const added = await server.send("POST", "/v1/setCustomerBillingProviderConfigurations", {
    data: [
      {
        customer_id: customer.id,
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        configuration,
      },
    ],
  });
  expect(added.status).toBe(200);
  const { id } = await runOf(customer);
  expect((await server.send("POST", `/v1/runs/${id}/retry`)).status).toBe(409);
  expect((await state(customer, [VAT])).status).toBe(200);
  await settle(60);
  expect(await theirs(customer)).toEqual([]);
  expect(await runOf(customer)).toMatchObject({ status: "FAILED", error: { code: "tax_missing" } });
  await set({ on_tax_timeout: null });
});

test("that an account takes none of: refused before anything is sent, until it is taken back", async () => {
  const customer = await bill();
  await set({ tax_mode: "none" });
  await state(customer, [VAT]);
  await settle();
  expect(await runOf(customer)).toMatchObject({
    status: "FAILED",
    error: { code: "tax_not_taken", message: expect.stringContaining("tax_mode") },
  });
  const dropped = await server.send("DELETE", await urlOf(customer));
  expect(dropped.body.data).toMatchObject({ taxes: [], stated_at: null, total_tax_amount: 0 });
  const { id } = await runOf(customer);
  expect((await server.send("POST", `/v1/runs/${id}/retry`)).status).toBe(200);
  await settle();
  expect(await theirs(customer)).toMatchObject([{ status: "paid", total: 2034 }]);
  await set({ tax_mode: "precalculated" });
});

test("that comes while the first write is on its way is refused, however early it was asked for", async () => {
  const customer = await bill();
  await settle(59);
  const [looked, seen, begun, answered] = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  proxy.before = async ({ method, path }) => {
    if (method === "GET" && path === `/v1/customers/${customer.payer}`) {
      looked?.resolve();
      await seen?.promise;
    }
    if (method === "POST" && path === "/v1/invoices") {
      begun?.resolve();
      await answered?.promise;
    }
    return undefined;
  };
  // The delivery looks for the last time, and will write: nobody stated the tax in time.
  const advanced = settle(60);
  await looked?.promise;
  const [holds, released] = [0, 1].map(() => Promise.withResolvers<void>());
  const turn = server.db.transaction().execute(async (tx) => {
    await sql`select from customers where id = ${customer.id} for update`.execute(tx);
    holds?.resolve();
    await released?.promise;
  });
  await holds?.promise;
  // It reads that nothing was written, and waits for its turn.
  const asked = state(customer, [VAT]);
  await vi.waitFor(async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(server.db);
    expect(rows[0]?.n).toBeGreaterThan(0);
  }, 10_000);
  seen?.resolve();
  await begun?.promise;
  released?.resolve();
  await turn;
  const { status, body } = await asked;
  proxy.before = undefined;
  answered?.resolve();
  await advanced;
  expect([status, body.message]).toEqual([409, expect.stringContaining("on its way already")]);
  expect(await theirs(customer)).toMatchObject([{ status: "paid", total: 2034 }]);
  expect((await server.send("GET", await urlOf(customer))).body.data.taxes).toEqual([]);
});

test("is refused where it cannot be right, and changes nothing", async () => {
  const customer = await bill();
  const cases: [unknown, number, string][] = [
    [{ taxes: [{ ...VAT, tax_amount: 0.5 }] }, 400, "taxes[0].tax_amount must be a whole number"],
    [{ taxes: [{ ...VAT, tax_amount: -1 }] }, 400, "tax_amount"],
    [{ taxes: [{ ...VAT, percentage: 101 }] }, 400, "percentage"],
    [{ taxes: [{ ...VAT, percentage: "8.12345" }] }, 400, "percentage must have at most 4"],
    [{ taxes: [{ ...VAT, tax_name: "n".repeat(51) }] }, 400, "tax_name"],
    [{ taxes: [{ ...VAT, rate: 1 }] }, 400, "unknown field"],
    [{}, 400, "taxes is required"],
  ];
  for (const [body, status, message] of cases) {
    const reply = await server.send("PUT", await urlOf(customer), body);
    expect([reply.status, reply.body.message]).toEqual([status, expect.stringContaining(message)]);
  }
  expect((await server.send("GET", await urlOf(customer))).body.data.taxes).toEqual([]);
  const unknown = "/v1/invoices/00000000-0000-4000-8000-000000000000/tax";
  expect((await server.send("PUT", unknown, { taxes: [] })).status).toBe(404);
  await state(customer, []);
  await settle();
});

test("of a draft follows from what it says once it is final", async () => {
  month += 2;
  await server.setClock(monthStart(month));
  const customer = await createBilledCustomer(server);
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  const { status, body } = await state(customer, [VAT]);
  expect([status, body.message]).toEqual([409, expect.stringContaining("once it is final")]);
});
