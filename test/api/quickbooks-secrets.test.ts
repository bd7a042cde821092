import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createVault } from "../../src/platform/secrets/encryption.ts";
import { openQuickBooks, type QuickBooks } from "../quickbooks/open-quickbooks.ts";
import { type Child, spawnNode } from "../support/child.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const TOKEN = "token-of-the-sandbox";
const key = randomBytes(32);

let database: TestDatabase;
let client: pg.Client;
let quickBooks: QuickBooks;
let child: Child;
let url: string;
/** Everything that the server wrote and answered. */
let log = "";
let replies = "";
/** Nothing of these may stand there: text to what it is. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  quickBooks = await openQuickBooks({ limits: false });
  database = await createTestDatabase();
  client = new pg.Client(database.url);
  await client.connect();
  const env = {
    ...process.env,
    PORT: "0",
    COLLECT_PORT: "off",
    DATABASE_URL: database.url,
    CREDENTIALS_KEY: key.toString("base64"),
    SANDBOX_API_TOKEN: TOKEN,
    QBO_API_BASE: quickBooks.apiBase,
    QBO_OAUTH_BASE: quickBooks.oauthBase,
    LOG_LEVEL: "trace",
  };
  child = spawnNode(["src/main.ts"], env, (text) => {
    log += text;
  });
  url = (await child.line()).replace("core ", "");
  quickBooks.app.redirectUris.push(`${url}/oauth/quickbooks/callback`);
  const { clientSecret, verifierToken } = quickBooks.app;
  secrets.set(clientSecret, "client_secret").set(verifierToken, "webhook_verifier_token");
}, 60_000);
afterAll(async () => {
  await child?.kill("SIGKILL");
  await client?.end();
  await quickBooks?.close();
  await database?.drop();
});

// biome-ignore lint/suspicious/noExplicitAny: replies of our own endpoints.
async function ask(method: string, path: string, body?: unknown): Promise<any> {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  replies += text;
  return text === "" ? undefined : JSON.parse(text);
}

/** Takes down which tokens the connection has by now. */
async function noteTokens(id: string): Promise<void> {
  const { rows } = await client.query("select credential from connections where id = $1", [id]);
  const credential = JSON.parse(createVault(key).decrypt(rows[0].credential));
  for (const name of ["access_token", "refresh_token"]) {
    if (credential[name] !== undefined) secrets.set(credential[name], name);
  }
}

async function consent(id: string): Promise<void> {
  const { data } = await ask("POST", `/v1/connections/${id}/authorize`);
  const back = new URL(await quickBooks.consent(data.authorize_url));
  secrets.set(back.searchParams.get("code") ?? "", "code");
  replies += await (await fetch(back)).text();
}

test("nothing that lets anybody into a company is logged or answered, whatever happens", async () => {
  const { clientId: client_id, clientSecret: client_secret } = quickBooks.app;
  const { verifierToken: webhook_verifier_token } = quickBooks.app;
  const { data } = await ask("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: { client_id, client_secret, webhook_verifier_token },
    settings: { requests_per_second: 100 },
  });
  const path = `/v1/connections/${data.id}`;
  // A code that is refused, then one that is good.
  quickBooks.trouble(/tokens\/bearer/, "broken before");
  await consent(data.id);
  await consent(data.id);
  await noteTokens(data.id);
  const company = async () => (await ask("POST", `${path}/test`)).data.account?.id ?? null;
  expect(await company()).toBe(quickBooks.realmId);
  // Refused, cut off and answered with what is no JSON: by the books and by the token service.
  for (const kind of ["expired", "forbidden", "cut after", "page after"] as const) {
    quickBooks.trouble(/companyinfo/, kind);
    await company();
    quickBooks.mend();
    await noteTokens(data.id);
  }
  for (const kind of ["cut after", "page after", "bad gateway after"] as const) {
    quickBooks.advance(7200);
    quickBooks.trouble(/tokens\/bearer/, kind);
    await company();
    quickBooks.mend();
    await noteTokens(data.id);
  }
  quickBooks.revokeConsent();
  quickBooks.advance(7200);
  expect(await company()).toBeNull();
  expect((await ask("GET", path)).data.status).toBe("reauth_required");
  await consent(data.id);
  await noteTokens(data.id);
  await ask("PATCH", path, { credential: { client_secret: "x y" } });
  await ask("POST", `${path}/poll`);
  for (const shown of ["/v1/connections", "/v1/environment", "/v1/auditLogs", "/health/ready"]) {
    await ask("GET", shown);
  }
  await ask("DELETE", path);
  await child.kill("SIGTERM");
  // It has told of its work, so that what is not there was left out.
  expect(log).toContain("a person has consented");
  expect(replies).toContain(client_id);
  expect([...new Set(secrets.values())].sort()).toEqual([
    "access_token",
    "client_secret",
    "code",
    "refresh_token",
    "webhook_verifier_token",
  ]);
  const leaked = [...secrets].filter(([text]) => log.includes(text) || replies.includes(text));
  expect(leaked.map(([, what]) => what)).toEqual([]);
}, 120_000);
