import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Company } from "../quickbooks/books/company.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

const LIMIT_BYTES = 8 * 1024 * 1024;

let world: QuickBooksWorld;
let url: string;
let other: Company;
/** A second connection to the first company, and one to another company of the same app. */
let again: string;
let elsewhere: string;

async function connect(realmId: string): Promise<string> {
  const { server, quickBooks } = world;
  const { access_token, refresh_token } = quickBooks.issueTokens(realmId);
  const { clientId: client_id, clientSecret: client_secret } = quickBooks.app;
  const { verifierToken: webhook_verifier_token } = quickBooks.app;
  const credential = {
    client_id,
    client_secret,
    webhook_verifier_token,
    access_token,
    refresh_token,
  };
  const { body } = await server.send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential,
    settings: { realm_id: realmId, requests_per_second: 100 },
  });
  return body.data.id;
}

beforeAll(async () => {
  world = await openQuickBooksWorld();
  const { quickBooks, server } = world;
  other = quickBooks.addCompany();
  again = await connect(quickBooks.realmId);
  elsewhere = await connect(other.realmId);
  // Their first polls are over.
  await server.setClock("2026-01-01T00:00:00Z");
  const { body } = await server.send("GET", "/v1/environment");
  url = `${server.url}/quickbooks/${body.data.client_id}/SANDBOX`;
}, 60_000);
afterAll(() => world?.close());
beforeEach(async () => {
  world.quickBooks.events.length = 0;
  await world.server.db.deleteFrom("provider_events").execute();
});

const eventsOf = async (connectionId: string): Promise<string[]> =>
  (
    await world.server.db
      .selectFrom("provider_events")
      .select("type")
      .where("connection_id", "=", connectionId)
      .orderBy("type")
      .execute()
  ).map(({ type }) => type);

function makeInvoice(company: Company): void {
  const customer = company.addCustomer(`Customer ${company.list("Customer").length}`).Id;
  company.create("Invoice", {
    CustomerRef: { value: customer },
    Line: [
      {
        Amount: 10,
        DetailType: "SalesItemLineDetail",
        SalesItemLineDetail: { ItemRef: { value: company.ids.services } },
      },
    ],
  });
}

async function post(body: string, type = "application/cloudevents+json"): Promise<number> {
  const { verifierToken } = world.quickBooks.app;
  const signature = createHmac("sha256", verifierToken).update(body).digest("base64");
  const headers = { "content-type": type, "intuit-signature": signature };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

const invoiceEvent = (id: string, realmId: string) => ({
  specversion: "1.0",
  id,
  source: "intuit.test",
  type: "qbo.invoice.updated.v1",
  time: "2026-01-01T00:00:00Z",
  intuitentityid: "1",
  intuitaccountid: realmId,
});

test.each(["cloudevents", "old"] as const)(
  "one delivery (%s) of two companies comes to each connection of each, and to no other",
  async (form) => {
    const { quickBooks } = world;
    makeInvoice(quickBooks.company);
    makeInvoice(other);
    makeInvoice(quickBooks.addCompany());
    const deliveries = await quickBooks.sendWebhooks({ url, form });
    expect(deliveries.map(({ status }) => status)).toEqual([200]);
    const kind = form === "old" ? "create" : "created";
    // Of kinds that are not about us a customer came too: it is kept, and leads nowhere.
    const expected = [`customer.${kind}`, `invoice.${kind}`];
    for (const id of [world.connectionId, again, elsewhere]) {
      expect(await eventsOf(id)).toEqual(expected);
    }
    const calls = quickBooks.requests.length;
    await world.server.setClock(form === "old" ? "2026-01-01T00:02:00Z" : "2026-01-01T00:01:00Z");
    // Invoices that are none of ours are not even asked for.
    expect(quickBooks.requests.slice(calls)).toEqual([]);
  },
);

test.each([
  ["Intuit's own type", "application/cloudevents+json"],
  ["with its charset", "application/cloudevents+json; charset=utf-8"],
  ["a batch", "application/cloudevents-batch+json"],
  ["plain JSON", "application/json"],
  ["text", "text/plain"],
])("the content type decides nothing: %s", async (_name, type) => {
  expect(await post(JSON.stringify([invoiceEvent(`of ${type}`, other.realmId)]), type)).toBe(200);
  expect(await eventsOf(elsewhere)).toEqual(["invoice.updated"]);
});

test.each<[string, string]>([
  ["of a kind that nobody knows", JSON.stringify([{ type: "qbo.spaceship.landed.v9" }])],
  ["of a company that is none of ours", JSON.stringify([invoiceEvent("far", "1")])],
  ["of no company", JSON.stringify([{ ...invoiceEvent("none", ""), intuitaccountid: null }])],
  ["that is no JSON", "{"],
  ["of nothing", "[]"],
])("what is signed is answered 200 and changes nothing: a delivery %s", async (_name, body) => {
  expect(await post(body)).toBe(200);
  for (const id of [world.connectionId, again, elsewhere]) expect(await eventsOf(id)).toEqual([]);
});

test("a delivery may be as large as the limit, and no larger", async () => {
  const event = JSON.stringify([invoiceEvent("large", other.realmId)]);
  expect(await post(event.padEnd(LIMIT_BYTES, " "))).toBe(200);
  expect(await eventsOf(elsewhere)).toEqual(["invoice.updated"]);
  expect(await post(event.replace("large", "larger").padEnd(LIMIT_BYTES + 1, " "))).toBe(413);
  expect(await eventsOf(elsewhere)).toEqual(["invoice.updated"]);
});

test("a hundred events at once are all kept, each once, also when they come again", async () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    invoiceEvent(`many ${index}`, other.realmId),
  );
  expect(await post(JSON.stringify(many))).toBe(200);
  expect(await post(JSON.stringify(many))).toBe(200);
  expect(await eventsOf(elsewhere)).toHaveLength(100);
});
