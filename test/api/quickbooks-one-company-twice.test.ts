import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

let world: QuickBooksWorld;
let second: string;

/** Two connections to one company, which takes ten calls a second from an app. */
beforeAll(async () => {
  world = await openQuickBooksWorld({ limits: { perSecond: 10, perMinute: 500 } });
  const { quickBooks, server } = world;
  const { access_token, refresh_token } = quickBooks.issueTokens();
  const { clientId: client_id, clientSecret: client_secret } = quickBooks.app;
  const { body } = await server.send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: { client_id, client_secret, access_token, refresh_token },
    settings: { realm_id: quickBooks.realmId },
  });
  second = body.data.id;
  await server.setClock("2026-01-01T00:00:00Z");
}, 60_000);
afterAll(() => world?.close());

test("both together call the company no faster than it takes", async () => {
  const { server, quickBooks, connectionId } = world;
  quickBooks.requests.length = 0;
  // Two calls each, at 8 a second: 32 in all, and what looks after the connections meanwhile.
  const tests = await Promise.all(
    Array.from({ length: 8 }, () => [connectionId, second])
      .flat()
      .map((id) => server.send("POST", `/v1/connections/${id}/test`)),
  );
  expect(quickBooks.requests.length).toBeGreaterThanOrEqual(32);
  expect(quickBooks.requests.filter(({ status }) => status === 429)).toEqual([]);
  for (const { body } of tests) expect(body.data.account.id).toBe(quickBooks.realmId);
}, 60_000);
