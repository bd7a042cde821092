import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { monthStart } from "../support/billed-customer.ts";
import type { Invoice } from "../support/billing.ts";
import { connectCustomSystem, openCustomBilling } from "../support/custom-system.ts";
import {
  expectOneDocument,
  externalOf,
  openPusher,
  type Pusher,
  written,
} from "../support/pusher.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { type Fault, startTargetSystem, type TargetSystem } from "../support/target-system.ts";

let server: TestServer;
let target: TargetSystem;
let billing: Awaited<ReturnType<typeof openCustomBilling>>;
let pusher: Pusher;
let connection: string;

beforeAll(async () => {
  server = await startTestServer();
  target = await startTargetSystem();
  await server.setClock(monthStart(-2));
  connection = await connectCustomSystem(server);
  billing = await openCustomBilling(server);
  pusher = openPusher(server, connection, { core: server.url, target: target.url });
  await pusher.start();
});
afterAll(async () => {
  await pusher?.kill();
  await target?.close();
  await server?.close();
});

const documentsOf = ({ id }: Invoice) => target.documents.filter((each) => each.reference === id);
const expectOne = (invoice: Invoice) => expectOneDocument(server, target, invoice);

test("an invoice becomes a document in the target's words, and its id is written back", async () => {
  const invoice = await billing.bill();
  await expectOne(invoice);
  // 2,000 + 33.633 cents: 20.00 + 0.34, together 20.34 dollars.
  expect(documentsOf(invoice)[0]?.body).toEqual({
    reference: invoice.id,
    customer: invoice.customer_id,
    date: "2024-02-02",
    currency: "USD",
    total: "20.34",
    lines: [
      { description: billing.plan.tokens, quantity: "1000", amount: "20.00" },
      { description: billing.plan.calls, quantity: "101", amount: "0.34" },
    ],
  });
  expect(await externalOf(server, invoice)).toMatchObject({ invoiced_total: 2034 });
});

test.each<[Fault[], boolean, string]>([
  [["lose"], true, "an answer is lost"],
  [["break"], true, "a 500 comes after the effect"],
  [["down", "lose", "break"], true, "one thing after the other"],
  [["lose"], false, "the target knows no idempotency keys: looking is enough"],
])("%j, keys known: %s: one document, though %s", async (faults, knowsKeys, _though) => {
  target.knowsKeys = knowsKeys;
  target.faults.push(...faults);
  await expectOne(await billing.bill());
  target.knowsKeys = true;
});

test.each(["LEDGERLINE_TOKEN", "WEBHOOK_SECRET", "TARGET_URL"])(
  "without %s it does not start: a secret that is empty is known to all",
  (name) => {
    const env = {
      ...process.env,
      LEDGERLINE_TOKEN: server.sandboxToken,
      WEBHOOK_SECRET: "a secret",
      TARGET_URL: target.url,
      PORT: "0",
      [name]: "",
    };
    const main = ["examples/push-invoices/main.ts"];
    const { status, stderr } = spawnSync(process.execPath, main, { env, timeout: 10_000 });
    expect([status, String(stderr)]).toEqual([1, expect.stringContaining(`${name} is not set`)]);
  },
);

test("webhooks that come many times make one document; forged ones are refused", async () => {
  const invoice = await billing.bill();
  await expectOne(invoice);
  const { body: endpoints } = await server.send("GET", "/v1/webhook-endpoints");
  const deliveries = `/v1/webhook-endpoints/${endpoints.data[0].id}/deliveries`;
  const { body } = await server.send("GET", deliveries);
  for (const { id } of body.data) await server.send("POST", `${deliveries}/${id}/replay`);
  await server.setClock(billing.billedAt());
  await expectOne(invoice);
  const forged = await fetch(pusher.hook(), {
    method: "POST",
    body: JSON.stringify({ type: "invoice.finalized", properties: {} }),
    headers: {
      "x-metronome-date": new Date().toUTCString(),
      "metronome-webhook-signature": "00".repeat(32),
    },
  });
  expect(forged.status).toBe(401);
});

test.each([
  ["half_even", "sum_then_round", 2034, "20.00 and 0.34"],
  ["toward_zero", "sum_then_round", 2033, "0.633 cents are left out"],
  ["away_from_zero", "round_then_sum", 2034, "each line is rounded up"],
])(
  "%s, %s: the document comes to %i cents, which is what we hold it to: %s",
  async (mode, order, total) => {
    const conventions = { rounding_mode: mode, invoice_rounding: order };
    await server.send("PATCH", "/v1/settings/invoicing", conventions);
    const invoice = await billing.bill();
    await expectOne(invoice);
    expect(await externalOf(server, invoice)).toMatchObject({ invoiced_total: total });
    const { body } = await server.send("GET", `/v1/runs?invoice_id=${invoice.id}`);
    expect(body.data.map(({ status }: { status: string }) => status)).toEqual(["SENT"]);
    const usual = { rounding_mode: "half_away_from_zero", invoice_rounding: "sum_then_round" };
    await server.send("PATCH", "/v1/settings/invoicing", usual);
  },
);

test("killed between the document and its answer, and started again: one document, written back", async () => {
  target.faults.push("hold");
  const invoice = await billing.bill();
  await vi.waitFor(() => expect(target.held()).toBe(1), { timeout: 20_000 });
  await pusher.kill();
  expect(documentsOf(invoice)).toHaveLength(1);
  expect(await externalOf(server, invoice)).toMatchObject({ external_status: "QUEUED" });
  await pusher.start();
  await expectOne(invoice);
});

test("what was finalized while nobody listened is taken up at the start", async () => {
  await pusher.kill();
  const invoice = await billing.bill();
  expect(documentsOf(invoice)).toEqual([]);
  await pusher.start();
  await expectOne(invoice);
});

test("a refusal is written back; after a retry the invoice is made", async () => {
  target.faults.push("refuse");
  const invoice = await billing.bill();
  expect(await written(server, invoice)).toMatchObject({
    external_status: "INVALID_REQUEST_ERROR",
    billing_provider_error: expect.stringContaining("customer is blocked"),
  });
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${invoice.id}`);
  await server.send("POST", `/v1/runs/${body.data[0].id}/retry`);
  await server.setClock(billing.billedAt());
  await expectOne(invoice);
});

test("sweeps do not pile up while the target is slow and down", async () => {
  const down = Array<Fault>(60).fill("down");
  target.faults.push("slow", ...down);
  const invoice = await billing.bill();
  // For two seconds, ten times the time of a sweep, the one call is on its way.
  await vi.waitFor(() => expect(target.faults.length).toBeLessThan(60), {
    timeout: 20_000,
    interval: 5,
  });
  const since = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const tried = 60 - target.faults.length;
  const elapsedMs = performance.now() - since;
  target.faults.length = 0;
  // At the pace of sweeps, five a second, and not the ten at once that came due meanwhile.
  expect(tried).toBeLessThanOrEqual(3 + Math.floor(elapsedMs / 200));
  await expectOne(invoice);
});

test("what goes to another system of the kind is left to that one", async () => {
  const other = await connectCustomSystem(server);
  const theirs = await billing.bill("Elsewhere", { delivery_method_id: other });
  const ours = await billing.bill("Here", { delivery_method_id: connection });
  await expectOne(ours);
  expect(documentsOf(theirs)).toEqual([]);
  expect(await externalOf(server, theirs)).toMatchObject({ external_status: "QUEUED" });
});
