import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  createBilledCustomer,
  createPlan,
  monthBilledAt,
  monthStart,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import {
  AUTOMATIC,
  BILLED_AT,
  createDifferingInvoices,
  documentsOf,
  expectRepairedOnce,
} from "../support/differing-invoices.ts";
import { openExports } from "../support/exports.ts";
import { openQuickBooksWorld } from "../support/quickbooks-world.ts";
import { startS3Server } from "../support/s3-server.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * A worker that stands still for longer than its lease goes on when it wakes, beside the one that has its
 * job by then. Here every worker that begins a job loses it within milliseconds, and the next one keeps it.
 */
async function whileLeasesAreLost(
  { db }: Pick<TestServer, "db">,
  work: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  let lost = 0n;
  const losing = (async () => {
    while (!isOver) {
      const { numAffectedRows } =
        await sql`update core_jobs set lease_until = clock_timestamp() - interval '1 second'
        where lease_until >= clock_timestamp() and attempts = 1`.execute(db);
      lost += numAffectedRows ?? 0n;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await losing;
  }
  expect(lost, "leases that were lost").toBeGreaterThan(0n);
}

const CUSTOMERS = [1, 2, 3, 4, 5];

test("two workers on every job bill each month once, and send each invoice and credit note once", async () => {
  const server = await startTestServer();
  try {
    await server.setClock(monthStart(0));
    const plan = await createPlan(server);
    const customers: { id: string; payer: string }[] = [];
    for (const _ of CUSTOMERS) {
      const customer = await createBilledCustomer(server, { collectionMethod: "send_invoice" });
      await signMonth(server, plan, customer.id, 0);
      await useSome(server, plan, customer.id, monthStart(0));
      customers.push(customer);
    }
    await whileLeasesAreLost(server, async () => {
      await server.setClock(monthBilledAt(0));
      await server.setClock("2024-02-03T00:00:00Z");
    });
    for (const { id, payer } of customers) {
      const [invoice, ...more] = await listInvoices(server.metronome, id);
      expect([invoice?.status, more]).toEqual(["FINALIZED", []]);
      expect(await documentsOf(server, payer)).toEqual(["open 2034"]);
      const reply = await server.send("POST", "/v1/credit-notes", {
        invoice_id: invoice?.id,
        amount: 34,
        reason: "other",
      });
      expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    }
    await whileLeasesAreLost(server, () => server.setClock("2024-02-04T00:00:00Z"));
    await server.setClock("2024-02-05T00:00:00Z");
    for (const { payer } of customers) {
      const { data } = await server.stripe.creditNotes.list({ customer: payer });
      expect(data.map(({ total }) => total)).toEqual([34]);
    }
    const runs = (await server.send("GET", "/v1/runs")).body.data;
    expect(runs.map((run: { status: string }) => run.status)).toEqual(CUSTOMERS.map(() => "SENT"));
  } finally {
    await server.close();
  }
}, 60_000);

test("two workers on every job make one customer, item, invoice and credit memo in QuickBooks", async () => {
  const world = await openQuickBooksWorld({ customTxnNumbers: true });
  const { server, quickBooks } = world;
  const { company } = quickBooks;
  try {
    await server.setClock("2026-02-10T00:00:00Z");
    const before = company.list("Customer").length;
    await world.set({ create_items: true, income_account_id: company.ids.incomeAccount });
    const product = await createUsageProduct(server.metronome, "Tokens");
    const card = await createRateCard(server.metronome, [[product, 100]]);
    const ids: string[] = [];
    for (const number of CUSTOMERS) {
      const id = await world.addCustomer(`Lost ${number}`);
      await createContract(server.metronome, id, card, {
        starting_at: "2026-02-01T00:00:00Z",
        ending_before: "2026-03-01T00:00:00Z",
      });
      await use(server.metronome, id, "Tokens", "2026-02-05T00:00:00Z", 4);
      ids.push(id);
    }
    await whileLeasesAreLost(server, async () => {
      await server.setClock("2026-03-02T00:00:00Z");
      await server.setClock("2026-03-03T00:00:00Z");
    });
    for (const id of ids) {
      const [invoice] = await listInvoices(server.metronome, id);
      const note = { invoice_id: invoice?.id, amount: 100, reason: "other" };
      expect((await server.send("POST", "/v1/credit-notes", note)).status).toBe(200);
    }
    await whileLeasesAreLost(server, () => server.setClock("2026-03-04T00:00:00Z"));
    await server.setClock("2026-03-05T00:00:00Z");
    expect(company.list("Customer")).toHaveLength(before + CUSTOMERS.length);
    expect(company.list("Item").filter(({ Name }) => Name === "Tokens")).toHaveLength(1);
    const totals = (entity: "Invoice" | "CreditMemo") =>
      company.list(entity).map(({ TotalAmt }) => String(TotalAmt));
    expect(totals("Invoice")).toEqual(CUSTOMERS.map(() => "4"));
    expect(totals("CreditMemo")).toEqual(CUSTOMERS.map(() => "1"));
  } finally {
    await world.close();
  }
}, 60_000);

test("two workers on every repair make it once, and say in the end that it is done", async () => {
  const server = await startTestServer();
  try {
    const differing = await createDifferingInvoices(server);
    const { body } = await server.send("POST", "/v1/reconciliations", { automatic: AUTOMATIC });
    await whileLeasesAreLost(server, () => server.setClock(BILLED_AT));
    // What met the other worker's steps is tried again a quarter of a minute later.
    await server.setClock("2024-02-04T00:00:00Z");
    await expectRepairedOnce(server, body.data.id, differing);
  } finally {
    await server.close();
  }
}, 60_000);

test("a worker that has lost an export says neither that it failed nor how far it came", async () => {
  const s3 = await startS3Server("billing");
  const server = await startTestServer();
  try {
    const exports = openExports(server);
    const { id } = await exports.create({
      name: "Bucket",
      kind: "s3",
      tables: ["credit_type"],
      settings: { bucket: "billing", region: "eu-central-1", endpoint: s3.url, path_style: true },
      credential: { access_key_id: s3.accessKeyId, secret_access_key: s3.secretAccessKey },
    });
    const first = s3.hold("PUT");
    const second = s3.hold("PUT");
    const { id: runId } = await exports.ask("POST", `/destinations/${id}/run`);
    await first.arrived;
    await sql`update core_jobs set lease_until = clock_timestamp() - interval '1 second'
      where kind = 'run-export'`.execute(server.db);
    await second.arrived;
    first.letGo({ code: "AccessDenied", status: 403 });
    // The one that stood still hears of its refusal first.
    for (let n = 0; n < 20; n += 1) await exports.ask("GET", `/${runId}`);
    second.letGo();
    const run = await exports.waitFor(runId);
    expect([run.status, run.error, run.attempts]).toEqual(["COMPLETED", null, 0]);
    const paths = run.files.map(({ path }: { path: string }) => path);
    const names = [...paths, run.manifest_path].map((path) => `billing/${path}`);
    expect([...s3.objects.keys()].sort()).toEqual(names.sort());
  } finally {
    await server.close();
    await s3.close();
  }
});
