import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createBilledCustomer } from "../support/billed-customer.ts";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer } from "../support/server.ts";
import { settle } from "../support/settle-after-kill.ts";
import { spawnDyingServer } from "../support/spawn-dying-server.ts";

const TOKEN = "token-of-the-killed-server";
const NOW = "2024-02-03T00:00:00Z";

test.each(["before", "sent"])(
  "a server killed with -9 at %s of a credit note's delivery leaves one note at the provider",
  async (point) => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const first = await startTestServer({ databaseUrl: database.url, credentialsKey });
    await first.setClock(NOW);
    const { metronome } = first;
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "tokens"), 100],
    ]);
    const customer = await createBilledCustomer(first);
    await use(metronome, customer.id, "tokens", "2024-01-20T00:00:00Z", 3);
    await createContract(metronome, customer.id, card, {
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
    });
    await first.setClock(NOW);
    const [invoice] = await listInvoices(metronome, customer.id);
    await first.close();

    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
      point: `deliver-credit-note/${point}`,
    });
    const url = await child.line();
    const post = (path: string, body: unknown) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    await post("/v1/credit-notes", { invoice_id: invoice?.id, amount: 100 }).catch(() => {});
    await expect(
      (async () => {
        for (;;) await post("/v1/sandbox/clock", { now: NOW });
      })(),
    ).rejects.toThrow();

    const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      await settle(server, NOW);
      const { body } = await server.send("GET", `/v1/credit-notes?invoice_id=${invoice?.id}`);
      expect(body.data).toMatchObject([{ total: 100, delivery: { status: "SENT" } }]);
      const { data } = await server.stripe.creditNotes.list({
        invoice: invoice?.external_invoice?.invoice_id ?? "",
      });
      expect(data.map(({ amount }) => amount)).toEqual([100]);
    } finally {
      await server.close();
      await database.drop();
    }
  },
  60_000,
);
