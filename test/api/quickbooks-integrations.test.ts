import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

const BILLED = "2026-03-02T00:00:00Z";

let world: QuickBooksWorld;
let base: string;
let card: string;
let ruleId: string;

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape.
async function call(method: string, path: string, body?: unknown): Promise<any> {
  const reply = await world.server.send(method, `${base}/${path}`, body);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body;
}

async function sign(name: string): Promise<string> {
  const { metronome } = world.server;
  const id = await createCustomer(metronome, name);
  await createContract(metronome, id, card, {
    starting_at: "2026-02-01T00:00:00Z",
    ending_before: "2026-03-01T00:00:00Z",
  });
  await use(metronome, id, "Compute", "2026-02-05T00:00:00Z", 3);
  return id;
}

async function billOf(accountId: string): Promise<string> {
  const [invoice] = await listInvoices(world.server.metronome, accountId);
  return invoice?.id ?? "";
}

const documentsOf = (billId: string) =>
  world.quickBooks.company
    .list("Invoice")
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(billId));

const accounts: Record<string, string> = {};

beforeAll(async () => {
  world = await openQuickBooksWorld();
  const { server, quickBooks } = world;
  const { body } = await server.send("GET", "/v1/environment");
  base = `/organizations/${body.data.org_id}`;
  await server.setClock("2026-02-10T00:00:00Z");
  const product = await createUsageProduct(server.metronome, "Compute");
  card = await createRateCard(server.metronome, [[product, 5400]]);
  const { ids } = quickBooks.company;
  const rule = await call("POST", "integrationconfigs", {
    entityType: "Bill",
    destination: "QUICKBOOKS_SANDBOX",
    name: "Books",
    integrationCredentialsId: world.connectionId,
    configData: {
      onlySendBillOnApproval: true,
      useExternalMappingAccountCode: false,
      accountFilter: 'accountName.startsWith("Books")',
      defaultItemId: ids.services,
      salesTermId: ids.net30,
    },
  });
  ruleId = rule.id;
  for (const name of ["Books one", "Books two", "Elsewhere"]) accounts[name] = await sign(name);
  await server.setClock(BILLED);
});
afterAll(() => world?.close());

test("is offered as a destination, with its own options and lists to choose from", async () => {
  const { company } = world.quickBooks;
  const values = async (option: string) =>
    (
      await call(
        "GET",
        `integrationconfigs/values/QUICKBOOKS_SANDBOX/${option}?integrationCredentialsId=${world.connectionId}`,
      )
    ).data;
  expect(await values("salesTermId")).toContainEqual({ id: company.ids.net30, label: "Net 30" });
  expect(await values("incomeAccountId")).toContainEqual({
    id: company.ids.incomeAccount,
    label: "Services",
  });
  expect(await values("defaultItemId")).toContainEqual({
    id: company.ids.services,
    label: "Services",
  });
});

describe("a bill", () => {
  test("of an account that the filter takes goes there, with the rule's term and item", async () => {
    const bill = await billOf(accounts["Books one"] ?? "");
    const runs = await call("GET", `integrationruns/Bill/${bill}`);
    expect(runs.data).toMatchObject([{ status: "COMPLETE", configurationId: ruleId }]);
    expect(documentsOf(bill)).toMatchObject([
      // 3 x 54.00.
      { TotalAmt: 162, SalesTermRef: { value: world.quickBooks.company.ids.net30 } },
    ]);
    expect(documentsOf(bill)[0]?.Line?.[0]).toMatchObject({
      SalesItemLineDetail: { ItemRef: { value: world.quickBooks.company.ids.services } },
    });
  });

  test("is shown by the preview as it was sent, byte for byte", async () => {
    const bill = await billOf(accounts["Books two"] ?? "");
    const { server, quickBooks } = world;
    const sent = quickBooks.requests.filter(
      ({ method, path, body }) =>
        method === "POST" && path.endsWith("/invoice") && body.includes(bill),
    );
    expect(sent).toHaveLength(1);
    const { body } = await server.send("POST", `/v1/invoices/${bill}/provider-requests`, {});
    expect(JSON.stringify(body.data.at(-1).params)).toBe(sent[0]?.body);
  });

  test("of another account goes nowhere", async () => {
    const bill = await billOf(accounts.Elsewhere ?? "");
    expect(documentsOf(bill)).toEqual([]);
    expect((await call("GET", `integrationruns/Bill/${bill}`)).data).toEqual([]);
  });

  test("has its lists page by page", async () => {
    const candidates = await call(
      "GET",
      `integrationconfigs/values/QUICKBOOKS_SANDBOX/defaultItemId?integrationCredentialsId=${world.connectionId}&pageSize=1`,
    );
    expect(candidates.data).toHaveLength(1);
    expect(candidates.nextToken).toEqual(expect.any(String));
  });
});
