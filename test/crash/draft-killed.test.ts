import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createPayer } from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { openOrganization } from "../support/organization.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";
const NOW = "2024-01-20T00:00:00Z";

test.each<readonly [point: string, drops: boolean, totals: readonly number[]]>([
  ["route-draft/added", false, [2000]],
  ["withdraw-draft/sent", true, []],
])(
  "a server killed with -9 at %s leaves of a draft at the provider what stands here",
  async (point, drops, totals) => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const first = await startTestServer({ databaseUrl: database.url, credentialsKey });
    await first.setClock(NOW);
    const org = await openOrganization(first);
    const { metronome } = first;
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "tokens"), 2],
    ]);
    const account = await createCustomer(metronome);
    const payer = await createPayer(first);
    await org.ask("POST", "/externalmappings", {
      m3terEntity: "Account",
      m3terId: account,
      externalSystem: "Stripe",
      externalTable: "Customer",
      externalId: payer,
    });
    const { body } = await first.send("GET", "/v1/connections");
    await org.ask("POST", "/integrationconfigs", {
      entityType: "Bill",
      destination: "STRIPE_TEST",
      integrationCredentialsId: body.data[0].id,
      configData: { useExternalMappingAccountCode: true },
    });
    const contract = await createContract(metronome, account, card, {
      starting_at: "2024-01-01T00:00:00Z",
    });
    await use(metronome, account, "tokens", "2024-01-10T00:00:00Z", 1000);
    if (drops) {
      await org.ask("POST", "/billjobs", { accountIds: [account] });
      await first.setClock(NOW);
    }
    await first.close();

    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
      point,
    });
    const url = await child.line();
    const post = (path: string, json: unknown) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(json),
      });
    if (drops) {
      const archived = { customer_id: account, contract_id: contract, void_invoices: false };
      await post("/v1/contracts/archive", archived).catch(() => {});
    } else await post(`${org.base}/billjobs`, { accountIds: [account] }).catch(() => {});
    await expect(
      (async () => {
        for (;;) await post("/v1/sandbox/clock", { now: NOW });
      })(),
    ).rejects.toThrow();

    const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      await settle(server, NOW);
      const { data } = await server.stripe.invoices.list({ customer: payer });
      expect(data.map(({ total }) => total)).toEqual(totals);
      expect(data.every(({ status }) => status === "draft")).toBe(true);
      const runs = (await server.send("GET", "/v1/runs")).body.data;
      expect(runs.map((run: { status: string }) => run.status)).toEqual(totals.map(() => "SENT"));
    } finally {
      await server.close();
      await database.drop();
    }
  },
  60_000,
);
