import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Collect asks the server that it runs in who administers its accounts. */
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly body: { readonly id: string; readonly key?: string; readonly livemode?: boolean };
}

async function manage(token: string, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${server.collectUrl}/ledgerline/accounts${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

test("API tokens of the two environments manage accounts, each its own modes; no other token does", async () => {
  const { sandboxToken, productionToken, collectKey } = server;
  const { status, body: account } = await manage(sandboxToken, "", { name: "Acme" });
  expect(status).toBe(200);
  const keyFor = (token: string, mode: string) => manage(token, `/${account.id}/keys`, { mode });
  const answers = await Promise.all([
    keyFor(sandboxToken, "test"),
    keyFor(collectKey, "test"),
    keyFor(productionToken, "live"),
    keyFor(sandboxToken, "live"),
    keyFor(collectKey, "live"),
    keyFor("ll_live_of_nobody", "test"),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 403, 403, 401]);
  const [testKey, , liveKey] = answers.map(({ body }) => body.key ?? "");
  for (const [key, livemode] of [
    [testKey, false],
    [liveKey, true],
  ] as const) {
    const response = await fetch(`${server.collectUrl}/v1/customers`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await response.json()).toMatchObject({ object: "customer", livemode });
  }
  // An API token is no key of Collect, and a key of Collect no API token.
  const asKey = await fetch(`${server.collectUrl}/v1/customers`, {
    headers: { authorization: `Bearer ${productionToken}` },
  });
  const asToken = await fetch(`${server.url}/v1/environment`, {
    headers: { authorization: `Bearer ${liveKey}` },
  });
  expect([asKey.status, asToken.status]).toEqual([401, 401]);
});
