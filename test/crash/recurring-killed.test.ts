import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const TOKEN = "token-of-the-killed-server";

interface Keys {
  readonly customerId: string;
  readonly contractId: string;
}

const setClock = (url: string, now: string) =>
  fetch(`${url}/v1/sandbox/clock`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ now }),
  });

/** On April 1: 300 a month for each of 2 seats, billed at 1,000 a month; 3 more seats on the 16th. */
async function setUp(url: string): Promise<Keys> {
  const metronome = new Metronome({ baseURL: url, bearerToken: TOKEN, maxRetries: 0 });
  await setClock(url, "2024-04-01T00:00:00Z");
  const fixed = await createFixedProduct(metronome, "Included usage");
  const tokens = await createUsageProduct(metronome, "tokens");
  const { data: seats } = await metronome.v1.contracts.products.create({
    name: "Seat",
    type: "SUBSCRIPTION",
  });
  const card = await createRateCard(metronome, [[tokens, 100]]);
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: seats.id,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 0,
    billing_frequency: "MONTHLY",
  });
  const customerId = await createCustomer(metronome);
  const contractId = await createContract(metronome, customerId, card, {
    starting_at: "2024-04-01T00:00:00Z",
    subscriptions: [
      {
        temporary_id: "seats",
        subscription_rate: { billing_frequency: "MONTHLY", product_id: seats.id },
        collection_schedule: "ARREARS",
        proration: { is_prorated: true },
        initial_quantity: 2,
      },
    ],
    recurring_commits: [
      {
        product_id: fixed,
        access_amount: { unit_price: 300, credit_type_id: USD },
        invoice_amount: { unit_price: 1000, quantity: 1, credit_type_id: USD },
        priority: 10,
        commit_duration: { value: 1 },
        starting_at: "2024-04-01T00:00:00Z",
        subscription_config: {
          subscription_id: "seats",
          allocation: "POOLED",
          apply_seat_increase_config: { is_prorated: true },
        },
      },
    ],
  });
  const keys = { customer_id: customerId, contract_id: contractId };
  const { data } = await metronome.v2.contracts.retrieve(keys);
  await metronome.v2.contracts.edit({
    ...keys,
    update_subscriptions: [
      {
        subscription_id: data.subscriptions?.[0]?.id ?? "",
        quantity_updates: [{ starting_at: "2024-04-16T00:00:00Z", quantity_delta: 3 }],
      },
    ],
  });
  return { customerId, contractId };
}

/** Each row starts two servers. */
const TIMEOUT_MS = 180_000;

// The contract and the edit have passed the points before: 1 and 2 times, its children 2 times.
describe("a server killed with -9 while it spawns children", () => {
  test.each([
    ["before", 3, "on the 16th, before the new seats bring anything"],
    ["increased", 3, "on the 16th, when what they bring is written and not committed"],
    ["before", 4, "on May 1, before June's child"],
    ["spawned", 3, "on May 1, with June's child written and not committed"],
    ["increased", 4, "on May 1, with everything written and nothing committed"],
  ])(
    "%s, time %i: ends in one child for each period, because the next server does it whole (%s)",
    async (point, hit) => {
      const database = await createTestDatabase();
      const credentialsKey = randomBytes(32);
      const child = spawnDyingServer({
        databaseUrl: database.url,
        credentialsKey,
        token: TOKEN,
        point: `spawn-children/${point}`,
        hit,
      });
      const url = await child.line();
      const keys = await setUp(url);
      const advance = setClock(url, "2024-05-03T00:00:00Z");
      await expect(advance, "the server dies on the way").rejects.toThrow();

      const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
      try {
        await settle(server, "2024-05-03T00:00:00Z");
        expect(await spawned(server, keys)).toEqual([
          "2024-04-01: PREPAID_COMMIT_SEGMENT_START 600, PREPAID_COMMIT_SEAT_BASED_ADJUSTMENT 450, PREPAID_COMMIT_EXPIRATION -1050",
          "2024-05-01: PREPAID_COMMIT_SEGMENT_START 1500",
          "2024-06-01: ",
        ]);
        const invoices = await listInvoices(server.metronome, keys.customerId);
        const shown = invoices.map(({ type, status, total }) => `${type} ${status} ${total}`);
        expect(shown.sort()).toEqual([
          "SCHEDULED DRAFT 1000",
          "SCHEDULED FINALIZED 1000",
          "SCHEDULED FINALIZED 1000",
          "USAGE DRAFT 0",
          "USAGE FINALIZED 0",
        ]);
      } finally {
        await server.close();
        await database.drop();
      }
    },
    TIMEOUT_MS,
  );
});

type Server = Awaited<ReturnType<typeof startTestServer>>;

/** The children with their ledgers: when they begin, what moved. */
async function spawned({ metronome }: Server, { customerId }: Keys): Promise<string[]> {
  const { data } = await metronome.v1.customers.commits.list({
    customer_id: customerId,
    include_contract_commits: true,
    include_ledgers: true,
  });
  return data.map(({ access_schedule: access, ledger = [] }) => {
    const from = access?.schedule_items[0]?.starting_at.slice(0, 10);
    return `${from}: ${ledger.map(({ type, amount }) => `${type} ${amount}`).join(", ")}`;
  });
}
