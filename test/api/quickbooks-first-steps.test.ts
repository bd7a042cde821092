import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuickBooks, type QuickBooks } from "../quickbooks/open-quickbooks.ts";
import { createContract, createRateCard, createUsageProduct, use } from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/* The steps of docs/quickbooks.md as somebody does them who has nothing yet, in their order. */

let quickBooks: QuickBooks;
let server: TestServer;

beforeAll(async () => {
  quickBooks = await openQuickBooks({ limits: false });
  server = await startTestServer({
    qboApiBase: quickBooks.apiBase,
    qboOauthBase: quickBooks.oauthBase,
  });
  await server.setClock("2026-01-01T00:00:00Z");
}, 60_000);
afterAll(async () => {
  await server?.close();
  await quickBooks?.close();
});

/** A request that must succeed. */
async function ask(method: string, path: string, json?: unknown) {
  const { status, body } = await server.send(method, path, json);
  expect([status, body.message], `${method} ${path}`).toEqual([200, undefined]);
  return body.data ?? body;
}

/** The run of the only invoice, once everything that is due at `now` was done. */
async function runAt(now: string) {
  await server.setClock(now);
  const [run, ...more] = await ask("GET", "/v1/runs?provider=quickbooks_online");
  expect(more).toEqual([]);
  return run;
}

test("from an app at Intuit to an invoice that is paid", async () => {
  const { environment, app, company } = await openParts();
  // 2. The connection.
  const { id, status } = await ask("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: { client_id: app.clientId, client_secret: app.clientSecret },
  });
  expect(status).toBe("authorization_required");
  const path = `/v1/connections/${id}`;
  const early = await ask("POST", `${path}/test`);
  expect(early.problems).toMatchObject([
    { code: "authorization_required", remedy: expect.stringContaining("/authorize") },
  ]);

  // 3. Consent.
  const { authorize_url: page } = await ask("POST", `${path}/authorize`);
  expect((await fetch(await quickBooks.consent(page))).status).toBe(200);
  expect(await ask("GET", path)).toMatchObject({
    status: "connected",
    settings: { realm_id: quickBooks.realmId, home_currency: "USD", multicurrency: false },
  });

  // 4. The test: nothing blocks, and what a person has to decide is told, items among it.
  const tested = await ask("POST", `${path}/test`);
  expect(tested).toMatchObject({ ok: true, problems: [] });
  expect(tested.by_hand.join()).toMatch(/Each product needs an item.*commit_item_id/);

  // 5. Webhooks.
  await ask("PATCH", path, { credential: { webhook_verifier_token: app.verifierToken } });

  // 7. A customer, whose customer in QuickBooks is mistyped, and a product without an item.
  const { metronome } = server;
  const { data: customer } = await metronome.v1.customers.create({ name: "First" });
  const configure = (configuration: object) =>
    ask("POST", "/v1/setCustomerBillingProviderConfigurations", {
      data: [
        {
          customer_id: customer.id,
          billing_provider: "quickbooks_online",
          delivery_method: "direct_to_billing_provider",
          configuration,
        },
      ],
    });
  const [mistyped] = await configure({ qbo_customer_id: "58" });
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "Calls"), 250],
  ]);
  await createContract(metronome, customer.id, card, {
    starting_at: "2026-01-01T00:00:00Z",
    ending_before: "2026-02-01T00:00:00Z",
  });
  await use(metronome, customer.id, "Calls", "2026-01-02T00:00:00Z", 3);
  const [draft] = await ask("GET", `/v1/customers/${customer.id}/invoices`);
  const requests = await ask("POST", `/v1/invoices/${draft.id}/provider-requests`);
  expect(requests.at(-1).params).toMatchObject({ CustomerRef: { value: "58" } });

  // Each refusal says what to do, and a retry goes on.
  const first = await runAt("2026-02-02T01:00:00Z");
  expect(first.error).toMatchObject({
    code: "item_missing",
    message: expect.stringMatching(/Calls.*qbo_item_id.*default_item_id.*create_items.*retry/),
  });
  // 6. Items: the list to choose from is that of the integrations.
  const lists = `/organizations/${environment.org_id}/integrationconfigs/values/QUICKBOOKS_SANDBOX`;
  const [item] = await ask("GET", `${lists}/defaultItemId`);
  await ask("PATCH", path, { settings: { default_item_id: item.id } });
  await ask("POST", `/v1/runs/${first.id}/retry`);
  const second = await runAt("2026-02-02T02:00:00Z");
  expect(second.error).toMatchObject({
    code: "quickbooks_2500",
    message: expect.stringMatching(/CustomerRef.*correct what names it.*qbo_customer_id/),
  });
  // Another configuration beside it decides nothing, and a retry does not guess.
  await configure({});
  const unclear = await server.send("POST", `/v1/runs/${first.id}/retry`);
  expect([unclear.status, unclear.body.message]).toEqual([
    409,
    expect.stringMatching(/2 active billing configurations.*archive all but one.*then retry/),
  ]);
  await ask("POST", "/v1/archiveCustomerBillingProviderConfigurations", {
    customer_id: customer.id,
    customer_billing_provider_configuration_ids: [mistyped.id],
  });
  await ask("POST", `/v1/runs/${first.id}/retry`);
  expect(await runAt("2026-02-02T03:00:00Z")).toMatchObject({
    status: "SENT",
    external_status: "FINALIZED",
    error: null,
  });
  const [made] = company.list("Invoice");
  expect(made).toMatchObject({ CustomerRef: { name: "First" }, TotalAmt: 7.5, Balance: 7.5 });

  // Somebody pays, and Intuit tells of it.
  quickBooks.events.length = 0;
  company.pay(made?.Id ?? "");
  const url = `${server.url}/quickbooks/${environment.client_id}/SANDBOX`;
  expect((await quickBooks.sendWebhooks({ url })).map((sent) => sent.status)).toEqual([200]);
  expect(await runAt("2026-02-02T03:00:01Z")).toMatchObject({ external_status: "PAID" });
});

/** 1. The app, which knows where to send people back to. */
async function openParts() {
  const environment = await ask("GET", "/v1/environment");
  quickBooks.app.redirectUris.push(`${environment.public_url}/oauth/quickbooks/callback`);
  return { environment, app: quickBooks.app, company: quickBooks.company };
}
