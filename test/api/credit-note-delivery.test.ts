import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  type Payer,
} from "../support/billed-customer.ts";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Credit notes at the provider that has the invoice. January's usage is 4.004 dollars. */
const TODAY = "2024-02-03T00:00:00Z";

let server: TestServer;
let metronome: Metronome;
let card: string;
let customer: BilledCustomer;
let invoice: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(TODAY);
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "tokens"), 100.1]]);
});
afterAll(() => server.close());

const signAs = async (id: string) => {
  await use(metronome, id, "tokens", "2024-01-20T00:00:00Z", 4);
  await createContract(metronome, id, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
  });
};
const sign = async (payer: Payer = {}) => {
  customer = await createBilledCustomer(server, payer);
  await signAs(customer.id);
};

const settle = () => server.setClock(TODAY);
const shown = async () => (await listInvoices(metronome, customer.id))[0];
const credit = (body: Record<string, unknown>) =>
  server.send("POST", "/v1/credit-notes", { invoice_id: invoice, ...body });
const read = async (id: string) => (await server.send("GET", `/v1/credit-notes/${id}`)).body.data;
const external = async () =>
  server.stripe.invoices.retrieve((await shown())?.external_invoice?.invoice_id ?? "");
const theirs = async () => {
  const { data } = await server.stripe.creditNotes.list({ invoice: (await external()).id ?? "" });
  return data.map(({ amount, status, reason, memo }) => ({ amount, status, reason, memo }));
};
const bill = async () => {
  await settle();
  invoice = (await shown())?.id ?? "";
};

test("a note of an open invoice lowers what is due there; taken back, it is voided there", async () => {
  await sign({ collectionMethod: "send_invoice" });
  await bill();
  const { body } = await credit({ amount: 150, reason: "duplicate", memo: "Billed twice" });
  expect(body.data.delivery).toMatchObject({ status: "QUEUED", external_id: null, error: null });
  await settle();
  expect(await theirs()).toEqual([
    { amount: 150, status: "issued", reason: "duplicate", memo: "Billed twice" },
  ]);
  expect((await external()).amount_remaining).toBe(250);
  expect((await read(body.data.id)).delivery).toMatchObject({
    status: "SENT",
    external_id: expect.stringMatching(/^cn_/),
  });
  await server.send("POST", `/v1/credit-notes/${body.data.id}/void`);
  await settle();
  expect(await theirs()).toMatchObject([{ amount: 150, status: "void" }]);
  expect((await external()).amount_remaining).toBe(400);
  expect((await read(body.data.id)).delivery.status).toBe("SENT");
});

test("a note of a paid invoice goes to the customer's balance there, and is not voided any more", async () => {
  await sign();
  await bill();
  const { body } = await credit({ amount: 150 });
  await settle();
  const payer = await server.stripe.customers.retrieve(customer.payer);
  expect(payer).toMatchObject({ balance: -150 });
  await server.send("POST", `/v1/credit-notes/${body.data.id}/void`);
  await settle();
  expect(await theirs()).toMatchObject([{ amount: 150, status: "issued" }]);
  expect((await read(body.data.id)).delivery).toMatchObject({
    status: "FAILED",
    error: { message: expect.stringContaining("void") },
  });
});

test("notes of one invoice come to its rounded total there", async () => {
  await sign();
  await bill();
  // 400.4 cents went out as 400. 150 and then the rest, 250.4: rounded together they are 400.
  await credit({ amount: 150 });
  await settle();
  await credit({ full: true });
  await settle();
  expect((await theirs()).map(({ amount }) => amount).toSorted()).toEqual([150, 250]);
});

test("an invoice whose lines were rounded one by one is credited to the same cent", async () => {
  const conventions = (invoice_rounding: string) =>
    server.send("PATCH", "/v1/settings/invoicing", { invoice_rounding });
  await conventions("round_then_sum");
  const products = await Promise.all(
    ["first", "second"].map((name) => createUsageProduct(metronome, name)),
  );
  customer = await createBilledCustomer(server, { collectionMethod: "send_invoice" });
  for (const name of ["first", "second"]) {
    await use(metronome, customer.id, name, "2024-01-20T00:00:00Z", 1);
  }
  const rates = products.map((product) => [product, 100.5] as const);
  await createContract(metronome, customer.id, await createRateCard(metronome, rates), {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
  });
  await bill();
  // 100.5 cents are 101, twice.
  expect((await external()).total).toBe(202);
  await credit({ amount: 50 });
  await credit({ full: true });
  await settle();
  expect((await theirs()).reduce((sum, { amount }) => sum + amount, 0)).toBe(202);
  expect((await external()).amount_remaining).toBe(0);
  await conventions("sum_then_round");
});

test("a note waits for its invoice to be at the provider", async () => {
  await sign();
  // The invoice's delivery comes after earlier work of the customer, which cannot run yet.
  await server.send("PATCH", "/v1/settings/invoicing", { finalization: "on_approval" });
  await bill();
  await sql`insert into core_jobs (clock, kind, key, subject, payload, due_at, not_before_at)
    values ('SANDBOX', 'settle-rollovers', 'earlier', ${customer.id},
      ${JSON.stringify({ customerId: customer.id })}::jsonb, '2024-01-01',
      now() + interval '1 hour')`.execute(server.db);
  await server.send("POST", `/v1/invoices/${invoice}/approve`);
  await server.send("POST", `/v1/invoices/${invoice}/lock`);
  const { body } = await credit({ amount: 100 });
  expect(body.data.delivery.status).toBe("QUEUED");
  await sql`delete from core_jobs where key = 'earlier'`.execute(server.db);
  await server.send("PATCH", "/v1/settings/invoicing", { finalization: "automatic" });
  await settle();
  expect((await read(body.data.id)).delivery).toMatchObject({ status: "SENT", error: null });
  expect(await theirs()).toMatchObject([{ amount: 100 }]);
});

test("an invoice that goes nowhere has notes that go nowhere", async () => {
  const { data } = await metronome.v1.customers.create({ name: "Nowhere" });
  customer = { id: data.id, payer: "" };
  await signAs(data.id);
  await bill();
  const { body } = await credit({ amount: 100 });
  expect(body.data).toMatchObject({ total: 100, delivery: null });
});

test("what the provider refuses says why, and is tried again on demand", async () => {
  await sign();
  await bill();
  // Somebody has credited it there already.
  const { id = "" } = await external();
  await server.stripe.creditNotes.create({ invoice: id, amount: 400, credit_amount: 400 });
  const { body } = await credit({ amount: 150 });
  await settle();
  const failed = await read(body.data.id);
  expect(failed.delivery).toMatchObject({
    status: "FAILED",
    error: { message: expect.any(String), code: expect.any(String) },
  });
  const early = await server.send("POST", `/v1/credit-notes/${body.data.id}/retry`);
  expect(early.body.data.delivery.status).toBe("QUEUED");
  await settle();
  expect((await read(body.data.id)).delivery.status).toBe("FAILED");
});
