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

// January's own finalization passes each point once, before it is taken back.
test.each(["frozen", "posted", "announced", "routed"])(
  "a server killed with -9 at %s of a regeneration leaves the void invoice as it was, and it can be done",
  async (point) => {
    const database = await createTestDatabase();
    const credentialsKey = randomBytes(32);
    const child = spawnDyingServer({
      databaseUrl: database.url,
      credentialsKey,
      token: TOKEN,
      point: `finalize-invoice/${point}`,
      hit: 2,
    });
    const url = await child.line();
    const metronome = new Metronome({ baseURL: url, bearerToken: TOKEN, maxRetries: 0 });
    const setClock = () =>
      fetch(`${url}/v1/sandbox/clock`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ now: "2024-02-03T00:00:00Z" }),
      });
    await setClock();
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "tokens"), 100],
    ]);
    const customer = await createCustomer(metronome);
    await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 3);
    await createContract(metronome, customer, card, {
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
    });
    await setClock();
    const [final] = await listInvoices(metronome, customer);
    const id = final?.id ?? "";
    await metronome.v1.invoices.void({ id });
    await use(metronome, customer, "tokens", "2024-01-20T00:00:00Z", 1);
    await expect(metronome.v1.invoices.regenerate({ id })).rejects.toThrow();

    const server = await startTestServer({ databaseUrl: database.url, credentialsKey });
    try {
      const shown = async () =>
        (await listInvoices(server.metronome, customer)).map(
          ({ status, total }) => `${status} ${total}`,
        );
      expect(await shown()).toEqual(["VOID 300"]);
      await server.metronome.v1.invoices.regenerate({ id });
      expect(await shown()).toEqual(["VOID 300", "FINALIZED 400"]);
    } finally {
      await server.close();
      await database.drop();
    }
  },
  60_000,
);
