import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { listInvoices } from "../support/billing.ts";
import { type CollectAccount, openCollectAccount } from "../support/collect-account.ts";
import {
  findFreePort,
  type ProviderProxy,
  providerError,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

let server: TestServer;
let proxy: ProviderProxy;
let plan: Plan;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  // Its address is of this machine: no provider could send events there, so they are polled.
  server = await startTestServer({ collectPort, stripeApiBase: proxy.url });
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});
beforeEach(() => {
  proxy.before = undefined;
  proxy.after = undefined;
});

const later = (hours: number): string =>
  new Date(Date.parse(monthBilledAt(month)) + hours * 3_600_000).toISOString();

/** A customer with an invoice that waits to be paid at the provider. */
async function bill(
  stripe: Stripe,
  meanwhile: (payer: string) => Promise<unknown> = async () => {},
): Promise<BilledCustomer & { readonly invoice: string }> {
  month += 2;
  await server.setClock(monthStart(month));
  const clients = { metronome: server.metronome, stripe };
  const customer = await createBilledCustomer(clients, { collectionMethod: "send_invoice" });
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  await meanwhile(customer.payer);
  await server.setClock(monthBilledAt(month));
  const [invoice] = await listProviderInvoices(stripe, customer.payer);
  return { ...customer, invoice: invoice?.id ?? "" };
}

async function statusOf({ id }: BilledCustomer): Promise<string | undefined> {
  const [invoice] = await listInvoices(server.metronome, id);
  return invoice?.external_invoice?.external_status;
}

const show = async (id: string) => (await server.send("GET", `/v1/connections/${id}`)).body.data;
const poll = (id: string) => server.send("POST", `/v1/connections/${id}/poll`);

/** How often the list of events was asked for since. */
const countPolls = (): number => proxy.calls.filter(({ path }) => path === "/v1/events").length;

async function countKept(connectionId: string): Promise<{ kept: bigint; open: bigint }> {
  const { rows } = await sql<{ kept: bigint; open: bigint }>`select count(*) as kept,
      count(*) filter (where processed_at is null) as open
    from provider_events where connection_id = ${connectionId}::uuid`.execute(server.db);
  return rows[0] ?? { kept: 0n, open: 0n };
}

describe("the built-in connection, whose webhooks are lost,", () => {
  test("hears of a payment when it is polled, and only then", async () => {
    const { body } = await server.send("GET", "/v1/connections");
    const { id } = body.data[0];
    const customer = await bill(server.stripe);
    const [endpoint] = (await server.stripe.webhookEndpoints.list()).data;
    await server.stripe.webhookEndpoints.update(endpoint?.id ?? "", { disabled: true });
    await server.stripe.invoices.pay(customer.invoice, { paid_out_of_band: true });
    proxy.calls.length = 0;
    await server.setClock(later(1));
    expect([await statusOf(customer), countPolls()]).toEqual(["FINALIZED", 0]);
    const asked = await poll(id);
    expect(asked.status).toBe(202);
    await server.setClock(later(1));
    expect([await statusOf(customer), countPolls()]).toEqual(["PAID", 1]);
    // What webhooks brought before was known already; nothing is looked into twice.
    const kept = await countKept(id);
    expect(kept.open).toBe(0n);
    await poll(id);
    await server.setClock(later(1));
    expect(await countKept(id)).toEqual(kept);
    await server.stripe.webhookEndpoints.update(endpoint?.id ?? "", { disabled: false });
  });
});

describe("an account that cannot reach us", () => {
  let account: CollectAccount;
  let id: string;
  let end: () => Promise<void>;

  beforeAll(async () => {
    account = await openCollectAccount(server);
    const made = await account.secretKey();
    end = () => made.end();
    const { body } = await server.send("POST", "/v1/connections", {
      provider: "stripe",
      credential: { api_key: made.key },
    });
    id = body.data.id;
  });

  test("is polled: a payment comes in, once, and what is not ours is passed over", async () => {
    const customer = await bill(account.stripe);
    expect(await show(id)).toMatchObject({
      status: "connected",
      account_id: account.id,
      webhook: { state: "none", reason: expect.stringContaining("PUBLIC_URL") },
    });
    expect(await statusOf(customer)).toBe("FINALIZED");
    const foreign = await account.stripe.invoices.create({ customer: customer.payer });
    await account.stripe.invoices.finalizeInvoice(foreign.id ?? "");
    await account.stripe.invoices.pay(customer.invoice, { paid_out_of_band: true });
    await server.setClock(later(1));
    expect(await statusOf(customer)).toBe("PAID");
    const before = await countKept(id);
    expect(before.open).toBe(0n);
    expect(before.kept).toBeGreaterThan(3n);
    expect(await show(id)).toMatchObject({
      polling: { last_poll_at: expect.any(String), read_until: expect.any(String), error: null },
      last_event: { type: expect.any(String) },
    });
    await server.setClock(later(2));
    expect(await countKept(id)).toEqual(before);
  });

  test("is polled through every page of its list", async () => {
    const customer = await bill(account.stripe);
    await server.setClock(later(1));
    await account.stripe.invoices.pay(customer.invoice, { paid_out_of_band: true });
    const strangers = Array.from({ length: 60 }, () =>
      account.stripe.invoices.create({ customer: customer.payer }),
    );
    for (const { id: draft } of await Promise.all(strangers)) {
      await account.stripe.invoices.del(draft ?? "");
    }
    proxy.calls.length = 0;
    await server.setClock(later(2));
    expect([await statusOf(customer), countPolls()]).toEqual(["PAID", 2]);
  });

  test("is polled once for a year of the sandbox's clock", async () => {
    await bill(account.stripe);
    proxy.calls.length = 0;
    month += 12;
    await server.setClock(monthStart(month));
    // Each look at an account begins with the account itself; its list may have several pages.
    expect(proxy.calls.filter(({ path }) => path === "/v1/account")).toHaveLength(1);
  });

  test("that does not answer a poll shows why, and is polled again", async () => {
    const customer = await bill(account.stripe);
    await account.stripe.invoices.pay(customer.invoice, { paid_out_of_band: true });
    proxy.before = async ({ path }) => (path === "/v1/events" ? providerError(500) : undefined);
    await server.setClock(later(1));
    expect(await show(id)).toMatchObject({
      status: "connected",
      polling: { error: expect.stringContaining("Out of order") },
    });
    proxy.before = undefined;
    await server.setClock(later(2));
    expect(await show(id)).toMatchObject({ polling: { error: null } });
    expect(await statusOf(customer)).toBe("PAID");
  });

  test("loses no event while its key is refused", async () => {
    const customer = await bill(account.stripe);
    await account.stripe.invoices.pay(customer.invoice, { paid_out_of_band: true });
    const refused = providerError(401, { message: "Invalid API Key provided: sk_test_*" });
    // The list is read, and then the key is revoked.
    proxy.before = async ({ path }) => (path.startsWith("/v1/invoices/") ? refused : undefined);
    await server.setClock(later(1));
    expect(await show(id)).toMatchObject({
      status: "failed",
      status_reason: expect.stringMatching(/^It refuses its key: Invalid API Key/),
    });
    await server.setClock(later(12));
    expect(await statusOf(customer)).toBe("FINALIZED");
    proxy.before = undefined;
    await server.setClock(later(14));
    expect((await show(id)).status).toBe("connected");
    expect(await statusOf(customer)).toBe("PAID");
  });

  test("serves an endpoint that was set up by hand: then polls only fill gaps", async () => {
    const { body } = await server.send("GET", "/v1/environment");
    const endpoint = await account.stripe.webhookEndpoints.create({
      url: `${server.url}/stripe/${body.data.client_id}/SANDBOX`,
      enabled_events: ["*"],
    });
    await server.send("PATCH", `/v1/connections/${id}`, {
      credential: { webhook_secret: endpoint.secret },
    });
    const customer = await bill(account.stripe);
    expect(await show(id)).toMatchObject({ status: "connected", webhook: { state: "by_hand" } });
    await server.setClock(later(1));
    proxy.calls.length = 0;
    await account.stripe.invoices.pay(customer.invoice, { paid_out_of_band: true });
    await server.setClock(later(1.5));
    expect([await statusOf(customer), countPolls()]).toEqual(["PAID", 0]);
    await account.stripe.webhookEndpoints.del(endpoint.id);
    await server.send("PATCH", `/v1/connections/${id}`, { credential: { webhook_secret: null } });
  });

  test("whose key is revoked fails the delivery visibly; the next success clears it", async () => {
    const log = await startWebhookLog(server, "integration.issue");
    await end();
    const customer = await bill(account.stripe);
    const [invoice] = await listInvoices(server.metronome, customer.id);
    const runs = await server.send("GET", `/v1/runs?invoice_id=${invoice?.id}`);
    expect(runs.body.data).toMatchObject([
      {
        status: "FAILED",
        error: { code: "auth_failed", message: expect.stringMatching(/API Key/) },
      },
    ]);
    expect(await show(id)).toMatchObject({
      status: "failed",
      status_reason: expect.stringMatching(/^It refuses its key/),
    });
    // Looks and deliveries met the refusal, and it is told once.
    expect(log.messages().map(({ type, properties }) => ({ type, ...properties }))).toEqual([
      {
        type: "integration.issue",
        integration: "STRIPE",
        error: expect.stringMatching(/^It refuses its key/),
        error_code: "auth_failed",
        timestamp: expect.stringMatching(/^20\d\d-/),
        connection_id: id,
        connection_name: (await show(id)).name,
      },
    ]);
    const { key } = await account.secretKey();
    await server.send("PATCH", `/v1/connections/${id}`, { credential: { api_key: key } });
    await server.send("POST", `/v1/runs/${runs.body.data[0].id}/retry`);
    await server.setClock(later(1));
    expect(await show(id)).toMatchObject({ status: "connected", status_reason: null });
    expect(await statusOf(customer)).toBe("FINALIZED");
    expect(log.messages()).toHaveLength(1);
    await log.close();
  });

  test.each([
    ["was deleted", () => account.stripe, (payer: string) => account.stripe.customers.del(payer)],
    ["is another account's", () => server.stripe, async () => undefined],
  ])("refuses an invoice whose payer %s, and stays connected", async (_what, at, undo) => {
    const customer = await bill(at(), undo);
    expect(customer.invoice).toBe("");
    expect(await statusOf(customer)).toBe("INVALID_REQUEST_ERROR");
    const [invoice] = await listInvoices(server.metronome, customer.id);
    expect(invoice?.external_invoice?.billing_provider_error).toMatch(
      /No such customer|A deleted customer/,
    );
    expect((await show(id)).status).toBe("connected");
  });

  test("that refuses a single delivery is connected again by the next one that arrives", async () => {
    proxy.before = async ({ method, path }) =>
      method === "POST" && path === "/v1/invoices" ? providerError(401) : undefined;
    await bill(account.stripe);
    expect((await show(id)).status).toBe("failed");
    // Nothing but a delivery looks at the account now.
    proxy.before = async ({ path }) => (path === "/v1/account" ? providerError(503) : undefined);
    const customer = await bill(account.stripe);
    expect(await statusOf(customer)).toBe("FINALIZED");
    expect(await show(id)).toMatchObject({ status: "connected", status_reason: null });
  });
});
