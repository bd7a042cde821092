import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPayer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Payer,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  type Invoice,
  listInvoices,
} from "../support/billing.ts";
import { findFreePort } from "../support/provider-proxy.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let plan: Plan;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

beforeAll(async () => {
  // Every call, under whichever key, ends at Collect.
  const collectPort = await findFreePort();
  const stripeApiBase = `http://127.0.0.1:${collectPort}`;
  server = await startTestServer({ collectPort, stripeApiBase });
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
});
afterAll(() => server?.close());

/** Goes to the beginning of the next month that is free. */
async function nextMonth(): Promise<void> {
  month += 2;
  await server.setClock(monthStart(month));
}

const endMonth = () => server.setClock(monthBilledAt(month));

/** Lets everything happen that a change at the provider brings about. */
const settle = () => endMonth();

async function ourInvoice({ id }: Pick<BilledCustomer, "id">): Promise<Invoice> {
  const [invoice, ...more] = await listInvoices(server.metronome, id);
  expect(more).toEqual([]);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

async function theirInvoice({ payer }: Pick<BilledCustomer, "payer">): Promise<Stripe.Invoice> {
  const [invoice, ...more] = await listProviderInvoices(server.stripe, payer);
  expect(more).toEqual([]);
  if (invoice === undefined) throw new Error("no invoice at the provider");
  return invoice;
}

const statusOf = async (customer: BilledCustomer) =>
  (await ourInvoice(customer)).external_invoice?.external_status;

/** A customer with a month of usage, billed. */
async function bill(payer: Payer = {}): Promise<BilledCustomer> {
  await nextMonth();
  const customer = await createBilledCustomer(server, payer);
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  await endMonth();
  return customer;
}

async function runsOf(invoice: Pick<Invoice, "id">) {
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${invoice.id}`);
  // biome-ignore lint/suspicious/noExplicitAny: a reply of our own endpoint.
  return body.data as any[];
}

async function journalOf(runId: string) {
  const { body } = await server.send("GET", `/v1/runs/${runId}`);
  return body.data.steps as {
    step: string;
    outcome: string;
    request: Record<string, unknown> & { idempotency_key: string };
  }[];
}

const stripeRow = (payer: string, extra: object = {}) => ({
  billing_provider: "stripe" as const,
  delivery_method: "direct_to_billing_provider" as const,
  configuration: { stripe_customer_id: payer, stripe_collection_method: "charge_automatically" },
  ...extra,
});

describe("a finalized invoice", () => {
  test("is collected at the provider, and its status comes back", async () => {
    const customer = await bill();
    const [ours, theirs] = [await ourInvoice(customer), await theirInvoice(customer)];
    expect([ours.status, ours.total]).toEqual(["FINALIZED", 2033.633]);
    expect(ours.external_invoice).toEqual({
      billing_provider_type: "stripe",
      invoice_id: theirs.id,
      issued_at_timestamp: monthBilledAt(month),
      external_status: "PAID",
      pdf_url: theirs.invoice_pdf,
      external_payment_id: expect.stringMatching(/^pi_/),
      invoiced_total: 2034,
      invoiced_sub_total: 2034,
    });
    expect(theirs).toMatchObject({
      status: "paid",
      total: 2034,
      amount_paid: 2034,
      currency: "usd",
      collection_method: "charge_automatically",
      metadata: { metronome_id: ours.id, ledgerline_invoice_id: ours.id },
    });
    const lines = theirs.lines.data.map((line) => [line.description, line.quantity, line.amount]);
    expect(lines).toEqual([
      [plan.tokens, 1000, 2000],
      [plan.calls, 101, 34],
    ]);
    const [run, ...more] = await runsOf(ours);
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      status: "SENT",
      external_id: theirs.id,
      external_status: "PAID",
      attempts: 0,
      error: null,
      delivered_at: monthBilledAt(month),
    });
    const steps = await journalOf(run.id);
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      "create accepted",
      "lines-0 accepted",
      "finalize accepted",
    ]);
  });

  test("that is sent stays open until it is paid there", async () => {
    const customer = await bill({ collectionMethod: "send_invoice" });
    const open = await theirInvoice(customer);
    expect([open.status, await statusOf(customer)]).toEqual(["open", "FINALIZED"]);
    // 30 days after it was made.
    expect((open.due_date ?? 0) - open.created).toBe(30 * 24 * 3600);
    await server.stripe.invoices.pay(open.id ?? "", { paid_out_of_band: true });
    await settle();
    expect(await statusOf(customer)).toBe("PAID");
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["VOID", (id) => server.stripe.invoices.voidInvoice(id)],
    ["UNCOLLECTIBLE", (id) => server.stripe.invoices.markUncollectible(id)],
  ])("shows %s when that happened there", async (status, change) => {
    const customer = await bill({ collectionMethod: "send_invoice" });
    await change((await theirInvoice(customer)).id ?? "");
    await settle();
    expect(await statusOf(customer)).toBe(status);
  });

  test("whose payment fails is PAYMENT_FAILED, and PAID once it went through", async () => {
    const customer = await bill({ paymentMethod: "pm_card_chargeCustomerFail" });
    expect(await statusOf(customer)).toBe("PAYMENT_FAILED");
    const method = await server.stripe.paymentMethods.attach("pm_card_visa", {
      customer: customer.payer,
    });
    const { id } = await theirInvoice(customer);
    await server.stripe.invoices.pay(id ?? "", { payment_method: method.id });
    await settle();
    expect(await statusOf(customer)).toBe("PAID");
  });

  test("of nothing goes out with one line of zero and is paid", async () => {
    await nextMonth();
    const customer = await createBilledCustomer(server);
    await signMonth(server, plan, customer.id, month);
    await endMonth();
    const theirs = await theirInvoice(customer);
    expect([theirs.status, theirs.total, theirs.lines.data.length]).toEqual(["paid", 0, 1]);
    expect((await ourInvoice(customer)).external_invoice).toMatchObject({
      external_status: "PAID",
      invoiced_total: 0,
    });
  });

  test("with fractional quantities is sent in whole pieces that add up", async () => {
    await nextMonth();
    const customer = await createBilledCustomer(server);
    await signMonth(server, plan, customer.id, month);
    await useSome(server, plan, customer.id, monthStart(month));
    await server.metronome.v1.usage.ingest({
      usage: [
        {
          transaction_id: `half a call ${month}`,
          customer_id: customer.id,
          event_type: plan.calls,
          timestamp: monthStart(month),
          properties: { value: "0.5" },
        },
      ],
    });
    await endMonth();
    const lines = (await theirInvoice(customer)).lines.data;
    // 101.5 x 0.333 = 33.7995.
    expect(lines.map((line) => [line.description, line.quantity, line.amount])).toEqual([
      [`${plan.tokens} (1000 x $0.02)`, 1, 2000],
      [`${plan.calls} (101.5 x $0.00333)`, 1, 34],
    ]);
    expect(await statusOf(customer)).toBe("PAID");
  });
});

describe("a refused invoice", () => {
  const SECRET = "the receiver's own secret";
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
    const { status } = await server.send("POST", "/v1/webhook-endpoints", {
      url: receiver.url,
      secret: SECRET,
      event_types: ["invoice.billing_provider_error"],
    });
    expect(status).toBe(200);
  });
  afterAll(() => receiver?.close());

  test("says why, tells the receivers, and goes out once when it is retried", async () => {
    await nextMonth();
    const { data } = await server.metronome.v1.customers.create({
      name: "Acme",
      customer_billing_provider_configurations: [stripeRow("cus_gone")],
    });
    await signMonth(server, plan, data.id, month);
    await useSome(server, plan, data.id, monthStart(month));
    await endMonth();

    const refused = await ourInvoice(data);
    expect(refused.external_invoice).toEqual({
      billing_provider_type: "stripe",
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error: expect.stringContaining("No such customer: 'cus_gone'"),
    });
    const [run] = await runsOf(refused);
    expect(run).toMatchObject({ status: "FAILED", error: { code: "stripe_customer_missing" } });
    const listed = await server.send("GET", "/v1/runs?status=FAILED");
    expect(listed.body.data).toMatchObject([{ id: run.id }]);
    const told = receiver.received.map(({ body, headers }) =>
      server.metronome.webhooks.unwrap(body, headers as Record<string, string>, SECRET),
    );
    expect(told).toEqual([
      {
        id: expect.any(String),
        type: "invoice.billing_provider_error",
        properties: {
          invoice_id: refused.id,
          customer_id: data.id,
          billing_provider: "STRIPE",
          billing_provider_error: refused.external_invoice?.billing_provider_error,
        },
      },
    ]);

    const again = await server.send("POST", `/v1/runs/${run.id}/retry`);
    expect([again.status, again.body.data.status]).toEqual([200, "QUEUED"]);
    await settle();
    expect(receiver.received, "each refusal is told").toHaveLength(2);

    const payer = await createPayer(server);
    const [row] = (
      await server.metronome.v1.customers.retrieveBillingConfigurations({ customer_id: data.id })
    ).data;
    await server.metronome.v1.customers.archiveBillingConfigurations({
      customer_id: data.id,
      customer_billing_provider_configuration_ids: [row?.id ?? ""],
    });
    await server.metronome.v1.customers.setBillingConfigurations({
      data: [{ customer_id: data.id, ...stripeRow(payer) }],
    });
    await server.send("POST", `/v1/runs/${run.id}/retry`);
    await settle();
    const paid = await ourInvoice(data);
    expect(paid.external_invoice).toMatchObject({ external_status: "PAID", invoiced_total: 2034 });
    expect(paid.external_invoice).not.toHaveProperty("billing_provider_error");
    expect((await theirInvoice({ payer })).status).toBe("paid");
    expect(receiver.received).toHaveLength(2);
    const steps = await journalOf(run.id);
    expect(
      steps.map(({ step, outcome, request }) => [
        step,
        outcome,
        request.idempotency_key.split("-").at(-1),
      ]),
      "nothing was begun for a payer who does not exist",
    ).toEqual([
      ["create", "accepted", "0"],
      ["lines-0", "accepted", "0"],
      ["finalize", "accepted", "0"],
    ]);
  });

  test("is the only one that can be retried", async () => {
    const customer = await bill();
    const [run] = await runsOf(await ourInvoice(customer));
    const retry = (id: string, headers = {}) =>
      server.send("POST", `/v1/runs/${id}/retry`, undefined, headers);
    const sent = await retry(run.id);
    expect([sent.status, sent.headers.get("x-should-retry")]).toEqual([409, "false"]);
    const production = { authorization: `Bearer ${server.productionToken}` };
    expect((await retry(run.id, production)).status).toBe(404);
    expect((await retry("not-a-uuid")).status).toBe(400);
    const foreign = await server.send("GET", `/v1/runs/${run.id}`, undefined, production);
    expect(foreign.status).toBe(404);
    expect((await listProviderInvoices(server.stripe, customer.payer)).length).toBe(1);
  });
});

describe("the exact requests", () => {
  const preview = (id: string, body?: object, headers = {}) =>
    server.send("POST", `/v1/invoices/${id}/provider-requests`, body, headers);

  test("shown beforehand are those that are then sent", async () => {
    const customer = await bill();
    const ours = await ourInvoice(customer);
    const before = await listProviderInvoices(server.stripe, customer.payer);
    const { status, body } = await preview(ours.id);
    expect(status).toBe(200);
    const [run] = await runsOf(ours);
    const sent = (await journalOf(run.id)).map(({ request }) => request);
    const { id } = await theirInvoice(customer);
    const filledIn = JSON.parse(JSON.stringify(body.data).replaceAll("{invoice.id}", id ?? ""));
    expect(filledIn).toEqual(sent);
    expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual(before);
    const connection = await preview(ours.id, { connection_id: run.connection_id });
    expect(connection.body).toEqual(body);
  });

  test("are refused for what is not there, or not ours", async () => {
    await nextMonth();
    const customer = await createBilledCustomer(server);
    await signMonth(server, plan, customer.id, month);
    const draft = await ourInvoice(customer);
    await endMonth();
    const unknown = { connection_id: "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11" };
    expect((await preview(draft.id, unknown)).status).toBe(404);
    expect((await preview(draft.id, { connection: "x" })).status).toBe(400);
    const production = { authorization: `Bearer ${server.productionToken}` };
    expect((await preview(draft.id, undefined, production)).status).toBe(404);
  });
});

describe("where an invoice goes", () => {
  async function twoPayers() {
    await nextMonth();
    const [first, second] = [await createPayer(server), await createPayer(server)];
    const { data } = await server.metronome.v1.customers.create({
      name: "Acme",
      customer_billing_provider_configurations: [stripeRow(first), stripeRow(second)],
    });
    const rows = (
      await server.metronome.v1.customers.retrieveBillingConfigurations({ customer_id: data.id })
    ).data;
    const rowOf = (payer: string) =>
      rows.find(({ configuration }) => configuration?.stripe_customer_id === payer)?.id ?? "";
    return { id: data.id, first, second, rowOf };
  }

  test("the contract's configuration beats the customer's", async () => {
    const { id, first, second, rowOf } = await twoPayers();
    await signMonth(server, plan, id, month, {
      billing_provider_configuration: { billing_provider_configuration_id: rowOf(second) },
    });
    await endMonth();
    expect((await ourInvoice({ id })).external_invoice?.external_status).toBe("PAID");
    expect(await listProviderInvoices(server.stripe, first)).toEqual([]);
    expect((await theirInvoice({ payer: second })).status).toBe("paid");
  });

  test("two active configurations and none on the contract: nowhere", async () => {
    const { id, first, second } = await twoPayers();
    await signMonth(server, plan, id, month);
    await endMonth();
    const ours = await ourInvoice({ id });
    expect([ours.status, ours.external_invoice, await runsOf(ours)]).toEqual([
      "FINALIZED",
      null,
      [],
    ]);
    for (const payer of [first, second]) {
      expect(await listProviderInvoices(server.stripe, payer)).toEqual([]);
    }
  });

  test("an archived configuration: nowhere, still in grace as well", async () => {
    await nextMonth();
    const customer = await createBilledCustomer(server);
    await signMonth(server, plan, customer.id, month);
    await server.setClock(monthStart(month + 1));
    const [row] = (
      await server.metronome.v1.customers.retrieveBillingConfigurations({
        customer_id: customer.id,
      })
    ).data;
    await server.metronome.v1.customers.archiveBillingConfigurations({
      customer_id: customer.id,
      customer_billing_provider_configuration_ids: [row?.id ?? ""],
    });
    await endMonth();
    const ours = await ourInvoice(customer);
    expect([ours.status, ours.external_invoice]).toEqual(["FINALIZED", null]);
    expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
  });

  test("no configuration: nowhere", async () => {
    await nextMonth();
    const id = await createCustomer(server.metronome);
    await signMonth(server, plan, id, month);
    await endMonth();
    expect((await ourInvoice({ id })).external_invoice).toBeNull();
  });

  test("PRODUCTION never delivers to Collect", async () => {
    const { production } = server;
    const headers = { authorization: `Bearer ${server.productionToken}` };
    const payer = await createPayer(server);
    const create = () =>
      production.v1.customers.create({
        name: "Acme",
        customer_billing_provider_configurations: [stripeRow(payer)],
      });
    await expect(create()).rejects.toThrow(/stripe is not connected to the PRODUCTION environment/);
    const key = { stripe_api_key: "sk_live_of_somebody" };
    const connect = await server.send("POST", "/v1/client/billing-config/stripe", key, headers);
    expect(connect.status).toBe(200);
    const { data: customer } = await create();
    const gone = await server.send(
      "DELETE",
      "/v1/client/billing-config/stripe",
      undefined,
      headers,
    );
    expect(gone.status).toBe(200);
    const product = await createFixedProduct(production, "set-up");
    const { data: card } = await production.v1.contracts.rateCards.create({ name: "List" });
    await createContract(production, customer.id, card.id, {
      starting_at: "2026-01-01T00:00:00Z",
      ending_before: "2026-02-01T00:00:00Z",
      scheduled_charges: [
        {
          product_id: product,
          schedule: {
            schedule_items: [{ timestamp: "2026-01-01T00:00:00Z", unit_price: 500, quantity: 1 }],
          },
        },
      ],
    });
    // PRODUCTION runs on real time: its workers are on their way.
    const statuses = async () => {
      const invoices = await listInvoices(production, customer.id);
      const scheduled = invoices.filter(({ type }) => type === "SCHEDULED");
      return scheduled.map((invoice) => invoice.external_invoice?.external_status);
    };
    await expect.poll(statuses, { timeout: 20_000 }).toEqual(["INVALID_REQUEST_ERROR"]);
    const { body } = await server.send("GET", "/v1/runs", undefined, headers);
    expect(body.data[0]).toMatchObject({
      connection_id: null,
      status: "FAILED",
      error: { code: "connection_missing" },
    });
    expect(await listProviderInvoices(server.stripe, payer)).toEqual([]);
  });
});
