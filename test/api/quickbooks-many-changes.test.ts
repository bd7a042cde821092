import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

let world: QuickBooksWorld;
beforeAll(async () => {
  world = await openQuickBooksWorld();
});
afterAll(() => world?.close());

test("what one answer of the change feed does not hold is seen all the same", async () => {
  const { server, quickBooks } = world;
  const { company } = quickBooks;
  const { metronome } = server;
  // The first look at a company takes what is new by then.
  await server.setClock("2026-02-10T00:00:00Z");
  await world.set({ item_strategy: "single", default_item_id: company.ids.services });
  const other = company.addCustomer("Somebody else").Id;
  for (let count = 0; count < 1000; count += 1) {
    company.create("Invoice", {
      CustomerRef: { value: other },
      Line: [{ Amount: 1, DetailType: "SalesItemLineDetail", SalesItemLineDetail: {} }],
    });
  }
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "Compute"), 5400],
  ]);
  const id = await world.addCustomer("Acme");
  await createContract(metronome, id, card, {
    starting_at: "2026-02-01T00:00:00Z",
    ending_before: "2026-03-01T00:00:00Z",
  });
  await use(metronome, id, "Compute", "2026-02-05T00:00:00Z", 3);
  await server.setClock("2026-03-02T00:00:00Z");
  const external = async () => (await listInvoices(metronome, id))[0]?.external_invoice;
  expect((await external())?.external_status).toBe("FINALIZED");
  company.void("Invoice", (await external())?.invoice_id ?? "");
  const calls = quickBooks.requests.length;
  await server.send("POST", `/v1/connections/${world.connectionId}/poll`);
  await server.setClock("2026-03-02T02:00:00Z");
  expect((await external())?.external_status).toBe("VOID");
  const asked = quickBooks.requests.slice(calls).map(({ path }) => path.split("/").at(-1));
  expect(asked.filter((each) => each === "query").length).toBeGreaterThan(0);
}, 60_000);

const DAY = 86_400;

test("what changed longer ago than the change feed goes back, while nobody looked, is seen all the same", async () => {
  const start = new Date(Date.now() - 60 * DAY * 1000).toISOString();
  const away = await openQuickBooksWorld({ start });
  try {
    const { server, quickBooks } = away;
    const { company } = quickBooks;
    const { metronome } = server;
    await server.setClock("2026-02-10T00:00:00Z");
    await away.set({ item_strategy: "single", default_item_id: company.ids.services });
    const product = await createUsageProduct(metronome, "Compute");
    const id = await away.addCustomer("Acme");
    await createContract(metronome, id, await createRateCard(metronome, [[product, 5400]]), {
      starting_at: "2026-02-01T00:00:00Z",
      ending_before: "2026-03-01T00:00:00Z",
    });
    await use(metronome, id, "Compute", "2026-02-05T00:00:00Z", 3);
    await server.setClock("2026-03-02T00:00:00Z");
    const external = async () => (await listInvoices(metronome, id))[0]?.external_invoice;
    const poll = async () => {
      await server.send("POST", `/v1/connections/${away.connectionId}/poll`);
      await server.setClock("2026-03-02T00:00:00Z");
    };
    await poll();
    quickBooks.advance(DAY);
    company.pay((await external())?.invoice_id ?? "");
    // Paid 59 days ago, and nobody has looked since the day before.
    quickBooks.advance(40 * DAY);
    expect((await external())?.external_status).toBe("FINALIZED");
    await poll();
    expect((await external())?.external_status).toBe("PAID");
  } finally {
    await away.close();
  }
}, 60_000);
