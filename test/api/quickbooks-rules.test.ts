import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { type Organization, openOrganization } from "../support/organization.ts";
import { openQuickBooksWorld, type QuickBooksWorld } from "../support/quickbooks-world.ts";

/** What every destination of integrations has, over QuickBooks. Each account's month is 3 x 54.00. */
const USER = { name: "Ops", email: "ops@acme.test" };

let world: QuickBooksWorld;
let org: Organization;
let product: string;
let card: string;
let rule: { readonly id: string };
let month = 0;

const company = () => world.quickBooks.company;
/** Each test has months of its own, from January 2026 on. */
const monthAt = (ahead: number, day: number): string =>
  new Date(Date.UTC(2026, month + ahead, day)).toISOString();

const addRule = (name: string, options: object = {}) =>
  org.ask("POST", "/integrationconfigs", {
    entityType: "Bill",
    destination: "QUICKBOOKS_SANDBOX",
    name,
    integrationCredentialsId: world.connectionId,
    configData: {
      onlySendBillOnApproval: true,
      useExternalMappingAccountCode: false,
      accountFilter: `accountName.startsWith("${name}")`,
      ...options,
    },
  });

beforeAll(async () => {
  const redirectUris: string[] = [];
  world = await openQuickBooksWorld({ redirectUris });
  const { server, quickBooks } = world;
  quickBooks.app.redirectUris.push(`${server.url}/oauth/quickbooks/callback`);
  org = await openOrganization(server);
  await server.setClock(monthAt(0, 2));
  product = await createUsageProduct(server.metronome, "Compute");
  card = await createRateCard(server.metronome, [[product, 5400]]);
  rule = await addRule("Plain", { defaultItemId: company().ids.services });
}, 60_000);
afterAll(() => world?.close());

async function sign(name: string): Promise<string> {
  const { metronome } = world.server;
  const id = await createCustomer(metronome, name);
  await createContract(metronome, id, card, {
    starting_at: monthAt(0, 1),
    ending_before: monthAt(1, 1),
  });
  await use(metronome, id, "Compute", monthAt(0, 3), 3);
  return id;
}

/** Accounts with a month of usage each, which has ended and is billed. */
async function bill(...names: string[]): Promise<string[]> {
  month += 2;
  await world.server.setClock(monthAt(0, 2));
  const accounts = await Promise.all(names.map(sign));
  await world.server.setClock(monthAt(1, 2));
  return accounts;
}

const settle = async (): Promise<void> => {
  const { body } = await world.server.send("GET", "/v1/sandbox/clock");
  await world.server.setClock(body.data.now);
};

async function billOf(accountId: string): Promise<string> {
  const [invoice] = await listInvoices(world.server.metronome, accountId);
  return invoice?.id ?? "";
}

const documentsOf = (billId: string) =>
  company()
    .list("Invoice")
    .filter(({ PrivateNote = "" }) => PrivateNote.includes(billId));

const runsOf = async (billId: string) =>
  (await org.ask("GET", `/integrationruns/Bill/${billId}`)).data;

const itemsOf = (billId: string) =>
  documentsOf(billId).map(({ Line }) => Line?.[0]?.SalesItemLineDetail?.ItemRef?.value);

test("a bill that has to be approved goes once it is, and once", async () => {
  const { server } = world;
  await server.send("PATCH", "/v1/settings/invoicing", { finalization: "on_approval" });
  const [account = ""] = await bill("Plain approved");
  const id = await billOf(account);
  expect(await org.ask("GET", `/bills/${id}`)).toMatchObject({ status: "PENDING" });
  expect([documentsOf(id), await runsOf(id)]).toEqual([[], []]);
  await org.ask("POST", "/bills/approve", { billIds: [id] });
  await settle();
  expect(documentsOf(id)).toMatchObject([{ TotalAmt: 162 }]);
  expect(await runsOf(id)).toMatchObject([{ status: "COMPLETE", configurationId: rule.id }]);
  await org.ask("POST", "/bills/approve", { billIds: [id] }).catch(() => undefined);
  await settle();
  expect(documentsOf(id)).toHaveLength(1);
  await server.send("PATCH", "/v1/settings/invoicing", { finalization: "automatic" });
});

describe("external mappings", () => {
  const map = (m3terEntity: string, m3terId: string, externalTable: string, externalId: string) =>
    org.ask("POST", "/externalmappings", {
      m3terEntity,
      m3terId,
      externalSystem: "QuickBooks",
      externalTable,
      externalId,
    });

  test("say which customer pays, whatever the customer is called; without one the run says what to do", async () => {
    const mapped = await addRule("Mapped", {
      useExternalMappingAccountCode: true,
      defaultItemId: company().ids.services,
    });
    const payer = company().addCustomer("Somebody in the books").Id;
    const [account = ""] = await bill("Mapped account");
    const id = await billOf(account);
    const [failed] = await runsOf(id);
    expect(failed).toMatchObject({
      status: "ERROR",
      configurationId: mapped.id,
      error: expect.stringContaining("Create an external mapping, then retry"),
    });
    await map("Account", account, "Customer", payer);
    await org.ask("POST", `/integrationruns/${failed.id}/retry`);
    await settle();
    expect(documentsOf(id)).toMatchObject([{ CustomerRef: { value: payer }, TotalAmt: 162 }]);
    const named = company()
      .list("Customer")
      .filter(({ DisplayName }) => DisplayName === "Mapped account");
    expect(named).toEqual([]);
  });

  test("of products say which item, before the custom field, one's own before that of all", async () => {
    const [own, all, field] = ["Own item", "Item of all", "Item of the field"].map(
      (name) => company().addItem(name).Id,
    );
    const itemRule = await addRule("Items");
    await world.map("contract_product", product, "qbo_item_id", field ?? "");
    const [first = ""] = await bill("Items first");
    expect(itemsOf(await billOf(first))).toEqual([field]);
    const ofAll = await map("Product", product, "Item", all ?? "");
    const [second = ""] = await bill("Items second");
    const secondBill = await billOf(second);
    expect(itemsOf(secondBill)).toEqual([all]);
    const { body } = await world.server.send(
      "POST",
      `/v1/invoices/${secondBill}/provider-requests`,
      {},
    );
    expect(JSON.stringify(body.data.at(-1).params)).toContain(`"ItemRef":{"value":"${all}"}`);
    const ofOne = await org.ask("POST", "/externalmappings", {
      ...ofAll,
      id: undefined,
      version: undefined,
      dtCreated: undefined,
      dtLastModified: undefined,
      createdBy: undefined,
      lastModifiedBy: undefined,
      externalId: own,
      integrationConfigId: itemRule.id,
    });
    const [third = ""] = await bill("Items third");
    expect(itemsOf(await billOf(third))).toEqual([own]);
    for (const { id } of [ofAll, ofOne]) await org.ask("DELETE", `/externalmappings/${id}`);
    const [fourth = ""] = await bill("Items fourth");
    expect(itemsOf(await billOf(fourth))).toEqual([field]);
  });
});

test("ten runs that fail one after the other switch the integration off; on again, a retry sends", async () => {
  const user = await org.ask("POST", "/users", USER);
  const failing = await addRule("Failing", {
    defaultItemId: company().ids.services,
    disabledNotificationUserIds: [user.id],
  });
  company().preferences.booksClosedThrough = "2100-01-01";
  const accounts = await bill(...Array.from({ length: 10 }, (_, index) => `Failing ${index}`));
  accounts.push(...(await bill("Failing later")));
  company().preferences.booksClosedThrough = undefined;
  expect(await org.ask("GET", `/integrationconfigs/${failing.id}`)).toMatchObject({
    enabled: false,
    errorCount: 10,
    disabledReason: expect.stringContaining("The books are closed for that date"),
  });
  const bills = await Promise.all(accounts.map(billOf));
  const runs = await Promise.all(bills.map(runsOf));
  expect(runs.map(([run]) => run.status)).toEqual([
    ...Array.from({ length: 10 }, () => "ERROR"),
    "DISABLED",
  ]);
  const { body } = await world.server.send("GET", "/v1/outbox");
  expect(body.data.filter(({ to }: { to: string }) => to === USER.email)).toHaveLength(1);

  await org.ask("POST", `/integrationconfigs/${failing.id}/enable`, {});
  for (const [run] of runs) await org.ask("POST", `/integrationruns/${run.id}/retry`);
  await settle();
  expect(bills.map((id) => documentsOf(id).length)).toEqual(bills.map(() => 1));
});

test("a run whose consent is over is AUTH_FAILED; after a new one a retry sends it, once", async () => {
  const { server, quickBooks } = world;
  quickBooks.revokeConsent();
  const [account = ""] = await bill("Plain reconnected");
  const id = await billOf(account);
  const [run] = await runsOf(id);
  expect(run).toMatchObject({ status: "AUTH_FAILED" });
  const logs = await org.ask("GET", `/integrationruns/logs/${run.id}`);
  expect(Buffer.from(logs.Payload, "base64").toString()).not.toContain(quickBooks.app.clientSecret);
  const { body } = await server.send("POST", `/v1/connections/${world.connectionId}/authorize`);
  const page = await fetch(await quickBooks.consent(body.data.authorize_url));
  expect(page.status).toBe(200);
  await org.ask("POST", `/integrationruns/${run.id}/retry`);
  await settle();
  expect(documentsOf(id)).toMatchObject([{ TotalAmt: 162 }]);
  expect(await runsOf(id)).toMatchObject([{ status: "COMPLETE" }]);
});

test("lists of values are whole, page by page", async () => {
  for (let index = 0; index < 25; index += 1) company().addItem(`Listed ${index}`);
  const path = `/integrationconfigs/values/QUICKBOOKS_SANDBOX/defaultItemId?integrationCredentialsId=${world.connectionId}`;
  const paged: string[] = [];
  let token: string | null = null;
  let pages = 0;
  do {
    const after: string = token === null ? "" : `&nextToken=${encodeURIComponent(token)}`;
    const page = await org.ask("GET", `${path}&pageSize=10${after}`);
    paged.push(...page.data.map(({ id }: { id: string }) => id));
    token = page.nextToken;
    pages += 1;
  } while (token !== null);
  const active = company()
    .list("Item")
    .filter(({ Active }) => Active !== false);
  expect(pages).toBe(Math.ceil((active.length + 1) / 10));
  expect(paged.toSorted()).toEqual(active.map(({ Id }) => Id).toSorted());
  expect(await org.refusal("GET", `${path}&nextToken=nonsense`)).toMatch(/^400 .*nextToken/);
});
