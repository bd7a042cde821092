import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Payer,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { createFixedProduct, type Invoice, listInvoices, use } from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/* The account's settings over the API, and what the official client of the provider sees of them. */

const URL = "/v1/settings/stripe";
const DEFAULTS = {
  days_until_due: 30,
  leave_invoices_in_draft: false,
  skip_zero_dollar_invoices: false,
  include_zero_quantity_sub_line_items: false,
  stripe_invoice_quantity_always_string: false,
  company_name: null,
  line_limit_behavior: "collapse",
  quantity_decimal: false,
  tax_mode: "none",
  tax_wait_minutes: 60,
  on_tax_timeout: "finalize",
  max_amount: {},
  requests_per_second: 200,
};

let server: TestServer;
let plan: Plan;
let fee: string;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
  fee = await createFixedProduct(server.metronome, "Fee");
});
afterAll(() => server?.close());

const settings = async () => (await server.send("GET", URL)).body.data;

async function choose(changes: Record<string, unknown>): Promise<void> {
  const { status, body } = await server.send("PATCH", URL, changes);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

beforeEach(() => choose(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, null]))));

/** What a customer owes for the month that begins. */
type Owe = (customer: BilledCustomer) => Promise<unknown>;

const usage: Owe = ({ id }) => useSome(server, plan, id, monthStart(month));
const nothing: Owe = async () => undefined;
const tokens = (count: number | string) => (customer: BilledCustomer) =>
  use(server.metronome, customer.id, plan.tokens, monthStart(month), count);

/** Customers with a month of their own each, billed at its end. */
async function bill(owed: readonly Owe[], payer: Payer = {}): Promise<BilledCustomer[]> {
  month += 2;
  await server.setClock(monthStart(month));
  const customers: BilledCustomer[] = [];
  for (const owe of owed) {
    const customer = await createBilledCustomer(server, payer);
    await signMonth(server, plan, customer.id, month);
    await owe(customer);
    customers.push(customer);
  }
  await server.setClock(monthBilledAt(month));
  return customers;
}

async function billOne(owe: Owe, payer: Payer = {}): Promise<BilledCustomer> {
  const [customer] = await bill([owe], payer);
  if (customer === undefined) throw new Error("no customer");
  return customer;
}

/** A contract of the month with one scheduled bill of these amounts in cents, a line each. */
async function schedule(customer: BilledCustomer, cents: readonly number[]): Promise<void> {
  await signMonth(server, plan, customer.id, month, {
    scheduled_charges: cents.map((amount) => ({
      product_id: fee,
      schedule: {
        schedule_items: [{ timestamp: monthStart(month), quantity: 1, unit_price: amount }],
      },
    })),
  });
}

/** A customer with one scheduled bill, delivered. */
async function billSchedule(cents: readonly number[]): Promise<BilledCustomer> {
  month += 2;
  await server.setClock(monthStart(month));
  const customer = await createBilledCustomer(server);
  await schedule(customer, cents);
  await server.setClock(monthBilledAt(month));
  return customer;
}

async function ours({ id }: BilledCustomer, type?: "SCHEDULED" | "USAGE"): Promise<Invoice> {
  const all = await listInvoices(server.metronome, id);
  const [invoice, ...more] = all.filter((each) => type === undefined || each.type === type);
  if (invoice === undefined || more.length > 0) throw new Error(`${more.length} more`);
  return invoice;
}

/** Their invoice for one of ours. */
async function theirs(customer: BilledCustomer, invoice?: Invoice): Promise<Stripe.Invoice> {
  const { id } = invoice ?? (await ours(customer));
  const all = await listProviderInvoices(server.stripe, customer.payer);
  const [found, ...more] = all.filter(({ metadata }) => metadata?.metronome_id === id);
  if (found === undefined || more.length > 0) throw new Error(`${more.length} more`);
  return found;
}

const linesOf = ({ lines }: Stripe.Invoice) =>
  lines.data.map((line) => `${line.description}: ${line.quantity} = ${line.amount}`);

const runOf = async ({ id }: Invoice) =>
  (await server.send("GET", `/v1/runs?invoice_id=${id}`)).body.data[0];

const preview = async ({ id }: Invoice) =>
  (await server.send("POST", `/v1/invoices/${id}/provider-requests`)).body;

describe("the settings", () => {
  test("are all there, change one by one, and go back", async () => {
    expect(await settings()).toEqual(DEFAULTS);
    const changes = {
      days_until_due: 14,
      company_name: "Hooli",
      line_limit_behavior: "GROUP",
      max_amount: { usd: 250000000, EUR: "2500000.50" },
    };
    const { status, body } = await server.send("PATCH", URL, changes);
    const changed = {
      ...DEFAULTS,
      days_until_due: 14,
      company_name: "Hooli",
      line_limit_behavior: "group",
      max_amount: { USD: "250000000", EUR: "2500000.5" },
    };
    expect([status, body.data]).toEqual([200, changed]);
    await choose({ days_until_due: null, company_name: null });
    const { days_until_due, company_name } = DEFAULTS;
    expect(await settings()).toEqual({ ...changed, days_until_due, company_name });
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ days_until_due: -1 }, /days_until_due/],
    [{ days_until_due: "14" }, /days_until_due/],
    [{ days_until_due: 1.5 }, /days_until_due/],
    [{ leave_invoices_in_draft: "yes" }, /leave_invoices_in_draft/],
    [{ company_name: "" }, /company_name/],
    [{ company_name: "n".repeat(251) }, /company_name/],
    [{ line_limit_behavior: "split" }, /line_limit_behavior/],
    [{ tax_mode: "vat" }, /tax_mode/],
    [{ tax_wait_minutes: 100_000 }, /tax_wait_minutes/],
    [{ on_tax_timeout: "void" }, /on_tax_timeout/],
    [{ max_amount: { USD: 0 } }, /max_amount/],
    [{ max_amount: { XXX: 1 } }, /max_amount/],
    [{ max_amount: [1] }, /max_amount/],
    [{ requests_per_second: 0 }, /requests_per_second/],
    [{ quantity_decimal: true, colour: "red" }, /unknown field colour/],
    [{ entity_mappings: [] }, /unknown field entity_mappings/],
  ])("%j is refused and changes nothing", async (changes, message) => {
    const { status, body } = await server.send("PATCH", URL, changes);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
    expect(await settings()).toEqual(DEFAULTS);
  });

  test("are of an account: without one there is nothing to change", async () => {
    const headers = { authorization: `Bearer ${server.productionToken}` };
    const { status, body } = await server.send("PATCH", URL, { days_until_due: 1 }, headers);
    expect([status, body.message]).toEqual([409, expect.stringContaining("connect one first")]);
    // Those that an account would have.
    const shown = await server.send("GET", URL, undefined, headers);
    expect(shown.body.data).toEqual({ ...DEFAULTS, requests_per_second: 80 });
  });

  test("stand whole wherever the account is shown", async () => {
    await choose({ days_until_due: 14 });
    const expected = { ...DEFAULTS, days_until_due: 14 };
    const { body } = await server.send("GET", "/v1/connections");
    const [connection] = body.data;
    expect(connection.settings).toEqual(expected);
    const one = await server.send("GET", `/v1/connections/${connection.id}`);
    expect(one.body.data.settings).toEqual(expected);
    const environment = await server.send("GET", "/v1/environment");
    expect(environment.body.data.connections[0].settings).toEqual(expected);
    const [method] = (await server.metronome.v1.settings.billingProviders.list()).data;
    expect(method?.delivery_method_configuration).toEqual(expected);
    const customer = await createBilledCustomer(server);
    const routes = await server.metronome.v1.customers.retrieveBillingConfigurations({
      customer_id: customer.id,
    });
    expect(routes.data[0]?.delivery_method_configuration).toEqual(expected);
    const patched = await server.send("PATCH", `/v1/connections/${connection.id}`, {
      settings: { company_name: "Hooli" },
    });
    expect(patched.body.data.settings).toEqual({ ...expected, company_name: "Hooli" });
    expect(await settings()).toEqual({ ...expected, company_name: "Hooli" });
  });
});

describe("invoice settings", () => {
  test("set invoice due date: of those that are sent, and of no others", async () => {
    await choose({ days_until_due: 14 });
    const sent = await theirs(await billOne(usage, { collectionMethod: "send_invoice" }));
    expect((sent.due_date ?? 0) - sent.created).toBe(14 * 24 * 3600);
    const charged = await theirs(await billOne(usage));
    expect([charged.due_date, charged.status]).toEqual([null, "paid"]);
  });

  test("leave invoices as drafts: without a status until somebody finalizes them", async () => {
    await choose({ leave_invoices_in_draft: true });
    const customer = await billOne(usage);
    const draft = await theirs(customer);
    expect(draft).toMatchObject({ status: "draft", auto_advance: false, total: 2034 });
    const before = (await ours(customer)).external_invoice;
    expect(before).toMatchObject({ invoice_id: draft.id });
    expect(before).not.toHaveProperty("external_status");
    await server.stripe.invoices.finalizeInvoice(draft.id ?? "", { auto_advance: true });
    await server.setClock(monthBilledAt(month));
    expect((await ours(customer)).external_invoice?.external_status).toBe("PAID");
  });

  test("skip zero-total invoices: also those below the minimum charge", async () => {
    await choose({ skip_zero_dollar_invoices: true });
    // 2 cents a token: 0, 48 and 50 cents.
    const [none, below, enough] = await bill([nothing, tokens(24), tokens(25)]);
    if (none === undefined || below === undefined || enough === undefined) throw new Error();
    for (const [customer, total] of [
      [none, 0],
      [below, 48],
    ] as const) {
      const invoice = await ours(customer);
      expect(invoice.external_invoice).toMatchObject({ external_status: "SKIPPED" });
      expect(await runOf(invoice)).toMatchObject({
        status: "SKIPPED",
        external_id: null,
        error: {
          code: "skipped",
          message: expect.stringContaining(`The total of ${total} minor units is below 50`),
        },
      });
      expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
      expect((await preview(invoice)).data).toEqual([]);
    }
    expect(await theirs(enough)).toMatchObject({ status: "paid", total: 50 });
    // Off: everything is sent.
    await choose({ skip_zero_dollar_invoices: false });
    expect((await preview(await ours(none))).data).toHaveLength(3);
    expect(await theirs(await billOne(tokens(24)))).toMatchObject({ total: 48 });
  });
});

describe("invoice presentation", () => {
  test("display line items with zero quantity", async () => {
    const without = await theirs(await billOne(tokens(100)));
    expect(linesOf(without)).toEqual([`${plan.tokens}: 100 = 200`]);
    await choose({ include_zero_quantity_sub_line_items: true });
    const zero: Owe = async (customer) => {
      await tokens(100)(customer);
      await use(server.metronome, customer.id, plan.calls, monthStart(month), 0);
    };
    const customer = await billOne(zero);
    expect(linesOf(await theirs(customer))).toEqual([
      `${plan.tokens}: 100 = 200`,
      `${plan.calls}: 0 = 0`,
    ]);
  });

  test("always display price and quantity in descriptions", async () => {
    await choose({ stripe_invoice_quantity_always_string: true });
    expect(linesOf(await theirs(await billOne(tokens(100))))).toEqual([
      `${plan.tokens} (100 x $0.02): 100 = 200`,
    ]);
  });
});

describe("the provider's limits", () => {
  const half: Owe = async (customer) => {
    await tokens("100.5")(customer);
    await use(server.metronome, customer.id, plan.calls, monthStart(month), 3);
  };

  test("no decimal quantities: every line is one piece with its true quantity in the text", async () => {
    expect(linesOf(await theirs(await billOne(half)))).toEqual([
      `${plan.tokens} (100.5 x $0.02): 1 = 201`,
      `${plan.calls} (3 x $0.00333): 1 = 1`,
    ]);
  });

  test("unless the account takes them", async () => {
    await choose({ quantity_decimal: true });
    const invoice = await theirs(await billOne(half));
    // 100.5 shows as 100 where only whole quantities are shown.
    expect(linesOf(invoice)).toEqual([`${plan.tokens}: 100 = 201`, `${plan.calls}: 3 = 1`]);
    expect(String(invoice.lines.data[0]?.quantity_decimal)).toBe("100.5");
  });

  test("250 lines: more become one with the company's name and the total", async () => {
    await choose({ company_name: "Hooli" });
    const cents = Array.from({ length: 251 }, (_, n) => n + 1);
    const customer = await billSchedule(cents);
    const invoice = await ours(customer, "SCHEDULED");
    const theirInvoice = await theirs(customer, invoice);
    // 251 x 252 / 2.
    expect(theirInvoice).toMatchObject({ status: "paid", total: 31_626 });
    expect(linesOf(theirInvoice)).toEqual([
      expect.stringMatching(/^Hooli: 251 lines, see http\S+: 1 = 31626$/),
    ]);
    await choose({ line_limit_behavior: "group" });
    const { data } = await preview(invoice);
    expect(data[1].params.lines).toEqual([
      expect.objectContaining({ description: "Fee: 251 lines", amount: 31_626 }),
    ]);
  });

  test("a maximum: above it nothing is sent, until the account may", async () => {
    const customer = await billSchedule([100_000_000]);
    const invoice = await ours(customer, "SCHEDULED");
    const message = "The total of 100000000 minor units is above Stripe's maximum of 99999999.";
    expect(invoice.external_invoice).toMatchObject({
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error: message,
    });
    expect(await runOf(invoice)).toMatchObject({
      status: "FAILED",
      error: { code: "amount_too_large", message },
    });
    const sent = await listProviderInvoices(server.stripe, customer.payer);
    expect(sent.filter(({ metadata }) => metadata?.metronome_id === invoice.id)).toEqual([]);
    expect((await preview(invoice)).message).toBe(message);
    await choose({ max_amount: { USD: 250_000_000 } });
    expect((await preview(invoice)).data[1].params.lines).toMatchObject([{ quantity: 1 }]);
  });

  test("no tax for credits is answered before anything is sent", async () => {
    const customer = await billOne(tokens(100));
    await choose({ tax_mode: "stripe" });
    const { data } = await preview(await ours(customer));
    expect(data[0].params.automatic_tax).toEqual({ enabled: true });
    expect(data[1].params.lines[0].price_data).toMatchObject({ tax_behavior: "exclusive" });
  });
});

test("a change shows at once in what would be sent", async () => {
  const invoice = await ours(await billOne(tokens(100), { collectionMethod: "send_invoice" }));
  const before = (await preview(invoice)).data;
  expect(before[0].params).toMatchObject({ days_until_due: 30 });
  await choose({ days_until_due: 7, stripe_invoice_quantity_always_string: true });
  const after = (await preview(invoice)).data;
  expect(after[0].params).toEqual({ ...before[0].params, days_until_due: 7 });
  expect(after[1].params.lines).toEqual([
    { ...before[1].params.lines[0], description: `${plan.tokens} (100 x $0.02)` },
  ]);
});

test("preferences of one customer are refused", async () => {
  const customer = await createBilledCustomer(server);
  const flag = { leave_stripe_invoices_in_draft: true };
  const config = await server.send("POST", `/v1/customers/${customer.id}/updateConfig`, flag);
  const set = await server.send("POST", "/v1/setCustomerBillingProviderConfigurations", {
    data: [
      {
        customer_id: customer.id,
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        configuration: { stripe_customer_id: "cus_1", ...flag },
      },
    ],
  });
  for (const { status, body } of [config, set]) {
    expect([status, body.message]).toEqual([400, expect.stringMatching(/draft is not supported$/)]);
  }
});
