import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

/** Credit notes of finalized invoices. Prices are in cents; today is February 3, 2024. */
const TODAY = "2024-02-03T00:00:00Z";
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";

let server: TestServer;
let metronome: Metronome;
let fixed: string;
let card: string;
let customer: string;
let invoice: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(TODAY);
  fixed = await createFixedProduct(metronome, "Onboarding");
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "tokens"), 100]]);
});
afterAll(() => server.close());

/** January: 9 tokens, 5 of them from a balance of 500. 400 to pay. */
beforeEach(async () => {
  customer = await createCustomer(metronome);
  await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 9);
  await createContract(metronome, customer, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        name: "Balance",
        access_schedule: {
          schedule_items: [
            {
              amount: 500,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2025-01-01T00:00:00Z",
            },
          ],
        },
      },
    ],
  });
  await server.setClock(TODAY);
  invoice = (await listInvoices(metronome, customer))[0]?.id ?? "";
});

const credit = (body: Record<string, unknown>, id = invoice) =>
  server.send("POST", "/v1/credit-notes", { invoice_id: id, ...body });
const balance = async (): Promise<number> =>
  Number((await metronome.v1.contracts.getNetBalance({ customer_id: customer })).data.balance);
const shown = async () => (await listInvoices(metronome, customer))[0];
const lineKeys = async (): Promise<string[]> => {
  const { body } = await server.send("GET", `/v1/invoices/${invoice}/explain`);
  return body.data.line_items.map(({ line_key: key }: { line_key: string }) => key);
};

test("in full: the money and the balance are given back, and the invoice stays", async () => {
  const log = await startWebhookLog(server);
  const before = await shown();
  const { status, body } = await credit({ full: true, reason: "duplicate", memo: "Billed twice" });
  expect(status).toBe(200);
  expect(body.data).toMatchObject({
    status: "ISSUED",
    invoice_id: invoice,
    customer_id: customer,
    reason: "duplicate",
    memo: "Billed twice",
    total: 400,
    tax: 0,
    issued_at: TODAY,
    line_items: [
      { name: "tokens", amount: 0, returned: { amount: 500 } },
      { name: "tokens", amount: 400 },
    ],
  });
  expect(await shown()).toEqual({ ...before, credited_total: 400 });
  expect(await balance()).toBe(500);
  await server.setClock(TODAY);
  expect(log.messages("credit_note.issued")).toMatchObject([
    { properties: { credit_note_id: body.data.id, invoice_id: invoice, total: 400 } },
  ]);
  await log.close();
  const got = await server.send("GET", `/v1/credit-notes/${body.data.id}`);
  expect(got.body).toEqual(body);
});

test("by line, by quantity and by amount; the list has them all", async () => {
  const [covered, , open] = await lineKeys();
  const byLine = await credit({ line_items: [{ line_key: covered, quantity: 2 }] });
  expect(byLine.body.data).toMatchObject({ total: 0, line_items: [{ returned: { amount: 200 } }] });
  expect(await balance()).toBe(200);
  const byAmount = await credit({ line_items: [{ line_key: open, amount: 30.5 }] });
  expect(byAmount.body.data.total).toBe(30.5);
  const whole = await credit({ amount: 100 });
  expect(whole.body.data.total).toBe(100);
  expect(await balance()).toBe(200);
  expect((await shown())?.total).toBe(400);
  const ids = [byLine, byAmount, whole].map(({ body }) => body.data.id);
  const first = await server.send("GET", `/v1/credit-notes?invoice_id=${invoice}&limit=2`);
  const rest = await server.send(
    "GET",
    `/v1/credit-notes?customer_id=${customer}&next_page=${first.body.next_page}`,
  );
  const listed = [...first.body.data, ...rest.body.data].map(({ id }: { id: string }) => id);
  expect(listed).toEqual(ids);
});

test("previewed: the same, and nothing is there", async () => {
  const { body } = await credit({ full: true, preview: true });
  expect(body.data).toMatchObject({ total: 400, status: "ISSUED" });
  expect((await server.send("GET", `/v1/credit-notes?invoice_id=${invoice}`)).body.data).toEqual(
    [],
  );
  expect(await balance()).toBe(0);
});

test("taken back: the invoice counts in full again, and the balance is used again", async () => {
  const { body } = await credit({ full: true });
  const { id } = body.data;
  const voided = await server.send("POST", `/v1/credit-notes/${id}/void`);
  expect(voided.body.data).toMatchObject({ id, status: "VOID", voided_at: TODAY });
  expect(await balance()).toBe(0);
  expect(await shown()).not.toHaveProperty("credited_total");
  const again = await server.send("POST", `/v1/credit-notes/${id}/void`);
  expect([again.status, again.body.message]).toEqual([400, `Credit note ${id} is void already`]);
  // It can be credited in full once more.
  expect((await credit({ full: true })).body.data.total).toBe(400);
  expect(await balance()).toBe(500);
});

test("not taken back when the balance is used meanwhile", async () => {
  const { body } = await credit({ full: true });
  const { body: balances } = await server.send("POST", "/v1/contracts/customerBalances/list", {
    customer_id: customer,
    include_contract_balances: true,
  });
  const [held] = balances.data;
  const entry = await server.send("POST", "/v1/contracts/addManualBalanceLedgerEntry", {
    customer_id: customer,
    contract_id: held.contract.id,
    id: held.id,
    segment_id: held.access_schedule.schedule_items[0].id,
    amount: -100,
    reason: "Used elsewhere",
  });
  expect(entry.status).toBe(200);
  const refused = await server.send("POST", `/v1/credit-notes/${body.data.id}/void`);
  expect(refused.status).toBe(409);
  expect(refused.body.message).toMatch(/gave 500 back to commit .*, of which 400 is left/);
});

test("a credited invoice is not void; late usage is corrected beside its credit notes", async () => {
  const [covered] = await lineKeys();
  await credit({ line_items: [{ line_key: covered, amount: 200 }] });
  await expect(metronome.v1.invoices.void({ id: invoice })).rejects.toThrow(/has credit notes/);
  await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 3);
  const { body } = await server.send("POST", `/v1/invoices/${invoice}/correct`, {
    policy: "supplementary",
  });
  // 12 used. 500 of the balance paid in January, of which 200 were given back for good: for 1200 it has
  // those 300 and the 200, so that 700 are due, 300 more than the 400 that were billed.
  expect(body.data.total).toBe(300);
  expect(await balance()).toBe(200);
});

describe("refused, and nothing changes:", () => {
  test.each([
    [{}, 400, "give one of full: true, amount and line_items"],
    [{ full: true, amount: 1 }, 400, "give one of"],
    [{ amount: 401 }, 400, "amount: 401 is more than the 400 left of the invoice"],
    [{ amount: 0.5 }, 400, "in whole minor units of USD"],
    [{ amount: -1 }, 400, "amount"],
    [{ line_items: [{ line_key: "no such line" }] }, 400, "line_items[0].line_key"],
    [{ line_items: [{ line_key: "x", amount: 1, quantity: 1 }] }, 400, "amount or quantity"],
    [{ full: true, reason: "because" }, 400, "reason must be one of"],
    [{ full: true, note: "x" }, 400, "unknown field note"],
  ])("%j", async (request, status, message) => {
    const { status: answered, body } = await credit(request);
    expect([answered, body.message]).toEqual([status, expect.stringContaining(message)]);
    expect(await shown()).not.toHaveProperty("credited_total");
    expect(await balance()).toBe(0);
  });

  test("drafts, void ones, those of nobody and of the other environment", async () => {
    const contract = await createContract(metronome, customer, card, {
      starting_at: "2024-02-01T00:00:00Z",
    });
    const draft = (await listInvoices(metronome, customer, { contract_id: contract }))[0]?.id ?? "";
    expect((await credit({ full: true }, draft)).body.message).toMatch(
      /is DRAFT: only a finalized/,
    );
    await metronome.v1.invoices.void({ id: invoice });
    expect((await credit({ full: true })).body.message).toMatch(/is VOID: only a finalized/);
    expect((await credit({ full: true }, NOBODY)).status).toBe(404);
    const foreign = await server.send(
      "POST",
      "/v1/credit-notes",
      { invoice_id: invoice, full: true },
      { authorization: `Bearer ${server.productionToken}` },
    );
    expect(foreign.status).toBe(404);
    for (const [method, path] of [
      ["GET", NOBODY],
      ["POST", `${NOBODY}/void`],
    ] as const) {
      expect((await server.send(method, `/v1/credit-notes/${path}`)).status).toBe(404);
    }
  });

  test("two at once never come to more than the invoice", async () => {
    const replies = await Promise.all([1, 2, 3].map(() => credit({ amount: 150 })));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 200, 400]);
    expect((await shown()) as { credited_total?: number }).toMatchObject({ credited_total: 300 });
  });
});
