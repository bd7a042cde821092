import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPayer, listProviderInvoices } from "../support/billed-customer.ts";
import { openQuickBooksRules, type QuickBooksRules } from "../support/quickbooks-integrations.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

/** Approvals, failures, routes and journals of bills that rules send to a company of QuickBooks. */
let rules: QuickBooksRules;
let company: QuickBooksRules["world"]["quickBooks"]["company"];

beforeAll(async () => {
  rules = await openQuickBooksRules();
  ({ company } = rules.world.quickBooks);
}, 60_000);
afterAll(() => rules?.close());
beforeEach(async () => {
  // As a test that failed may have left them.
  await send("PATCH", "/v1/settings/invoicing", { finalization: "automatic" });
  await rules.world.set({ create_customers: true, default_item_id: null });
  await rules.nextMonth();
});

const send: QuickBooksRules["world"]["server"]["send"] = (...given) =>
  rules.world.server.send(...given);

/** Calls of the company that name a bill. */
const callsAbout = (bill: string) =>
  rules.world.quickBooks.requests.filter(
    ({ body, query }) => body.includes(bill) || query.query?.includes(bill) === true,
  );

const firstRun = async (account: string) => (await rules.runsOf(account))[0];

const totals = async (account: string) =>
  (await rules.documentsOf(account)).map(({ TotalAmt }) => TotalAmt);

const retry = (runId: string) => rules.org.ask("POST", `/integrationruns/${runId}/retry`);

test("a bill that waits for approval is not sent before it, and once after it", async () => {
  const account = await rules.sign("Approved");
  await rules.addRule("Approval", [account], { onlySendBillOnApproval: true });
  const bill = await rules.billOf(account);
  await send("PATCH", "/v1/settings/invoicing", { finalization: "on_approval" });
  await rules.later(72);
  expect(await rules.org.ask("GET", `/bills/${bill}`)).toMatchObject({ status: "PENDING" });
  expect(await rules.runsOf(account)).toEqual([]);
  expect(callsAbout(bill)).toEqual([]);

  const approve = () => rules.org.ask("POST", "/bills/approve", { billIds: [bill] });
  expect(await approve()).toMatchObject({ message: "1 of 1 bills approved" });
  await rules.later(72);
  expect(await rules.runsOf(account)).toMatchObject([{ status: "COMPLETE", attempts: 1 }]);
  expect(await totals(account)).toEqual([20.34]);

  // Approved once more, and gone through once more: what stands there is found.
  await approve();
  const run = await firstRun(account);
  await rules.org.ask("POST", `/integrationruns/${run.id}/replay`);
  await rules.later(73);
  expect(await firstRun(account)).toMatchObject({
    status: "COMPLETE",
    externalId: run.externalId,
    attempts: 2,
  });
  expect(callsAbout(bill).filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("ten errors in a row switch the integration off; enabled again, each bill is sent by a retry", async () => {
  const accounts: string[] = [];
  for (let count = 1; count <= 10; count += 1) accounts.push(await rules.sign(`Missing ${count}`));
  const user = await rules.org.ask("POST", "/users", { name: "Ops", email: "ops@acme.test" });
  const rule = await rules.addRule("Books of ten", [], {
    accountFilter: 'accountName.startsWith("Missing")',
    disabledNotificationUserIds: [user.id],
  });
  const show = () => rules.org.ask("GET", `/integrationconfigs/${rule}`);
  const mails = async () => (await send("GET", "/v1/outbox?to=ops@acme.test")).body.data;
  const log = await startWebhookLog(rules.world.server, "integration.issue");
  await rules.world.set({ create_customers: false });
  await rules.endMonth();

  const off = await show();
  expect(off).toMatchObject({ enabled: false, errorCount: 10 });
  expect(off.disabledReason).toMatch(
    /^Disabled after 10 successive errors; the last one: QuickBooks has no customer "Missing \d+", and create_customers is off/,
  );
  expect(await mails()).toMatchObject([
    {
      subject: "[Test] The integration Books of ten was disabled",
      text: expect.stringContaining("create_customers is off"),
    },
  ]);
  const events = await rules.org.ask(
    "GET",
    `/events?resourceId=${rule}&eventName=integration.disabled.error`,
  );
  expect(events.data).toMatchObject([
    { m3terEvent: { remedy: { action: "OPEN_INTEGRATION" }, integrationConfigId: rule } },
  ]);
  expect(log.messages().map(({ properties }) => properties)).toMatchObject([
    {
      integration: "QUICKBOOKS_ONLINE",
      error: off.disabledReason,
      error_code: "integration_disabled",
      integration_config_id: rule,
    },
  ]);
  await log.close();

  // One more while it is off: nothing of it goes there, and a retry says what has to be done first.
  await rules.nextMonth();
  const late = await rules.sign("Missing late");
  await rules.endMonth();
  const stopped = await firstRun(late);
  expect(stopped).toMatchObject({ status: "DISABLED", errorCode: "integration_disabled" });
  expect(callsAbout(await rules.billOf(late))).toEqual([]);
  expect(await rules.org.refusal("POST", `/integrationruns/${stopped.id}/retry`)).toBe(
    "409 The integration Books of ten is disabled: enable it before you retry its runs",
  );
  expect(await mails()).toHaveLength(1);

  await rules.world.set({ create_customers: true });
  expect(await rules.org.ask("POST", `/integrationconfigs/${rule}/enable`)).toMatchObject({
    enabled: true,
    errorCount: 0,
  });
  const [first = ""] = accounts;
  for (const account of [first, late]) await retry((await firstRun(account)).id);
  await rules.endMonth();
  expect([await totals(first), await totals(late)]).toEqual([[20.34], [20.34]]);
  expect(await show()).toMatchObject({ enabled: true, errorCount: 0 });
  // What nobody retried is still listed as failed.
  const failed = await send("GET", `/v1/runs?configuration_id=${rule}&status=FAILED`);
  expect(failed.body.data).toHaveLength(9);
});

test("a consent that was taken back fails the run; after a new one a retry makes one document", async () => {
  const { server, quickBooks, connectionId } = rules.world;
  const byRule = await rules.sign("Reconnected by rule");
  await rules.addRule("Consent", [byRule]);
  const byOwn = await rules.sign(
    "Reconnected by its own",
    await rules.world.addCustomer("Reconnected by its own"),
  );
  await rules.world.set({ default_item_id: company.ids.services });
  const connection = async () =>
    (await send("GET", `/v1/connections/${connectionId}`)).body.data.status;
  quickBooks.revokeConsent();
  await rules.endMonth();
  expect(await connection()).toBe("reauth_required");
  const run = await firstRun(byRule);
  expect(run).toMatchObject({ status: "AUTH_FAILED", errorCode: "auth_failed" });
  expect(run.error).toMatch(/authorize_url|[Cc]onnect/);
  const [own] = await rules.world.runsOf(await rules.billOf(byOwn));
  expect(own).toMatchObject({ status: "FAILED", error: { code: "auth_failed" } });

  // A retry before anybody has consented says the same, and sends nothing.
  await retry(run.id);
  await rules.endMonth();
  expect(await firstRun(byRule)).toMatchObject({ status: "AUTH_FAILED", attempts: 2 });
  expect([await totals(byRule), await totals(byOwn)]).toEqual([[], []]);

  quickBooks.app.redirectUris.push(`${server.url}/oauth/quickbooks/callback`);
  const asked = await send("POST", `/v1/connections/${connectionId}/authorize`);
  const page = await fetch(await quickBooks.consent(asked.body.data.authorize_url));
  expect([page.status, await connection()]).toEqual([200, "connected"]);
  await retry(run.id);
  expect((await send("POST", `/v1/runs/${own.id}/retry`)).status).toBe(200);
  await rules.endMonth();
  expect(await firstRun(byRule)).toMatchObject({ status: "COMPLETE", attempts: 3, error: null });
  expect([await totals(byRule), await totals(byOwn)]).toEqual([[20.34], [20.34]]);
  await rules.world.set({ default_item_id: null });
});

describe("an invoice that several routes lead away", () => {
  test("to one company: delivered once, the others skipped with the run that delivers", async () => {
    const account = await rules.sign("Twice", await rules.world.addCustomer("Twice"));
    await rules.world.set({ default_item_id: company.ids.services });
    await rules.addRule("Second way", [account]);
    await rules.addRule("Third way", [account]);
    await rules.endMonth();
    await rules.world.set({ default_item_id: null });
    const runs = await rules.runsOf(account);
    expect(
      runs.map(({ configurationName, status, errorCode }) => [
        configurationName,
        status,
        errorCode,
      ]),
    ).toEqual([
      [null, "COMPLETE", null],
      ["Second way", "COMPLETE", "duplicate_route"],
      ["Third way", "COMPLETE", "duplicate_route"],
    ]);
    for (const { parentIntegrationRunId, externalId } of runs.slice(1)) {
      expect([parentIntegrationRunId, externalId]).toEqual([runs[0].id, null]);
    }
    const plain = await rules.world.runsOf(await rules.billOf(account));
    expect(plain.map(({ status }) => status)).toEqual(["SENT", "SKIPPED", "SKIPPED"]);
    expect(await totals(account)).toEqual([20.34]);
    const refused = await send("POST", `/v1/runs/${runs[1].id}/retry`);
    expect([refused.status, refused.body.message]).toEqual([
      409,
      `Run ${runs[0].id} delivers the invoice over the same connection: retry that one`,
    ]);
  });

  test("to QuickBooks and to Stripe: both have it, each under its own id", async () => {
    const { server } = rules.world;
    const account = await rules.sign("Both");
    const payer = await createPayer(server);
    await server.stripe.customers.update(payer, { metadata: { ledgerline_account_id: account } });
    await rules.addRule("Books", [account]);
    const { body } = await send("GET", "/v1/connections");
    const stripe = body.data.find(({ provider }: { provider: string }) => provider === "stripe");
    await rules.org.ask("POST", "/integrationconfigs", {
      entityType: "Bill",
      destination: "STRIPE_TEST",
      name: "Card",
      integrationCredentialsId: stripe.id,
      configData: { accountIds: [account], onlySendBillOnApproval: true },
    });
    await rules.endMonth();
    const [document] = await rules.documentsOf(account);
    const [invoice, ...more] = await listProviderInvoices(server.stripe, payer);
    expect(more).toEqual([]);
    expect([document?.TotalAmt, invoice?.total, invoice?.status]).toEqual([20.34, 2034, "paid"]);
    const runs = await rules.runsOf(account);
    expect(runs.map(({ destination, externalId }) => [destination, externalId])).toEqual([
      ["QUICKBOOKS_SANDBOX", document?.Id],
      ["STRIPE_TEST", invoice?.id],
    ]);
  });
});

test("closed books: the runs list, the run and its journal say what was sent, Intuit's words, and what to do", async () => {
  const { quickBooks, connectionId } = rules.world;
  const [account, other] = [await rules.sign("Paged"), await rules.sign("Not paged")];
  const rule = await rules.addRule("Pager", [account, other]);
  // The first document that is made is refused.
  const bill = await rules.billOf(account);
  quickBooks.trouble(({ method, body }) => method === "POST" && body.includes(bill), "6210");
  await rules.endMonth();

  const list = async (query: string) => (await send("GET", `/v1/runs?${query}`)).body.data;
  const ids = async (query: string) =>
    (await list(`${query}&limit=100`)).map((run: { invoice_id: string }) => run.invoice_id);
  const here = `provider=QuickBooks_Online&connection_id=${connectionId}&configuration_id=${rule}`;
  expect(await ids(`${here}&status=FAILED`)).toEqual([bill]);
  expect(await ids(`${here}&status=SENT`)).toEqual([await rules.billOf(other)]);
  expect(await ids(`provider=stripe&configuration_id=${rule}`)).toEqual([]);
  expect((await send("GET", "/v1/runs?status=CLOSED")).status).toBe(400);
  const pages = await send("GET", `/v1/runs?${here}&limit=1`);
  expect(pages.body.data).toHaveLength(1);
  const rest = await list(`${here}&limit=1&next_page=${pages.body.next_page}`);
  expect(new Set([pages.body.data[0].id, rest[0].id]).size).toBe(2);

  const [failed] = await list(`${here}&status=FAILED`);
  expect(failed.error.code).toBe("accounting_period_closed");
  // Intuit's words and code, what to do, and the number that its support asks for.
  expect(failed.error.message).toMatch(
    /^QuickBooks: .+ \(6210\)\. .*The books are closed for that date: open them.* Intuit's number of the call: [0-9a-f-]{36}\.$/,
  );
  const { body } = await send("GET", `/v1/runs/${failed.id}`);
  const step = body.data.steps.at(-1);
  expect(step).toMatchObject({
    step: "create",
    outcome: "rejected",
    result: { code: "accounting_period_closed", message: failed.error.message },
  });
  const [sent, ...more] = quickBooks.requests.filter(
    ({ method, body: text }) => method === "POST" && text.includes(bill),
  );
  expect(more).toEqual([]);
  expect(step.request).toMatchObject({ method: sent?.method, path: sent?.path });
  // The journal keeps numbers as text, so that no digit is lost.
  const asText = (_: string, value: unknown) => (typeof value === "number" ? String(value) : value);
  expect(step.request.params).toEqual(JSON.parse(sent?.body ?? "", asText));
  expect(step.request.idempotency_key).toEqual(expect.any(String));

  const word = (status: string) => rules.org.ask("GET", `/integrationruns/Bill/${bill}?${status}`);
  expect((await word("status=ACCOUNTING_PERIOD_CLOSED")).data).toMatchObject([{ id: failed.id }]);
  expect((await word("status=ERROR")).data).toEqual([]);
  // Somebody has closed the books on purpose: that is no reason to switch the integration off.
  expect(await rules.org.ask("GET", `/integrationconfigs/${rule}`)).toMatchObject({
    enabled: true,
    errorCount: 0,
  });
  const log = await rules.org.ask("GET", `/integrationruns/logs/${failed.id}`);
  const text = Buffer.from(log.Payload, "base64").toString("utf8");
  expect(JSON.parse(text).steps.at(-1).result.code).toBe("accounting_period_closed");
  expect(text).not.toMatch(/Bearer|refresh_token|access_token/);
  expect(text).not.toContain(quickBooks.app.clientSecret);

  await retry(failed.id);
  await rules.endMonth();
  expect(await totals(account)).toEqual([20.34]);
});
