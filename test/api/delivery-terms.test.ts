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
import { type Invoice, listInvoices } from "../support/billing.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { addTaxItem, writeTaxOnLines } from "../support/tax-app.ts";

let server: TestServer;
let receiver: Receiver;
let plan: Plan;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

beforeAll(async () => {
  server = await startTestServer();
  receiver = await startReceiver();
  const created = await server.send("POST", "/v1/webhook-endpoints", {
    url: receiver.url,
    event_types: ["invoice.billing_provider_error"],
  });
  expect(created.status).toBe(200);
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
});
afterAll(async () => {
  await server?.close();
  await receiver?.close();
});

const INITIAL = { leave_invoices_in_draft: null, days_until_due: null, tax_mode: null };
const TAX = { tax_wait_minutes: null, on_tax_timeout: null };

const set = async (settings: object): Promise<void> => {
  const { status, body } = await server.send("PATCH", "/v1/settings/stripe", settings);
  expect(status, JSON.stringify(body)).toBe(200);
};
beforeEach(() => set({ ...INITIAL, ...TAX }));

/** So many minutes after the month was billed. */
const later = (minutes: number): string =>
  new Date(Date.parse(monthBilledAt(month)) + minutes * 60_000).toISOString();

/** Lets everything happen that a change at the provider brings about. */
const settle = (minutes = 0) => server.setClock(later(minutes));

/** A customer with a month of usage, billed: 2,000 and 34 cents. */
async function bill(payer: Payer = {}): Promise<BilledCustomer> {
  month += 2;
  await server.setClock(monthStart(month));
  const customer = await createBilledCustomer(server, payer);
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  await settle();
  return customer;
}

async function ourInvoice({ id }: BilledCustomer): Promise<Invoice> {
  const [invoice, ...more] = await listInvoices(server.metronome, id);
  expect(more).toEqual([]);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

async function theirInvoice({ payer }: BilledCustomer): Promise<Stripe.Invoice & { id: string }> {
  const [invoice, ...more] = await listProviderInvoices(server.stripe, payer);
  expect(more).toEqual([]);
  if (invoice?.id === undefined) throw new Error("no invoice at the provider");
  return { ...invoice, id: invoice.id };
}

const external = async (customer: BilledCustomer) =>
  (await ourInvoice(customer)).external_invoice as unknown as Record<string, unknown> | null;

async function runOf(customer: BilledCustomer) {
  const { id } = await ourInvoice(customer);
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${id}`);
  return (await server.send("GET", `/v1/runs/${body.data[0].id}`)).body.data;
}

const stepsOf = async (customer: BilledCustomer): Promise<string[]> => {
  const { steps } = await runOf(customer);
  return steps.map((step: { step: string; outcome: string }) => `${step.step} ${step.outcome}`);
};

const historyOf = async (customer: BilledCustomer): Promise<(string | null)[]> => {
  const { status_history: history } = await runOf(customer);
  return history.map(({ status }: { status: string | null }) => status);
};

const errorsOf = (invoice: Invoice): string[] =>
  receiver.received.flatMap(({ body }) => {
    const event = JSON.parse(body);
    return event.properties?.invoice_id === invoice.id
      ? [event.properties.billing_provider_error]
      : [];
  });

describe("an invoice that is sent", () => {
  test("is mailed once by Stripe, is due when the settings say, and is followed up on", async () => {
    await set({ days_until_due: 7 });
    const customer = await bill({ collectionMethod: "send_invoice" });
    expect(await stepsOf(customer)).toEqual([
      "create accepted",
      "lines-0 accepted",
      "finalize accepted",
      "send accepted",
      "follow-up accepted",
    ]);
    const theirs = await theirInvoice(customer);
    expect([theirs.status, theirs.auto_advance]).toEqual(["open", true]);
    expect((theirs.due_date ?? 0) - theirs.created).toBe(7 * 24 * 3600);
    const { data: events } = await server.stripe.events.list({ type: "invoice.sent", limit: 100 });
    const mails = events.filter((event) => (event.data.object as Stripe.Invoice).id === theirs.id);
    expect(mails).toHaveLength(1);
    const { body } = await server.send("GET", "/v1/outbox");
    expect(JSON.stringify(body.data).split(`Invoice ${theirs.number} from`)).toHaveLength(2);
    await settle(60);
    expect(await stepsOf(customer)).toHaveLength(5);
  });

  test("that is charged is not mailed", async () => {
    const customer = await bill();
    expect(await stepsOf(customer)).toEqual([
      "create accepted",
      "lines-0 accepted",
      "finalize accepted",
    ]);
    expect(await historyOf(customer)).toEqual(["FINALIZED", "PAID"]);
  });
});

describe("invoices that are left as drafts", () => {
  test("have no status until somebody finalizes them at Stripe", async () => {
    await set({ leave_invoices_in_draft: true });
    const customer = await bill({ collectionMethod: "send_invoice" });
    const draft = await theirInvoice(customer);
    expect([draft.status, draft.auto_advance, draft.lines.data.length]).toEqual([
      "draft",
      false,
      2,
    ]);
    expect(await stepsOf(customer)).toEqual(["create accepted", "lines-0 accepted"]);
    expect(await runOf(customer)).toMatchObject({ status: "SENT", external_id: draft.id });
    expect(await external(customer)).toMatchObject({ invoice_id: draft.id, invoiced_total: 2034 });
    expect(await external(customer)).not.toHaveProperty("external_status");
    // Weeks later nobody has touched it.
    await settle(20 * 24 * 60);
    expect((await theirInvoice(customer)).status).toBe("draft");
    await server.stripe.invoices.finalizeInvoice(draft.id);
    await settle(20 * 24 * 60);
    expect((await external(customer))?.external_status).toBe("FINALIZED");
    await server.stripe.invoices.pay(draft.id, { paid_out_of_band: true });
    await settle(20 * 24 * 60);
    expect((await external(customer))?.external_status).toBe("PAID");
    expect(await historyOf(customer)).toEqual([null, "FINALIZED", "PAID"]);
    expect(await stepsOf(customer)).toHaveLength(2);
  });

  test("show DELETED when they are deleted there, and are made anew on request", async () => {
    await set({ leave_invoices_in_draft: true });
    const customer = await bill();
    await server.stripe.invoices.del((await theirInvoice(customer)).id);
    await settle();
    expect((await external(customer))?.external_status).toBe("DELETED");
    const { id } = await runOf(customer);
    expect((await server.send("POST", `/v1/runs/${id}/retry`)).status).toBe(200);
    await settle(1);
    expect((await theirInvoice(customer)).status).toBe("draft");
    expect(await external(customer)).not.toHaveProperty("external_status");
    expect(await historyOf(customer)).toEqual([null, "DELETED", "QUEUED", null]);
  });
});

describe("an invoice that is paid in parts", () => {
  const report = async (invoice: string, value: number) => {
    const record = await server.stripe.paymentRecords.reportPayment({
      amount_requested: { value, currency: "usd" },
      initiated_at: Math.trunc(Date.parse(later(0)) / 1000),
      payment_method_details: { type: "custom", custom: { display_name: "Bank transfer" } },
      outcome: "guaranteed",
      guaranteed: { guaranteed_at: Math.trunc(Date.parse(later(0)) / 1000) },
    });
    await server.stripe.invoices.attachPayment(invoice, { payment_record: record.id });
  };

  test("says so, and is paid once all of it is there", async () => {
    const customer = await bill({ collectionMethod: "send_invoice" });
    const { id } = await theirInvoice(customer);
    await report(id, 1000);
    await settle();
    expect(await external(customer)).toMatchObject({ external_status: "PARTIALLY_PAID" });
    await report(id, 1034);
    await settle();
    expect(await external(customer)).toMatchObject({ external_status: "PAID" });
    expect(await historyOf(customer)).toEqual(["FINALIZED", "PARTIALLY_PAID", "PAID"]);
  });
});

describe("tax", () => {
  test("of no kind is not waited for, and automatic tax is off", async () => {
    const customer = await bill();
    expect((await theirInvoice(customer)).automatic_tax.enabled).toBe(false);
    expect(await external(customer)).not.toHaveProperty("tax");
  });

  test.each(["stripe", "anrok", "avalara"] as const)(
    "by %s that a tax app computes is waited for, then the invoice goes out with it at once",
    async (mode) => {
      await set({ tax_mode: mode });
      const customer = await bill();
      const draft = await theirInvoice(customer);
      expect([draft.status, draft.automatic_tax.enabled]).toEqual(["draft", true]);
      const waiting = await runOf(customer);
      expect(waiting).toMatchObject({
        status: "RUNNING",
        error: null,
        waiting: {
          since: later(0).replace(".000Z", "Z"),
          reason: expect.stringContaining(`tax (${mode}) on the draft ${draft.id}`),
        },
      });
      expect((await external(customer))?.external_status).toBe("QUEUED");
      await settle(20);
      expect((await theirInvoice(customer)).status).toBe("draft");
      await writeTaxOnLines(server.stripe, draft.id);
      // The event of the change leads to a look: no time has to pass.
      await settle(20);
      const theirs = await theirInvoice(customer);
      expect([theirs.status, theirs.total, theirs.subtotal]).toEqual(["paid", 2237, 2034]);
      expect(await runOf(customer)).toMatchObject({ status: "SENT", waiting: null });
      // 200 on 2,000 and 3 on 34.
      expect(await external(customer)).toMatchObject({
        external_status: "PAID",
        invoiced_total: 2237,
        invoiced_sub_total: 2034,
        tax: { total_tax_amount: 203 },
      });
      expect(await stepsOf(customer)).toEqual([
        "create accepted",
        "lines-0 accepted",
        "finalize accepted",
      ]);
    },
  );

  test("that comes as an item of its own is taken as well", async () => {
    await set({ tax_mode: "avalara" });
    const customer = await bill();
    await addTaxItem(server.stripe, (await theirInvoice(customer)).id, 150);
    await settle();
    const theirs = await theirInvoice(customer);
    expect([theirs.status, theirs.total, theirs.automatic_tax.enabled]).toEqual([
      "paid",
      2184,
      false,
    ]);
    expect(await external(customer)).toMatchObject({
      external_status: "PAID",
      invoiced_total: 2184,
      tax: { total_tax_amount: 150 },
    });
  });

  test("that does not come in time is left out, and said to be", async () => {
    await set({ tax_mode: "anrok" });
    const customer = await bill();
    await settle(59);
    expect((await theirInvoice(customer)).status).toBe("draft");
    await settle(60);
    const theirs = await theirInvoice(customer);
    expect([theirs.status, theirs.total, theirs.automatic_tax.enabled]).toEqual([
      "paid",
      2034,
      false,
    ]);
    expect(theirs.metadata).toMatchObject({ ledgerline_tax_status: "TIMED_OUT" });
    const { details } = await server.db
      .selectFrom("integration_runs")
      .select("external_details as details")
      .where("external_id", "=", theirs.id)
      .executeTakeFirstOrThrow();
    expect(details).toMatchObject({ tax_status: "TIMED_OUT", tax_minor: 0, total_minor: 2034 });
    expect(await stepsOf(customer)).toEqual([
      "create accepted",
      "lines-0 accepted",
      "tax-timeout accepted",
      "finalize accepted",
    ]);
  });

  test("may be waited for longer, or not at all", async () => {
    await set({ tax_mode: "anrok", tax_wait_minutes: 0 });
    expect((await theirInvoice(await bill())).status).toBe("paid");
    await set({ tax_wait_minutes: 24 * 60 });
    const customer = await bill();
    await settle(24 * 60 - 1);
    expect((await theirInvoice(customer)).status).toBe("draft");
    await settle(24 * 60);
    expect((await theirInvoice(customer)).status).toBe("paid");
  });

  test("that does not come in time leaves the draft where that is wanted, and is told once", async () => {
    await set({ tax_mode: "anrok", on_tax_timeout: "leave_draft" });
    const customer = await bill();
    await settle(60);
    const draft = await theirInvoice(customer);
    expect(draft.status).toBe("draft");
    const message = expect.stringContaining("Finalize it at Stripe, or retry the run");
    expect(await runOf(customer)).toMatchObject({
      status: "FAILED",
      error: { code: "tax_timeout", message },
      waiting: null,
    });
    await settle(24 * 60);
    expect(errorsOf(await ourInvoice(customer))).toEqual([message]);
    // Somebody decides: it goes out as it is.
    await server.stripe.invoices.update(draft.id, { automatic_tax: { enabled: false } });
    await server.stripe.invoices.finalizeInvoice(draft.id);
    await settle(24 * 60);
    expect(await runOf(customer)).toMatchObject({ status: "SENT", error: null });
    expect((await external(customer))?.external_status).toBe("FINALIZED");
    expect(await external(customer)).not.toHaveProperty("billing_provider_error");
    expect(await historyOf(customer)).toEqual(["INVALID_REQUEST_ERROR", "FINALIZED"]);
  });

  test("is all that may be added: a tax app that changes a line is reported", async () => {
    await set({ tax_mode: "anrok" });
    const customer = await bill();
    const draft = await theirInvoice(customer);
    const [line] = draft.lines.data;
    await server.stripe.invoices.updateLines(draft.id, {
      lines: [{ id: line?.id ?? "", amount: 1999 }],
    });
    await settle();
    expect(await runOf(customer)).toMatchObject({
      status: "FAILED",
      error: { code: "provider_invoice_differs" },
    });
    expect((await theirInvoice(customer)).status).toBe("draft");
  });

  test("that is gone again when it is looked at is waited for again", async () => {
    await set({ tax_mode: "stripe" });
    const customer = await bill();
    const draft = await theirInvoice(customer);
    // Nothing is told of it until it is gone again.
    const [endpoint] = (await server.stripe.webhookEndpoints.list()).data;
    await server.stripe.webhookEndpoints.update(endpoint?.id ?? "", { disabled: true });
    await writeTaxOnLines(server.stripe, draft.id);
    const lines = draft.lines.data.map(({ id }) => ({ id, tax_amounts: "" as const }));
    await server.stripe.invoices.updateLines(draft.id, { lines });
    await settle();
    await server.stripe.webhookEndpoints.update(endpoint?.id ?? "", { disabled: false });
    await server.stripe.invoices.update(draft.id, { metadata: { looked_at: "now" } });
    await settle();
    expect(await runOf(customer)).toMatchObject({ status: "RUNNING", error: null });
    expect((await theirInvoice(customer)).status).toBe("draft");
  });

  test("is not waited for any more when the invoice is voided", async () => {
    await set({ tax_mode: "anrok" });
    const customer = await bill();
    const { id } = await ourInvoice(customer);
    await server.metronome.v1.invoices.void({ id });
    await settle(60);
    const draft = await theirInvoice(customer);
    expect(draft.status).toBe("draft");
    expect(await runOf(customer)).toMatchObject({
      status: "SKIPPED",
      error: { message: expect.stringContaining(`${draft.id} is left as it is`) },
    });
  });
});
