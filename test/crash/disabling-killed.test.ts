import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { DEFAULT_INTEGRATION_OPTIONS } from "../../src/domain/integrations/integration-options.ts";
import {
  insertConfiguration,
  updateConfiguration,
} from "../../src/store/integration-configurations.ts";
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
const NOW = "2024-02-03T00:00:00Z";

test("a server killed with -9 while the tenth error switches an integration off switches it off once", async () => {
  const database = await createTestDatabase();
  const credentialsKey = randomBytes(32);
  const first = await startTestServer({ databaseUrl: database.url, credentialsKey });
  await first.setClock("2024-01-15T00:00:00Z");
  const { metronome } = first;
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 100],
  ]);
  const account = await createCustomer(metronome);
  await createContract(metronome, account, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
  });
  await use(metronome, account, "tokens", "2024-01-10T00:00:00Z", 3);
  const { id: environmentId } = await first.db
    .selectFrom("environments")
    .select("id")
    .where("name", "=", "SANDBOX")
    .executeTakeFirstOrThrow();
  const at = "2024-01-01T00:00:00Z";
  const user = await first.db
    .insertInto("organization_users")
    .values({
      environment_id: environmentId,
      name: "Ops",
      email: "ops@acme.test",
      created_at: at,
      updated_at: at,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const connections = await first.send("GET", "/v1/connections");
  // Nobody at the provider carries the account's id: the run fails.
  const rule = await insertConfiguration(first.db, {
    environmentId,
    entityType: "Bill",
    name: "main",
    destination: "STRIPE_TEST",
    provider: "stripe",
    connectionId: connections.body.data[0].id,
    options: { ...DEFAULT_INTEGRATION_OPTIONS, disabledNotificationUserIds: [user.id] },
    exclusiveGroup: null,
    createdAt: at,
    createdBy: "test",
  });
  await first.db.transaction().execute((tx) => updateConfiguration(tx, rule.id, { errorCount: 9 }));
  await first.close();

  const child = spawnDyingServer({
    databaseUrl: database.url,
    credentialsKey,
    token: TOKEN,
    point: "note-run-failure/disabled",
  });
  const url = await child.line();
  const advance = () =>
    fetch(`${url}/v1/sandbox/clock`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ now: NOW }),
    });
  await expect(
    (async () => {
      for (;;) await advance();
    })(),
  ).rejects.toThrow();

  const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
  const read = () =>
    server.db
      .selectFrom("integration_configurations")
      .select(["error_count", "enabled"])
      .where("id", "=", rule.id)
      .executeTakeFirstOrThrow();
  try {
    // What the dead server had begun is as if it had never been.
    expect(await read()).toEqual({ error_count: 9, enabled: true });
    await settle(server, NOW);
    expect(await read()).toEqual({ error_count: 10, enabled: false });
    const events = await server.db
      .selectFrom("integration_events")
      .select("event_name")
      .orderBy("position")
      .execute();
    expect(events.map((event) => event.event_name)).toEqual([
      "integration.missingaccountmapping.error",
      "integration.disabled.error",
    ]);
    const { body } = await server.send("GET", "/v1/outbox");
    expect(body.data).toMatchObject([{ to: "ops@acme.test" }]);
    const runs = await server.send("GET", `/v1/runs?configuration_id=${rule.id}`);
    expect(runs.body.data).toMatchObject([{ status: "FAILED", attempts: 0 }]);
  } finally {
    await server.close();
    await database.drop();
  }
}, 120_000);
