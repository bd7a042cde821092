import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuickBooks, type QuickBooks } from "../quickbooks/open-quickbooks.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type SpawnedServer, spawnQuickBooksServer } from "../support/dying-quickbooks-world.ts";

const TOKEN = "token-of-both-servers";
const TIMEOUT_MS = 60_000;

let database: TestDatabase;
let quickBooks: QuickBooks;
let path: string;
const servers: SpawnedServer[] = [];
const credentialsKey = randomBytes(32).toString("base64");

/** One more server over the one database. */
async function start(): Promise<SpawnedServer> {
  const of = { databaseUrl: database.url, credentialsKey, token: TOKEN };
  const server = await spawnQuickBooksServer(quickBooks, of);
  servers.push(server);
  return server;
}

// biome-ignore lint/suspicious/noExplicitAny: replies of our own endpoints.
type Data = any;

async function ask(
  { url }: SpawnedServer,
  method: string,
  to: string,
  body?: unknown,
): Promise<Data> {
  const reply = await fetch(`${url}${to}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { data } = (await reply.json()) as { data: Data };
  return data;
}

/** The company that a call with the present token reaches; null: none. */
const companyOf = async (server: SpawnedServer): Promise<string | null> =>
  (await ask(server, "POST", `${path}/test`)).account?.id ?? null;

const refreshes = (): number =>
  quickBooks.oauthRequests.filter(({ body }) => body.includes("grant_type=refresh_token")).length;

const isRefresh = ({ body }: { readonly body: string }): boolean =>
  body.includes("grant_type=refresh_token");

beforeAll(async () => {
  database = await createTestDatabase();
  quickBooks = await openQuickBooks({ limits: false });
  const first = await start();
  await start();
  const { access_token, refresh_token } = quickBooks.issueTokens();
  const connection = await ask(first, "POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: {
      client_id: quickBooks.app.clientId,
      client_secret: quickBooks.app.clientSecret,
      access_token,
      refresh_token,
    },
    settings: { realm_id: quickBooks.realmId, requests_per_second: 100 },
  });
  path = `/v1/connections/${connection.id}`;
}, TIMEOUT_MS);

afterAll(async () => {
  for (const { child } of servers) await child.kill("SIGKILL");
  await quickBooks?.close();
  await database?.drop();
});

test(
  "two servers that need a new token at the same instant ask for one, and both work on with it",
  async () => {
    quickBooks.advance(7200);
    quickBooks.oauthRequests.length = 0;
    const calls = quickBooks.requests.length;
    // The answer takes so long that every call of both has found the old token refused, or waits.
    quickBooks.before = (call) =>
      isRefresh(call)
        ? new Promise((resolve) => {
            setTimeout(resolve, 500);
          })
        : Promise.resolve();
    const asked = servers.flatMap((server) => [1, 2, 3].map(() => companyOf(server)));
    const reached = await Promise.all(asked);
    quickBooks.before = undefined;
    expect(reached).toEqual(asked.map(() => quickBooks.realmId));
    expect(refreshes()).toBe(1);
    expect(quickBooks.requests.length - calls).toBeGreaterThanOrEqual(asked.length);
    // A day after a renewal the token before it is gone: whoever renews next has the newest.
    for (const server of [...servers, ...servers]) {
      quickBooks.advance(25 * 3600);
      expect(await companyOf(server)).toBe(quickBooks.realmId);
    }
    expect(refreshes()).toBe(5);
    expect(await ask(servers[0] as SpawnedServer, "GET", path)).toMatchObject({
      status: "connected",
    });
  },
  TIMEOUT_MS,
);

test(
  "one that is killed with -9 while it renews leaves the other a connection that lives",
  async () => {
    const [first, second] = servers as [SpawnedServer, SpawnedServer];
    quickBooks.advance(7200);
    quickBooks.oauthRequests.length = 0;
    quickBooks.before = async (call) => {
      if (!isRefresh(call)) return;
      quickBooks.before = undefined;
      await first.child.kill("SIGKILL");
    };
    await expect(companyOf(first)).rejects.toThrow();
    const waiting = companyOf(second);
    // The dead server's lease runs out by itself after a minute; the test does not wait for that.
    const client = new pg.Client(database.url);
    await client.connect();
    await client.query("update connections set renewal_until = clock_timestamp()");
    await client.end();
    expect(await waiting).toBe(quickBooks.realmId);
    quickBooks.advance(2 * 86_400);
    expect(await companyOf(second)).toBe(quickBooks.realmId);
    expect(await ask(second, "GET", path)).toMatchObject({ status: "connected" });
  },
  TIMEOUT_MS,
);
