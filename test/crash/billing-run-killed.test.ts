import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";
const CUSTOMERS = 60;

test("a run over many customers, killed in the middle and gone on with by two processes, has no gap and nothing twice", async () => {
  const database = await createTestDatabase();
  const credentialsKey = randomBytes(32);
  const child = spawnDyingServer({
    databaseUrl: database.url,
    credentialsKey,
    token: TOKEN,
    point: "finalize-invoice/posted",
    hit: CUSTOMERS / 2,
  });
  const url = await child.line();
  const metronome = new Metronome({ baseURL: url, bearerToken: TOKEN, maxRetries: 0 });
  const setClock = (now: string) =>
    fetch(`${url}/v1/sandbox/clock`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ now }),
    });
  await setClock("2024-01-20T00:00:00Z");
  const fixed = await createFixedProduct(metronome, "Onboarding");
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 100],
  ]);
  for (let n = 0; n < CUSTOMERS; n += 1) {
    const customer = await createCustomer(metronome, `customer ${n}`);
    await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 3);
    await createContract(metronome, customer, card, {
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          access_schedule: {
            schedule_items: [
              {
                amount: 500,
                starting_at: "2024-01-01T00:00:00Z",
                ending_before: "2024-02-01T00:00:00Z",
              },
            ],
          },
        },
      ],
    });
  }
  await expect(setClock("2024-02-03T00:00:00Z")).rejects.toThrow();

  const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
  const other = await startTestServer({ databaseUrl: database.url, credentialsKey });
  try {
    await settle(other, "2024-02-03T00:00:00Z");
    const { rows } = await sql<{ invoices: number; final: number; entries: number; told: number }>`
      select (select count(*)::int from invoices) as invoices,
        (select count(*)::int from invoices where status = 'FINALIZED' and total = 0) as final,
        (select count(*)::int from commit_ledger_entries where amount = -300) as entries,
        (select count(*)::int from webhook_messages where type = 'invoice.finalized') as told`.execute(
      server.db,
    );
    expect(rows).toEqual([
      { invoices: CUSTOMERS, final: CUSTOMERS, entries: CUSTOMERS, told: CUSTOMERS },
    ]);
  } finally {
    await other.close();
    await server.close();
    await database.drop();
  }
}, 120_000);
