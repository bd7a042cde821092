import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPayer } from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { type Organization, openOrganization } from "../support/organization.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let org: Organization;
let card: string;
let credential: string;
let now = "2024-01-20T00:00:00Z";

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(now);
  org = await openOrganization(server);
  const tokens = await createUsageProduct(server.metronome, "tokens");
  card = await createRateCard(server.metronome, [[tokens, 2]]);
  const { body } = await server.send("GET", "/v1/connections");
  credential = body.data[0].id;
});
afterAll(() => server.close());

// biome-ignore lint/suspicious/noExplicitAny: bills, runs and events as they come.
type Body = any;

/** Moves the clock, or lets all that is due happen. */
async function settle(at = now): Promise<void> {
  now = at;
  await server.setClock(at);
}

interface Account {
  readonly id: string;
  readonly payer: string;
  readonly contract: string;
  readonly bill: string;
}

/** An account of Collect's, on the card for a month, which has used 1,000 tokens: 20 dollars. */
async function signAccount(month: number): Promise<Account> {
  const [start, end] = [month, month + 1].map((each) => `2024-${String(each).padStart(2, "0")}-01`);
  const id = await createCustomer(server.metronome);
  const payer = await createPayer(server);
  await org.ask("POST", "/externalmappings", {
    m3terEntity: "Account",
    m3terId: id,
    externalSystem: "Stripe",
    externalTable: "Customer",
    externalId: payer,
  });
  const contract = await createContract(server.metronome, id, card, {
    starting_at: `${start}T00:00:00Z`,
    ending_before: `${end}T00:00:00Z`,
  });
  await use(server.metronome, id, "tokens", `${start}T12:00:00Z`, 1000);
  const [bill] = (await org.ask("GET", `/bills?accountId=${id}`)).data;
  return { id, payer, contract, bill: bill.id };
}

/** A rule that sends the bills of one account to Collect. */
const addRule = ({ id }: Account, configData: object = {}): Promise<Body> =>
  org.ask("POST", "/integrationconfigs", {
    entityType: "Bill",
    destination: "STRIPE_TEST",
    name: `to Collect, of ${id}`,
    integrationCredentialsId: credential,
    configData: { accountIds: [id], useExternalMappingAccountCode: true, ...configData },
  });

async function recalculate({ bill }: Account): Promise<Body> {
  const job = await org.ask("POST", "/billjobs/recalculate", { billIds: [bill] });
  await settle();
  return org.ask("GET", `/billjobs/${job.id}`);
}

const listTheirs = async ({ payer }: Account): Promise<Stripe.Invoice[]> =>
  (await server.stripe.invoices.list({ customer: payer })).data;

const listRuns = async ({ bill }: Account): Promise<Body[]> =>
  (await server.send("GET", `/v1/runs?invoice_id=${bill}`)).body.data;

const showRun = ({ invoice_version: version, is_draft: isDraft, status }: Body): string =>
  `${version} ${isDraft ? "draft" : "final"} ${status}`;

describe("an integration that does not wait for approval", () => {
  let account: Account;
  let theirs: string;

  beforeAll(async () => {
    account = await signAccount(1);
    await addRule(account);
  });

  test("sends nothing by itself: a read of a draft is no calculation", async () => {
    await settle();
    await org.ask("GET", `/bills/${account.bill}`);
    expect(await listTheirs(account)).toEqual([]);
  });

  test("sends a draft when a bill job has calculated it", async () => {
    expect(await recalculate(account)).toMatchObject({ status: "COMPLETE", regenerated: 1 });
    const [draft, ...more] = await listTheirs(account);
    expect(more).toEqual([]);
    expect(draft).toMatchObject({ status: "draft", total: 2000, auto_advance: false });
    theirs = draft?.id ?? "";
    expect((await listRuns(account)).map(showRun)).toEqual(["1 draft SENT"]);
  });

  test("changes that very draft when the bill has changed, and not before", async () => {
    // 500 more tokens are 10 dollars more.
    await use(server.metronome, account.id, "tokens", "2024-01-19T00:00:00Z", 500);
    await org.ask("GET", `/bills/${account.bill}`);
    expect(await listTheirs(account)).toMatchObject([{ id: theirs, total: 2000 }]);

    expect(await recalculate(account)).toMatchObject({ regenerated: 1 });
    const [draft, ...more] = await listTheirs(account);
    expect(more).toEqual([]);
    expect(draft).toMatchObject({ id: theirs, status: "draft", total: 3000 });
    expect(draft?.lines.data.map(({ amount, quantity }) => [amount, quantity])).toEqual([
      [3000, 1500],
    ]);
    expect(await recalculate(account)).toMatchObject({ regenerated: 0 });
    expect((await listRuns(account)).map(showRun)).toEqual(["1 draft SENT", "2 draft SENT"]);
  });

  test("finishes it with the final invoice", async () => {
    // 100 tokens more, which no calculation has seen: 2 dollars.
    await use(server.metronome, account.id, "tokens", "2024-01-20T00:00:00Z", 100);
    await settle("2024-02-02T00:00:00Z");
    const all = await listTheirs(account);
    expect(all).toMatchObject([{ id: theirs, status: "paid", total: 3200, amount_paid: 3200 }]);
    expect((await listRuns(account)).map(showRun)).toEqual([
      "1 draft SENT",
      "2 draft SENT",
      "3 final SENT",
    ]);
    const { body } = await server.send(
      "GET",
      `/v1/customers/${account.id}/invoices/${account.bill}`,
    );
    expect(body.data.external_invoice).toMatchObject({
      invoice_id: theirs,
      external_status: "PAID",
    });
  });
});

test("an integration that waits for approval sends no draft", async () => {
  const account = await signAccount(2);
  await addRule(account, { onlySendBillOnApproval: true });
  await recalculate(account);
  expect(await listTheirs(account)).toEqual([]);
  await settle("2024-03-02T00:00:00Z");
  expect(await listTheirs(account)).toMatchObject([{ status: "paid", total: 2000 }]);
  expect((await listRuns(account)).map(showRun)).toEqual(["1 final SENT"]);
});

test("a draft that is dropped is taken back", async () => {
  const account = await signAccount(3);
  await addRule(account);
  await recalculate(account);
  expect(await listTheirs(account)).toMatchObject([{ status: "draft", total: 2000 }]);
  await server.metronome.v1.contracts.archive({
    customer_id: account.id,
    contract_id: account.contract,
    void_invoices: false,
  });
  await settle();
  expect(await listTheirs(account)).toEqual([]);
});

test("a bill stays with the integration that has sent its draft", async () => {
  await settle("2024-04-20T00:00:00Z");
  const account = await signAccount(4);
  const first = await addRule(account);
  await recalculate(account);
  const { configData, ...rest } = first;
  await org.ask("PUT", `/integrationconfigs/${first.id}`, {
    entityType: rest.entityType,
    destination: rest.destination,
    name: rest.name,
    version: rest.version,
    configData: { ...configData, accountFilter: 'currency = "EUR"' },
  });
  const second = await addRule(account);
  await settle("2024-05-02T00:00:00Z");
  expect(await listTheirs(account)).toMatchObject([{ status: "paid", total: 2000 }]);
  const runs = await listRuns(account);
  expect(runs.map(showRun)).toEqual(["1 draft SENT", "2 final SENT"]);
  const { data } = await org.ask("GET", `/events?accountId=${account.id}`);
  expect(data).toMatchObject([
    {
      eventName: "integration.validation.error",
      m3terEvent: { integrationConfigId: second.id, error: { code: "sent_by_another" } },
    },
  ]);
});

test("a draft whose integration was deleted is taken back when the bill is final", async () => {
  await settle("2024-05-10T00:00:00Z");
  const account = await signAccount(5);
  const { id } = await addRule(account);
  await recalculate(account);
  expect(await listTheirs(account)).toMatchObject([{ status: "draft", total: 2000 }]);
  await org.ask("DELETE", `/integrationconfigs/${id}`);
  await settle("2024-06-02T00:00:00Z");
  expect(await listTheirs(account)).toEqual([]);
  expect((await listRuns(account)).map(showRun)).toEqual(["1 draft SENT"]);
});

test("a draft that somebody finalized at the provider is not changed any more", async () => {
  await settle("2024-06-20T00:00:00Z");
  const account = await signAccount(6);
  await addRule(account);
  await recalculate(account);
  const [draft] = await listTheirs(account);
  await server.stripe.invoices.finalizeInvoice(draft?.id ?? "", { auto_advance: false });
  await use(server.metronome, account.id, "tokens", "2024-06-02T00:00:00Z", 500);
  await recalculate(account);
  expect(await listTheirs(account)).toMatchObject([{ id: draft?.id, status: "open", total: 2000 }]);
  const runs = await listRuns(account);
  expect(runs.map(showRun)).toEqual(["1 draft SENT", "2 draft FAILED"]);
  expect(runs[1].error).toMatchObject({ message: expect.stringContaining(draft?.id ?? "none") });
});
