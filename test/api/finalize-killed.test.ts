import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isUnchanged } from "../../src/store/freeze-invoice.ts";
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
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const TOKEN = "token-of-the-killed-server";

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.close();
});

/** Webhooks of one type that reached the receiver. */
const told = (type: string) =>
  receiver.received.filter(({ body }) => JSON.parse(body).type === type);

/** A customer with usage and a prepaid commit that covers a part of it, in June 2024. */
async function setUp(url: string): Promise<{ customerId: string; commitProduct: string }> {
  const metronome = new Metronome({ baseURL: url, bearerToken: TOKEN, maxRetries: 0 });
  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await post("/v1/sandbox/clock", { now: "2024-06-01T00:00:00Z" });
  await post("/v1/webhook-endpoints", { url: receiver.url, secret: "s".repeat(32) });
  const tokens = await createUsageProduct(metronome, "tokens");
  const commitProduct = await createFixedProduct(metronome, "prepaid");
  const card = await createRateCard(metronome, [[tokens, 100]]);
  const customerId = await createCustomer(metronome);
  await createContract(metronome, customerId, card, {
    starting_at: "2024-06-01T00:00:00Z",
    credits: [
      {
        product_id: commitProduct,
        access_schedule: {
          credit_type_id: USD,
          schedule_items: [
            {
              amount: 300,
              starting_at: "2024-06-01T00:00:00Z",
              ending_before: "2025-06-01T00:00:00Z",
            },
          ],
        },
      },
    ],
  });
  await use(metronome, customerId, "tokens", "2024-06-01T00:00:00Z", 5);
  return { customerId, commitProduct };
}

/** Each row starts two servers. */
const TIMEOUT_MS = 120_000;

describe("a server killed with -9 while it finalizes", () => {
  test.each([
    ["before", "nothing was written"],
    ["frozen", "the invoice is frozen, its draw-downs are not posted"],
    ["posted", "the webhook is not decided yet"],
    ["announced", "no route was taken yet"],
    ["routed", "everything is written, nothing is committed"],
  ])(
    "%s: ends in one invoice, because the next server does it whole (%s)",
    async (point) => {
      const database = await createTestDatabase();
      const credentialsKey = randomBytes(32);
      const child = spawnDyingServer({
        databaseUrl: database.url,
        credentialsKey,
        token: TOKEN,
        point: `finalize-invoice/${point}`,
      });
      const url = await child.line();
      const { customerId } = await setUp(url);
      receiver.received.length = 0;
      const advance = fetch(`${url}/v1/sandbox/clock`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ now: "2024-07-03T00:00:00Z" }),
      });
      await expect(advance, "the server dies on the way").rejects.toThrow();

      const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
      try {
        await settle(server, "2024-07-03T00:00:00Z");
        const [june, july, ...more] = await listInvoices(server.metronome, customerId);
        expect([june?.status, june?.total, july?.status, more]).toEqual([
          "FINALIZED",
          200,
          "DRAFT",
          [],
        ]);
        expect(await isUnchanged(server.db, june?.id ?? "")).toBe(true);
        const entries = await server.db.selectFrom("commit_ledger_entries").selectAll().execute();
        expect(entries.map(({ amount, invoice_id }) => [amount, invoice_id])).toEqual([
          ["-300", june?.id],
        ]);
        expect(told("invoice.finalized")).toHaveLength(1);
      } finally {
        await server.close();
        await database.drop();
      }
    },
    TIMEOUT_MS,
  );
});
