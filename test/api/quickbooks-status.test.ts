import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

let world: QuickBooksWorld;
let card: string;
let webhooks: string;
const BILLED = "2026-03-02T00:00:00Z";
const customers: string[] = [];

/** All customers are billed at once: 3 x 54.00. */
beforeAll(async () => {
  world = await openQuickBooksWorld({ multiCurrency: true });
  const { server, quickBooks } = world;
  await world.set({ multicurrency: true, item_strategy: "single" });
  await world.set({ default_item_id: quickBooks.company.ids.services });
  const { body } = await server.send("GET", "/v1/environment");
  webhooks = `${server.url}/quickbooks/${body.data.client_id}/SANDBOX`;
  await server.setClock("2026-02-10T00:00:00Z");
  const product = await createUsageProduct(server.metronome, "Compute");
  card = await createRateCard(server.metronome, [[product, 5400]]);
  for (const name of ["Paid", "Polled", "Voided", "Deleted", "Reversed", "Euro"]) {
    if (name === "Euro") {
      quickBooks.company.addCustomer({ DisplayName: name, CurrencyRef: { value: "EUR" } });
    }
    const id = await world.addCustomer(name);
    customers.push(id);
    await createContract(server.metronome, id, card, {
      starting_at: "2026-02-01T00:00:00Z",
      ending_before: "2026-03-01T00:00:00Z",
    });
    await use(server.metronome, id, "Compute", "2026-02-05T00:00:00Z", 3);
  }
  await server.setClock(BILLED);
});
afterAll(() => world?.close());

async function oursOf(index: number) {
  const [invoice] = await listInvoices(world.server.metronome, customers[index] ?? "");
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

const idOf = async (index: number): Promise<string> =>
  (await oursOf(index)).external_invoice?.invoice_id ?? "";

const statusOf = async (index: number): Promise<unknown> =>
  (await oursOf(index)).external_invoice?.external_status;

/** What happened in QuickBooks is told, and everything that follows happens. */
async function tell(options: { readonly form?: "old"; readonly reversed?: boolean } = {}) {
  const deliveries = await world.quickBooks.sendWebhooks({ url: webhooks, ...options });
  expect(deliveries.map(({ status }) => status)).toEqual(deliveries.map(() => 200));
  await world.server.setClock(BILLED);
}

describe("what happens in QuickBooks is seen", () => {
  test("a payment in parts, then the rest, told in today's form", async () => {
    const id = await idOf(0);
    expect(await statusOf(0)).toBe("FINALIZED");
    world.quickBooks.company.pay(id, 100);
    await tell();
    expect(await statusOf(0)).toBe("PARTIALLY_PAID");
    world.quickBooks.company.pay(id, 62);
    await tell();
    expect(await statusOf(0)).toBe("PAID");
    const [run] = await world.runsOf((await oursOf(0)).id);
    const { body } = await world.server.send("GET", `/v1/runs/${run.id}`);
    expect(body.data.status_history.map(({ status }: { status: string }) => status)).toEqual([
      "FINALIZED",
      "PARTIALLY_PAID",
      "PAID",
    ]);
  });

  test("a document that is voided, told in the older form", async () => {
    world.quickBooks.company.void("Invoice", await idOf(2));
    await tell({ form: "old" });
    expect(await statusOf(2)).toBe("VOID");
  });

  test("a document that is deleted", async () => {
    world.quickBooks.company.delete("Invoice", await idOf(3));
    await tell();
    expect(await statusOf(3)).toBe("DELETED");
  });

  test("events in the wrong order, and twice: what stands there counts", async () => {
    const id = await idOf(4);
    world.quickBooks.company.edit("Invoice", id, { CustomerMemo: { value: "Thank you" } });
    world.quickBooks.company.pay(id);
    world.quickBooks.events.push(...world.quickBooks.events);
    await tell({ reversed: true });
    expect(await statusOf(4)).toBe("PAID");
  });

  test("what no webhook told, by the next poll", async () => {
    world.quickBooks.company.pay(await idOf(1));
    world.quickBooks.events.splice(0);
    await world.server.setClock(BILLED);
    expect(await statusOf(1)).toBe("FINALIZED");
    const path = `/v1/connections/${world.connectionId}/poll`;
    expect((await world.server.send("POST", path)).status).toBe(202);
    await world.server.setClock(BILLED);
    expect(await statusOf(1)).toBe("PAID");
  });
});

test("a customer who pays in another currency is refused before anything is sent", async () => {
  const [run] = await world.runsOf((await oursOf(5)).id);
  expect(run).toMatchObject({
    status: "FAILED",
    error: { code: "customer_currency_differs", message: expect.stringContaining("pays in EUR") },
  });
  expect(world.quickBooks.company.list("Invoice")).toHaveLength(4);
});

test("a token that is over in the middle of things is renewed, and the call made once more", async () => {
  const { server, quickBooks } = world;
  quickBooks.advance(3601);
  await server.setClock("2026-04-10T00:00:00Z");
  const customer = customers[0] ?? "";
  await createContract(server.metronome, customer, card, {
    starting_at: "2026-04-01T00:00:00Z",
    ending_before: "2026-05-01T00:00:00Z",
  });
  await use(server.metronome, customer, "Compute", "2026-04-05T00:00:00Z", 1);
  await server.setClock("2026-05-02T00:00:00Z");
  const invoices = await listInvoices(server.metronome, customer);
  expect(invoices.at(-1)?.external_invoice).toMatchObject({ external_status: "FINALIZED" });
  const refreshes = quickBooks.oauthRequests.filter(({ path }) => path.endsWith("/bearer"));
  expect(refreshes.length).toBeGreaterThan(0);
});
