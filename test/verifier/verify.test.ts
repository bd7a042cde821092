import { randomBytes } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentHash } from "../../src/domain/invoices/canonical.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { runScript } from "../support/run-script.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** `npm run verify` on invoices of every kind, untouched and tampered with. */
let server: TestServer;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
const credentialsKey = randomBytes(32);
let january: string;

const verify = (...args: string[]) =>
  runScript({ databaseUrl: database.url, credentialsKey }, ["src/verifier/main.ts", ...args]);

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ databaseUrl: database.url, credentialsKey });
  const { metronome } = server;
  await server.setClock("2024-01-31T00:00:00Z");
  const fixed = await createFixedProduct(metronome, "Onboarding");
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 100],
  ]);
  const customer = await createCustomer(metronome);
  await server.send("PATCH", "/v1/settings/invoicing", { late_usage: "supplementary" });
  await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 3);
  await createContract(metronome, customer, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-03-01T00:00:00Z",
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
              ending_before: "2024-03-01T00:00:00Z",
            },
          ],
        },
        invoice_schedule: {
          schedule_items: [{ timestamp: "2024-01-01T00:00:00Z", unit_price: 450, quantity: 1 }],
        },
      },
    ],
  });
  await server.setClock("2024-02-03T00:00:00Z");
  await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 4);
  await server.setClock("2024-03-03T00:00:00Z");
  const invoices = await listInvoices(metronome, customer);
  january = invoices.find(({ type, total }) => type === "USAGE" && total === 0)?.id ?? "";
  const february = invoices.find((one) => one.start_timestamp === "2024-02-01T00:00:00Z");
  await metronome.v1.invoices.void({ id: february?.id ?? "" });
  await metronome.v1.invoices.regenerate({ id: february?.id ?? "" });
  const supplement = invoices.find((one) => "corrected_invoice_id" in one);
  await server.send("POST", "/v1/credit-notes", { invoice_id: supplement?.id, amount: 150 });
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

test("what nobody touched has no faults, in both environments or in one", async () => {
  const both = await verify();
  // The purchase, January, February twice, and what was late of January.
  expect([both.code, both.out, both.error]).toEqual([
    0,
    "PRODUCTION: 0 invoices verified, 0 faults\nSANDBOX: 5 invoices verified, 0 faults\n",
    "",
  ]);
  const one = await verify("--environment", "sandbox");
  expect(one.out).toBe("SANDBOX: 5 invoices verified, 0 faults\n");
});

test("an environment that there is not is refused with the usage", async () => {
  const { code, error } = await verify("--environment", "STAGING");
  expect([code, error]).toEqual([2, expect.stringContaining("Usage: npm run verify")]);
});

describe("found, with the place:", () => {
  /** Changes something, verifies, and changes it back. */
  const changed = async (change: RawBuilder<unknown>, undo: RawBuilder<unknown>) => {
    await change.execute(server.db);
    try {
      return await verify("--environment", "SANDBOX");
    } finally {
      await undo.execute(server.db);
    }
  };

  test("a total that was changed", async () => {
    const { code, out } = await changed(
      sql`update invoices set total = 1 where id = ${january}`,
      sql`update invoices set total = 0 where id = ${january}`,
    );
    expect(code).toBe(1);
    expect(out).toMatch(/its content is not what was finalized: it has another hash/);
    expect(out).toMatch(/its total is 1, and its lines come to 0/);
    expect(out).toMatch(/5 invoices verified, 2 faults/);
  });

  test("steps that were changed together with the hash", async () => {
    const { rows } = await sql<{ traces: object; content_hash: string }>`
      select traces, content_hash from invoices where id = ${january}`.execute(server.db);
    const [before] = rows;
    const forged = JSON.parse(
      JSON.stringify(before?.traces).replaceAll('"unitPrice":"100"', '"unitPrice":"90"'),
    );
    const { rows: all } = await sql<Record<string, unknown>>`
      select id, issued_at, subtotal, total, lines, usage_inputs, unpriced, custom_fields, conventions
      from invoices where id = ${january}`.execute(server.db);
    const hash = contentHash({ ...all[0], traces: forged });
    const { out } = await changed(
      sql`update invoices set traces = ${JSON.stringify(forged)}::jsonb, content_hash = ${hash}
        where id = ${january}`,
      sql`update invoices set traces = ${JSON.stringify(before?.traces)}::jsonb,
        content_hash = ${before?.content_hash} where id = ${january}`,
    );
    expect(out).not.toMatch(/another hash/);
    expect(out).toMatch(/step price says 300, and comes to 270/);
  });

  test("an entry that does not say what the invoice took", async () => {
    const { out } = await changed(
      sql`update commit_ledger_entries set amount = amount - 7 where invoice_id = ${january}`,
      sql`update commit_ledger_entries set amount = amount + 7 where invoice_id = ${january}`,
    );
    expect(out).toMatch(/its lines take 300 of segment .*, and 307 is posted/);
    expect(out).toMatch(/segment .* is used beyond its grant: -7 is left/);
  });

  test("credit notes beyond the invoice", async () => {
    const { out } = await changed(
      sql`update credit_notes set total = total + 1000`,
      sql`update credit_notes set total = total - 1000`,
    );
    expect(out).toMatch(/credit notes give back 1150 of its 200/);
  });
});
