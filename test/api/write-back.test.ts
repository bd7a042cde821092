import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBilledCustomer, monthStart, signMonth } from "../support/billed-customer.ts";
import { type Invoice, listInvoices } from "../support/billing.ts";
import { connectCustomSystem, openCustomBilling } from "../support/custom-system.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let receiver: Receiver;
let billing: Awaited<ReturnType<typeof openCustomBilling>>;

beforeAll(async () => {
  server = await startTestServer();
  receiver = await startReceiver();
  await server.setClock(monthStart(-2));
  await server.send("POST", "/v1/webhook-endpoints", { url: receiver.url, secret: "whsec_1" });
  await connectCustomSystem(server, { write_back_hours: 24 });
  billing = await openCustomBilling(server);
});
afterAll(async () => {
  await receiver?.close();
  await server?.close();
});

const write = (invoice: Pick<Invoice, "id">, body: object) =>
  server.send("PUT", `/v1/invoices/${invoice.id}/external-invoice`, body);

async function runOf(invoice: Pick<Invoice, "id">) {
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${invoice.id}`);
  const { body: run } = await server.send("GET", `/v1/runs/${body.data[0].id}`);
  return run.data;
}

const externalOf = async ({ id, customer_id }: Invoice) =>
  (await server.metronome.v1.customers.invoices.retrieve({ customer_id, invoice_id: id })).data
    .external_invoice;

const told = (invoice: Pick<Invoice, "id">, type = "invoice.finalized") =>
  receiver.received
    .map(({ body }) => JSON.parse(body))
    .filter((event) => event.type === type && event.properties.invoice_id === invoice.id);

/** Lets the jobs run that a request has left. */
const settle = () => server.setClock(billing.billedAt());

describe("an invoice that somebody else fetches", () => {
  test("waits for the write-back, and shows what was written", async () => {
    const invoice = await billing.bill();
    expect(await externalOf(invoice)).toEqual({
      billing_provider_type: "custom",
      external_status: "QUEUED",
    });
    expect(await runOf(invoice)).toMatchObject({
      provider: "custom",
      status: "QUEUED",
      waiting: { since: "2024-02-02T00:00:00Z", reason: expect.stringContaining("write back") },
      write_back_due_at: "2024-02-03T00:00:00Z",
      steps: [],
    });

    const { status, body } = await write(invoice, {
      external_id: "ERP-1",
      status: "FINALIZED",
      issued_at: "2024-02-02T08:00:00Z",
      due_date: "2024-03-03",
      total: 2441,
      tax: 407,
      url: "https://erp.example.com/1",
      pdf_url: "https://erp.example.com/1.pdf",
    });
    const external = {
      billing_provider_type: "custom",
      invoice_id: "ERP-1",
      external_status: "FINALIZED",
      issued_at_timestamp: "2024-02-02T08:00:00Z",
      due_date: "2024-03-03",
      url: "https://erp.example.com/1",
      pdf_url: "https://erp.example.com/1.pdf",
      invoiced_total: 2441,
      tax: { total_tax_amount: 407 },
    };
    expect([status, body]).toEqual([
      200,
      { data: { invoice_id: invoice.id, applied: true, external_invoice: external } },
    ]);
    expect(await externalOf(invoice)).toEqual(external);
    expect(await runOf(invoice)).toMatchObject({
      status: "SENT",
      external_id: "ERP-1",
      waiting: null,
      write_back_due_at: null,
      delivered_at: "2024-02-02T00:00:00Z",
    });

    // What is left out stays as it was told.
    await write(invoice, { status: "PAID" });
    expect(await externalOf(invoice)).toEqual({ ...external, external_status: "PAID" });
    const { status_history: history } = await runOf(invoice);
    expect(history.map((change: { status: string }) => change.status)).toEqual([
      "FINALIZED",
      "PAID",
    ]);
  });

  test("the same twice is once, and an older state undoes no newer one", async () => {
    const invoice = await billing.bill();
    const paid = { external_id: "ERP-2", status: "PAID", occurred_at: "2024-03-05T10:00:00Z" };
    for (const _time of [1, 2]) expect((await write(invoice, paid)).body.data.applied).toBe(true);
    const late = { external_id: "ERP-2", status: "FINALIZED", occurred_at: "2024-03-05T09:00:00Z" };
    const { status, body } = await write(invoice, late);
    expect([status, body.data.applied, body.data.external_invoice.external_status]).toEqual([
      200,
      false,
      "PAID",
    ]);
    const { status_history: history } = await runOf(invoice);
    expect(history).toEqual([
      expect.objectContaining({ status: "PAID", observed_at: paid.occurred_at }),
    ]);
  });

  test("many at once leave one document, and every other one is told so", async () => {
    const invoice = await billing.bill();
    const answers = await Promise.all(
      ["A", "B", "C", "D"].map((id) => write(invoice, { external_id: id, status: "FINALIZED" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const won = answers.findIndex(({ status }) => status === 200);
    expect((await runOf(invoice)).external_id).toBe(["A", "B", "C", "D"][won]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body.message).toContain("an invoice has one document");
    expect(refused?.headers.get("x-should-retry")).toBe("false");
  });

  test("a refusal fails the run visibly; a retry tells the system anew, and it can be made then", async () => {
    const invoice = await billing.bill();
    const [first] = told(invoice);
    const refusal = {
      status: "INVALID_REQUEST_ERROR",
      error: "Customer 17 is blocked",
      occurred_at: "2024-06-02T00:00:00Z",
    };
    await write(invoice, refusal);
    await settle();
    expect(await runOf(invoice)).toMatchObject({
      status: "FAILED",
      error: { code: "refused_by_system", message: "Customer 17 is blocked" },
    });
    expect(await externalOf(invoice)).toMatchObject({
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error: "Customer 17 is blocked",
    });
    expect(told(invoice, "invoice.billing_provider_error")).toHaveLength(1);

    const { id } = await runOf(invoice);
    expect((await server.send("POST", `/v1/runs/${id}/retry`)).status).toBe(200);
    await settle();
    expect(await runOf(invoice)).toMatchObject({ status: "QUEUED", error: null, attempts: 1 });
    const events = told(invoice);
    expect(events.map(({ properties }) => properties)).toEqual([
      first.properties,
      first.properties,
    ]);
    expect(new Set(events.map((event) => event.id)).size).toBe(2);

    // The refusal of before comes in once more, late.
    expect((await write(invoice, refusal)).body.data.applied).toBe(false);
    await write(invoice, { external_id: "ERP-4", status: "SENT" });
    expect(await runOf(invoice)).toMatchObject({
      status: "SENT",
      external_status: "SENT",
      error: null,
    });
  });

  test("a document of another amount is reported, and mended by the next write-back", async () => {
    const invoice = await billing.bill();
    // Cents taken for dollars.
    await write(invoice, { external_id: "ERP-5", status: "FINALIZED", total: "203400" });
    expect(await runOf(invoice)).toMatchObject({
      status: "FAILED",
      external_id: "ERP-5",
      error: {
        code: "external_total_differs",
        message: expect.stringContaining("instead of 2034"),
      },
    });
    expect(await externalOf(invoice)).toMatchObject({
      invoice_id: "ERP-5",
      invoiced_total: 203400,
    });
    await write(invoice, { status: "FINALIZED", total: "2034" });
    expect(await runOf(invoice)).toMatchObject({
      status: "SENT",
      external_id: "ERP-5",
      error: null,
    });
  });

  test("a replay asks the system to write back anew, and forgets no document", async () => {
    const invoice = await billing.bill();
    await write(invoice, { external_id: "ERP-11", status: "FINALIZED" });
    const { body } = await server.send("GET", "/v1/environment");
    const { id } = await runOf(invoice);
    const runs = `/organizations/${body.data.org_id}/integrationruns`;
    expect((await server.send("POST", `${runs}/${id}/replay`, {})).status).toBe(200);
    await settle();
    expect(await runOf(invoice)).toMatchObject({ status: "QUEUED", external_id: "ERP-11" });
    expect(told(invoice)).toHaveLength(2);
    expect((await write(invoice, { external_id: "ERP-12", status: "PAID" })).status).toBe(409);
    await write(invoice, { status: "PAID" });
    expect(await runOf(invoice)).toMatchObject({ status: "SENT", external_status: "PAID" });
  });

  test("a deleted document may be made anew under another id", async () => {
    const invoice = await billing.bill();
    await write(invoice, {
      external_id: "ERP-6",
      status: "FINALIZED",
      url: "https://erp.example.com/6",
    });
    await write(invoice, { status: "DELETED" });
    await write(invoice, { external_id: "ERP-7", status: "FINALIZED" });
    expect(await externalOf(invoice)).toEqual({
      billing_provider_type: "custom",
      invoice_id: "ERP-7",
      external_status: "FINALIZED",
    });
  });

  test("what is skipped there ends, and what is void here waits no more", async () => {
    const skipped = await billing.bill();
    await write(skipped, { status: "SKIPPED", error: "Below the least amount" });
    expect(await runOf(skipped)).toMatchObject({
      status: "SKIPPED",
      error: { message: "Below the least amount" },
    });
    const invoice = await billing.bill();
    await server.metronome.v1.invoices.void({ id: invoice.id });
    await settle();
    expect(await runOf(invoice)).toMatchObject({ status: "SKIPPED", write_back_due_at: null });
    // Somebody had made it already: that is told, so that it can be taken back there.
    await write(invoice, { external_id: "ERP-8", status: "FINALIZED" });
    expect(await externalOf(invoice)).toMatchObject({ invoice_id: "ERP-8" });
  });

  test("it cannot be held any more once it was announced", async () => {
    const invoice = await billing.bill();
    const { status, body } = await server.send("POST", `/v1/invoices/${invoice.id}/hold`, {
      reason: "wrong",
    });
    expect([status, body.message]).toEqual([
      409,
      expect.stringContaining("cannot be held any more"),
    ]);
    await write(invoice, { status: "QUEUED", error: "Waits for the month to be opened" });
    expect(await runOf(invoice)).toMatchObject({
      status: "QUEUED",
      waiting: { reason: "Waits for the month to be opened" },
      write_back_due_at: expect.any(String),
    });
    await write(invoice, { status: "SKIPPED" });
  });
});

describe("what nobody picks up", () => {
  test("is listed, and shows in the health of billing after the delay", async () => {
    const invoice = await billing.bill();
    const health = async () => {
      const response = await fetch(`${server.url}/health/billing`);
      const { reasons } = (await response.json()) as { reasons: string[] };
      return { status: response.status, reasons };
    };
    const { body } = await server.send("GET", "/v1/runs?provider=custom&status=QUEUED");
    expect(body.data.map((run: { invoice_id: string }) => run.invoice_id)).toEqual([invoice.id]);
    expect((await health()).status).toBe(200);
    const dueAt = new Date(Date.parse(billing.billedAt()) + 24 * 3_600_000);
    await server.setClock(dueAt.toISOString());
    expect((await health()).status).toBe(200);
    await server.setClock(new Date(dueAt.getTime() + 1000).toISOString());
    expect(await health()).toMatchObject({
      status: 503,
      reasons: [
        expect.stringContaining(`1 invoices were not written back in time, first ${invoice.id}`),
      ],
    });
    await write(invoice, { external_id: "ERP-9", status: "SENT" });
    expect((await health()).status).toBe(200);
  });
});

describe("what is refused", () => {
  let invoice: Invoice;
  beforeAll(async () => {
    invoice = await billing.bill();
  });

  const future = new Date(Date.now() + 3_600_000).toISOString();
  test.each<[object, number, string, string]>([
    [{}, 400, "status", "nothing is told"],
    [{ status: "OPEN", external_id: "A" }, 400, "status", "no word of ours"],
    [{ status: "FINALIZED" }, 400, "external_id is required", "a document has an id"],
    [{ status: "FINALIZED", external_id: "" }, 400, "external_id", "an empty id"],
    [{ status: "INVALID_REQUEST_ERROR" }, 400, "error is required", "no reason"],
    [{ status: "SKIPPED", external_id: "A" }, 400, "external_id must be absent", "both"],
    [
      { status: "PAID", external_id: "A", occurred_at: future },
      400,
      "occurred_at must not",
      "tomorrow",
    ],
    [{ status: "PAID", external_id: "A", occurred_at: "today" }, 400, "occurred_at", "no instant"],
    [
      { status: "PAID", external_id: "A", due_date: "2024-02-30" },
      400,
      "due_date must be",
      "no day",
    ],
    [
      { status: "PAID", external_id: "A", url: "javascript:x" },
      400,
      "url must be",
      "no address of a page",
    ],
    [
      { status: "PAID", external_id: "A", total: "20.345" },
      400,
      "total must be a multiple of 1",
      "parts of a cent",
    ],
    [{ status: "PAID", external_id: "A", tax: 1 }, 400, "total is required", "tax of what?"],
    [{ status: "PAID", external_id: "A", total: "1e20" }, 400, "total", "more than there is"],
    [
      { status: "PAID", external_id: "A", paid: true },
      400,
      "unknown field paid",
      "what nobody reads",
    ],
  ])("%j: %i %s, because %s", async (body, status, message, _reason) => {
    const answer = await write(invoice, body);
    expect([answer.status, answer.body.message]).toEqual([
      status,
      expect.stringContaining(message),
    ]);
    expect(await runOf(invoice)).toMatchObject({ status: "QUEUED", status_history: [] });
  });

  test("invoices that are drafts, go elsewhere or nowhere, or are of another environment", async () => {
    const told = { external_id: "A", status: "FINALIZED" };
    const other = await createBilledCustomer(server);
    const now = new Date(billing.billedAt());
    const month = 12 * (now.getUTCFullYear() - 2024) + now.getUTCMonth();
    await signMonth(server, billing.plan, other.id, month);
    const [draft] = await listInvoices(server.metronome, other.id);
    expect(await write(draft as Invoice, told)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("is a draft") },
    });
    const nowhere = await billing.bill("Nobody's", null);
    expect(await write(nowhere, told)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("sent nowhere") },
    });
    await settle();
    const [theirs] = await listInvoices(server.metronome, other.id);
    expect(await write(theirs as Invoice, told)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("delivered to stripe by us") },
    });
    const foreign = await server.send("PUT", `/v1/invoices/${invoice.id}/external-invoice`, told, {
      authorization: `Bearer ${server.productionToken}`,
    });
    expect(foreign.status).toBe(404);
    expect(await runOf(invoice)).toMatchObject({ status: "QUEUED" });
  });

  test.each([
    [{ provider: "custom", credential: { token: "x" } }, "credential must be {}"],
    [
      { provider: "custom", credential: {}, settings: { write_back_hours: 0 } },
      "settings.write_back_hours",
    ],
    [{ provider: "custom", credential: {}, settings: { url: "x" } }, "unknown field settings.url"],
  ])("a connection %j: %s", async (body, message) => {
    const answer = await server.send("POST", "/v1/connections", body);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test("a billing configuration says no more than that it goes there; no events come from there", async () => {
    const customer = await server.metronome.v1.customers.create({ name: "Acme" });
    const { status, body } = await server.send(
      "POST",
      "/v1/setCustomerBillingProviderConfigurations",
      {
        data: [
          {
            customer_id: customer.data.id,
            billing_provider: "custom",
            configuration: { id: "17" },
          },
        ],
      },
    );
    expect([status, body.message]).toEqual([400, expect.stringContaining("configuration.id")]);
    expect((await server.send("POST", "/custom/x/SANDBOX", {})).status).toBe(404);
  });

  test("every write-back has its row in the audit log, with the invoice before and after", async () => {
    await write(invoice, { external_id: "ERP-10", status: "FINALIZED" });
    const { body } = await server.send(
      "GET",
      `/v1/auditLogs?resource_type=invoice&resource_id=${invoice.id}&sort=date_desc`,
    );
    const external = {
      billing_provider_type: "custom",
      invoice_id: null,
      external_status: "QUEUED",
    };
    expect(body.data[0]).toMatchObject({
      status: "success",
      action: "write_back",
      before: { external_invoice: external },
      after: {
        external_invoice: { ...external, invoice_id: "ERP-10", external_status: "FINALIZED" },
      },
    });
  });
});
