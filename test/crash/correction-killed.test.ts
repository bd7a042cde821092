import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import { expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";

test.each([
  "correct-usage/frozen",
  "correct-usage/posted",
  "correct-usage/routed",
  "issue-credit-note/inserted",
  "issue-credit-note/posted",
])(
  "a server killed with -9 at %s leaves nothing half done, and it can be done",
  async (point) => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
      point,
    });
    const url = await child.line();
    const metronome = new Metronome({ baseURL: url, bearerToken: TOKEN, maxRetries: 0 });
    const post = async (base: string, path: string, body: unknown, token = TOKEN) =>
      fetch(`${base}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const now = { now: "2024-02-03T00:00:00Z" };
    await post(url, "/v1/sandbox/clock", now);
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "tokens"), 100],
    ]);
    const customer = await createCustomer(metronome);
    await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 3);
    await createContract(metronome, customer, card, {
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
    });
    await post(url, "/v1/sandbox/clock", now);
    const [final] = await listInvoices(metronome, customer);
    await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 1);
    const correction = [`/v1/invoices/${final?.id}/correct`, { policy: "supplementary" }] as const;
    const note = ["/v1/credit-notes", { invoice_id: final?.id, full: true }] as const;
    const [path, body] = point.startsWith("correct") ? correction : note;
    await expect(post(url, path, body)).rejects.toThrow();

    const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      const shown = async () => {
        const { body: notes } = await server.send("GET", "/v1/credit-notes");
        const invoices = await listInvoices(server.metronome, customer);
        return [
          ...invoices.map(({ total }) => Number(total)),
          ...notes.data.map(({ total }: { total: number }) => -total),
        ];
      };
      expect(await shown()).toEqual([300]);
      await server.send("POST", path, body);
      expect(await shown()).toEqual(point.startsWith("correct") ? [300, 100] : [300, -300]);
    } finally {
      await server.close();
      await database.drop();
    }
  },
  60_000,
);
