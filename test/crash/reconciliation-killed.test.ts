import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createTestDatabase } from "../support/database.ts";
import {
  AUTOMATIC,
  BILLED_AT,
  createDifferingInvoices,
  expectRepairedOnce,
} from "../support/differing-invoices.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";

test.each([
  ["reconcile/looked", 1],
  ["reconcile/kept", 1],
  ["apply-repair/sent", 1],
  ["apply-repair/queued", 1],
])(
  "a server killed with -9 at %s (hit %i) finds everything once and repairs it once",
  async (point, hit) => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const first = await startTestServer({ databaseUrl: database.url, credentialsKey });
    const differing = await createDifferingInvoices(first);
    await first.close();

    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
      point,
      hit,
    });
    const url = await child.line();
    const post = async (path: string, body: unknown) => {
      const reply = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await reply.json()) as { data: { id: string } };
    };
    const { data } = await post("/v1/reconciliations", { automatic: AUTOMATIC });
    await expect(
      (async () => {
        for (;;) await post("/v1/sandbox/clock", { now: BILLED_AT });
      })(),
    ).rejects.toThrow();

    const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      await settle(server, BILLED_AT);
      await expectRepairedOnce(server, data.id, differing);
    } finally {
      await server.close();
      await database.drop();
    }
  },
  120_000,
);
