import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openMarketplace } from "../aws-marketplace/marketplace.ts";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";
const KEY = "AKIA0000000000000001";
const NOW = "2024-01-01T03:30:00Z";
const POINTS = [
  "plan-usage-report/planned",
  "send-usage-reports/before",
  "send-usage-reports/sent",
];

/** 7 calls at a dollar in the first hour, 2 in the second: 900 cents in two reports. */
test.each(POINTS)(
  "a server killed with -9 at %s has reported each hour once in the end",
  async (point) => {
    const clock = { now: "2024-01-01T00:00:00Z" };
    const marketplace = await openMarketplace({
      accessKeyId: KEY,
      productCode: "prod-1",
      dimension: "usd_cents",
      now: async () => clock.now,
    });
    const database = await createTestDatabase();
    const options = {
      databaseUrl: database.url,
      credentialsKey: randomBytes(32),
      awsMarketplaceApiBase: marketplace.url,
    };
    const first = await startTestServer(options);
    await first.setClock(clock.now);
    const { metronome } = first;
    await first.send("POST", "/v1/connections", {
      provider: "aws_marketplace",
      credential: { access_key_id: KEY, secret_access_key: "secret-access-key-of-the-test" },
    });
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "calls"), 100],
    ]);
    const customer = await createCustomer(metronome);
    await metronome.v1.customers.setBillingConfigurations({
      data: [
        {
          customer_id: customer,
          billing_provider: "aws_marketplace",
          delivery_method: "direct_to_billing_provider",
          configuration: {
            aws_customer_account_id: "123456789012",
            aws_product_code: "prod-1",
            aws_region: "us-east-1",
            aws_is_subscription_product: true,
          },
        },
      ],
    });
    await createContract(metronome, customer, card, { starting_at: "2024-01-01T00:00:00Z" });
    await use(metronome, customer, "calls", "2024-01-01T00:10:00Z", 7);
    await first.close();

    clock.now = NOW;
    process.env.AWS_MARKETPLACE_API_BASE = marketplace.url;
    const child = spawnDyingServer({ ...options, token: TOKEN, point });
    delete process.env.AWS_MARKETPLACE_API_BASE;
    const url = await child.line();
    await expect(
      (async () => {
        for (;;) {
          await fetch(`${url}/v1/sandbox/clock`, {
            method: "POST",
            headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
            body: JSON.stringify({ now: "2024-01-01T01:30:00Z" }),
          });
        }
      })(),
    ).rejects.toThrow();

    const server = await startTestServer(options);
    try {
      await settle(server, "2024-01-01T01:30:00Z");
      await use(server.metronome, customer, "calls", "2024-01-01T01:10:00Z", 2);
      await settle(server, NOW);
      expect(marketplace.records.map(({ at, quantity }) => [at, quantity])).toEqual([
        ["2024-01-01T00:00:00Z", 700],
        ["2024-01-01T01:00:00Z", 200],
      ]);
      const { body } = await server.send("GET", "/v1/usage-reports");
      expect(body.data.map((one: { status: string }) => one.status)).toEqual(["SENT", "SENT"]);
    } finally {
      await server.close();
      await marketplace.close();
      await database.drop();
    }
  },
  90_000,
);
