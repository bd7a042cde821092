import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openQuickBooks } from "../quickbooks/open-quickbooks.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";

test("a server killed with -9 between the renewal of tokens and their store leaves a connection that lives", async () => {
  const quickBooks = await openQuickBooks({ limits: false });
  const database = await createTestDatabase();
  const credentialsKey = randomBytes(32);
  const config = {
    databaseUrl: database.url,
    credentialsKey,
    qboApiBase: quickBooks.apiBase,
    qboOauthBase: quickBooks.oauthBase,
  };
  const first = await startTestServer(config);
  quickBooks.app.redirectUris.push(`${first.url}/oauth/quickbooks/callback`);
  const { clientId, clientSecret } = quickBooks.app;
  const { body } = await first.send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: { client_id: clientId, client_secret: clientSecret },
  });
  const path = `/v1/connections/${body.data.id}`;
  const asked = await first.send("POST", `${path}/authorize`);
  expect((await fetch(await quickBooks.consent(asked.body.data.authorize_url))).status).toBe(200);
  await first.close();

  quickBooks.advance(7200);
  process.env.QBO_API_BASE = quickBooks.apiBase;
  process.env.QBO_OAUTH_BASE = quickBooks.oauthBase;
  const child = spawnDyingServer({
    databaseUrl: database.url,
    credentialsKey,
    token: TOKEN,
    point: "renew-credential/answered",
  });
  const url = await child.line();
  const refreshes = () => quickBooks.oauthRequests.filter(({ body: form }) => /refresh/.test(form));
  await expect(
    fetch(`${url}${path}/test`, { method: "POST", headers: { authorization: `Bearer ${TOKEN}` } }),
  ).rejects.toThrow();
  expect(refreshes()).toHaveLength(1);

  const server = await startTestServer(config);
  try {
    // The dead server's lease runs out by itself after a minute; the test does not wait for that.
    await sql`update connections set renewal_until = clock_timestamp()`.execute(server.db);
    for (const seconds of [0, 2 * 86_400]) {
      quickBooks.advance(seconds);
      const { body: tested } = await server.send("POST", `${path}/test`);
      expect(tested.data.account).toMatchObject({ id: quickBooks.realmId });
    }
    const { body: shown } = await server.send("GET", path);
    expect(shown.data.status).toBe("connected");
  } finally {
    await server.close();
    await quickBooks.close();
    await database.drop();
  }
}, 60_000);
