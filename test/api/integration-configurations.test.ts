import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCustomer } from "../support/billing.ts";
import {
  findFreePort,
  type ProviderProxy,
  providerError,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const BILL = { entityType: "Bill", destination: "STRIPE_TEST" };

let server: TestServer;
let proxy: ProviderProxy;
let base: string;
let url: string;
let accountId: string;
let userId: string;
let collectId: string;
let production: { base: string; headers: Record<string, string> };

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  server = await startTestServer({ collectPort, stripeApiBase: proxy.url });
  const { body } = await server.send("GET", "/v1/environment");
  base = `/organizations/${body.data.org_id}`;
  url = `${base}/integrationconfigs`;
  accountId = await createCustomer(server.metronome, "Acme");
  const user = { name: "Bea", email: "bea@example.com" };
  userId = (await server.send("POST", `${base}/users`, user)).body.id;
  collectId = (await server.send("GET", `${base}/integrationcredentials`)).body.data[0].id;
  const headers = { authorization: `Bearer ${server.productionToken}` };
  const theirs = await server.send("GET", "/v1/environment", undefined, headers);
  production = { base: `/organizations/${theirs.body.data.org_id}`, headers };
});
afterAll(async () => {
  await server.close();
  await proxy.close();
});

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape.
async function create(fields: Record<string, unknown> = {}): Promise<any> {
  const { status, body } = await server.send("POST", url, { ...BILL, ...fields });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const read = async (id: string) => (await server.send("GET", `${url}/${id}`)).body;

const DEFAULTS = {
  accountIds: [],
  restrictedAccountIds: [],
  disabledNotificationUserIds: [],
  onlySendBillOnApproval: false,
  useExternalMappingAccountCode: false,
  excludedLineItemTypes: [],
  sortLineItemsBy: "NONE",
  accountFilter: null,
  createStripeInvoice: true,
  priceDataProductId: null,
  poNumberCustomField: null,
  sendDueDate: false,
  collectionMethod: "charge_automatically",
};

describe("a configuration", () => {
  test("is created in three words, not connected yet, with every option's default", async () => {
    const { status, body } = await server.send("POST", url, {
      entityType: "bill",
      destination: "Stripe_Test",
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "Stripe (Test mode)",
      entityType: "Bill",
      destination: "STRIPE_TEST",
      destinationId: null,
      integrationCredentialsId: null,
      configData: DEFAULTS,
      exclusiveGroup: null,
      authorized: false,
      enabled: true,
      status: "NOT_CONNECTED",
      statusMessage: "The integration is not yet connected to Stripe (Test mode): add a credential",
      errorCount: 0,
      disabledReason: null,
      dtDisabled: null,
      triggerType: "EVENT",
      warnings: [],
      version: 1,
      dtCreated: expect.any(String),
      createdBy: "bootstrap",
      dtLastModified: expect.any(String),
      lastModifiedBy: "bootstrap",
    });
    expect(await read(body.id)).toEqual(body);
  });

  test("takes every option of the guide, typed or as text", async () => {
    const typed = {
      accountIds: [accountId],
      restrictedAccountIds: [],
      disabledNotificationUserIds: [userId],
      onlySendBillOnApproval: true,
      useExternalMappingAccountCode: true,
      excludedLineItemTypes: ["AD_HOC", "MINIMUM_SPEND"],
      sortLineItemsBy: "AGGREGATION_ID",
      accountFilter: 'customFields.country == "UK"',
      createStripeInvoice: true,
      priceDataProductId: "prod_123",
      poNumberCustomField: "PO number",
      sendDueDate: true,
      collectionMethod: "send_invoice",
    };
    const asText = Object.fromEntries(
      Object.entries(typed).map(([name, value]) => [name, String(value)]),
    );
    for (const configData of [typed, asText, { ...asText, sortLineItemsBy: "Aggregation ID" }]) {
      const made = await create({ name: "UK", configData });
      expect(made.configData).toEqual(typed);
    }
  });

  test("is replaced whole: what was read can be sent back, what is left out gets its default", async () => {
    const made = await create({
      name: "EU",
      exclusiveGroup: "regions",
      integrationCredentialsId: collectId,
      configData: { onlySendBillOnApproval: true },
    });
    const target = `${url}/${made.id}`;
    const same = await server.send("PUT", target, made);
    expect(same.status, same.body.message).toBe(200);
    expect(same.body).toEqual({
      ...made,
      version: 2,
      dtLastModified: expect.any(String),
    });
    const bare = await server.send("PUT", target, { ...BILL, version: 2 });
    expect(bare.body).toMatchObject({
      name: "Stripe (Test mode)",
      exclusiveGroup: null,
      configData: DEFAULTS,
      // The credential stays until it is disconnected.
      status: "CONNECTED",
      version: 3,
    });
    const late = await server.send("PUT", target, made);
    expect([late.status, late.body.message]).toEqual([
      409,
      "The integration configuration is at version 3, not 1: read it again and repeat the change",
    ]);
    const unversioned = await server.send("PUT", target, BILL);
    expect([unversioned.status, unversioned.body.message]).toEqual([400, "version is required"]);
  });

  test("is replaced once when two do it at the same time, and what is not connected stays so", async () => {
    const made = await create({ exclusiveGroup: " regions " });
    expect(made).toMatchObject({ exclusiveGroup: "regions", integrationCredentialsId: null });
    const replies = await Promise.all(
      ["One", "Two"].map((name) => server.send("PUT", `${url}/${made.id}`, { ...made, name })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = replies.find(({ status }) => status === 200)?.body;
    expect(winner).toMatchObject({ version: 2, status: "NOT_CONNECTED" });
    expect(await read(made.id)).toEqual(winner);
  });

  test.each([
    [{ enabled: false }, "enabled is read-only"],
    [{ authorized: true }, "authorized is read-only"],
    [{ status: "CONNECTED" }, "status is read-only"],
    [{ errorCount: 3 }, "errorCount is read-only"],
    [{ createdBy: "me" }, "createdBy is read-only"],
    [{ warnings: ["x"] }, "warnings is read-only"],
    [{ id: NOBODY }, "id is read-only"],
    [{ destination: "STRIPE" }, "only the PRODUCTION environment"],
    [{ destinationId: NOBODY }, "must name a credential for STRIPE_TEST"],
    [{ configData: { nonsense: 1 } }, "unknown field configData.nonsense"],
    [{ color: "red" }, "unknown field color"],
  ])("is not replaced with %j", async (change, message) => {
    const made = await create({ name: "Kept" });
    const reply = await server.send("PUT", `${url}/${made.id}`, { ...made, ...change });
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await read(made.id)).toEqual(made);
  });

  test("is deleted, and answers once more as it was", async () => {
    const made = await create();
    expect((await server.send("DELETE", `${url}/${made.id}`)).body).toEqual(made);
    expect((await server.send("GET", `${url}/${made.id}`)).status).toBe(404);
    expect((await server.send("PUT", `${url}/${made.id}`, made)).status).toBe(404);
    expect((await server.send("POST", `${url}/${made.id}/enable`)).status).toBe(404);
    const { data } = (await server.send("GET", url)).body;
    expect(data.map(({ id }: { id: string }) => id)).not.toContain(made.id);
  });

  test("made twice under one Idempotency-Key is made once", async () => {
    const headers = { "idempotency-key": "config-once" };
    const body = { ...BILL, name: "Once" };
    const first = await server.send("POST", url, body, headers);
    const second = await server.send("POST", url, body, headers);
    expect(second.body).toEqual(first.body);
    const { data } = (await server.send("GET", `${url}?name=Once`)).body;
    expect(data).toHaveLength(1);
  });

  test("is in the audit log, before and after", async () => {
    const made = await create({ name: "Audited" });
    await server.send("POST", `${url}/${made.id}/disable`, { reason: "Month end" });
    const { body } = await server.send(
      "GET",
      `/v1/auditLogs?resource_type=integration_configuration&resource_id=${made.id}`,
    );
    expect(body.data).toMatchObject([
      { action: "create", after: { name: "Audited" } },
      { action: "disable", before: { enabled: true }, after: { enabled: false } },
    ]);
  });
});

describe("what is refused when a configuration is saved", () => {
  test.each([
    [{ onlySendBillOnApproval: 1 }, "configData.onlySendBillOnApproval must be true or false"],
    [{ accountIds: [NOBODY] }, `configData.accountIds names accounts that do not exist: ${NOBODY}`],
    [{ restrictedAccountIds: NOBODY }, "configData.restrictedAccountIds names accounts"],
    [{ accountIds: ["acme"] }, "configData.accountIds must be a list"],
    [
      { disabledNotificationUserIds: [NOBODY] },
      `configData.disabledNotificationUserIds names users that do not exist: ${NOBODY}`,
    ],
    [{ excludedLineItemTypes: ["USAGES"] }, "configData.excludedLineItemTypes must be a list"],
    [{ sortLineItemsBy: "amount" }, "must be one of NONE, SUBTOTAL, AGGREGATION_ID"],
    [{ accountFilter: "x".repeat(2001) }, "configData.accountFilter"],
    [{ accountFilter: 1 }, "configData.accountFilter"],
    [{ poNumberCustomField: "x".repeat(41) }, "configData.poNumberCustomField must be text"],
    [{ priceDataProductId: "prod 1" }, "configData.priceDataProductId must be the id"],
    [{ collectionMethod: "by_fax" }, "must be one of charge_automatically, send_invoice"],
    [{ sendDueDate: true }, "configData.sendDueDate must be false while"],
    [
      { sendDueDate: true, collectionMethod: "charge_automatically" },
      "configData.sendDueDate must be false while",
    ],
    [{ onlySendBillOnAproval: true }, "unknown field configData.onlySendBillOnAproval"],
    [{ constructor: true }, "unknown field configData.constructor"],
    ["onlySendBillOnApproval", "configData must be object or null"],
  ])("configData %j", async (configData, message) => {
    const reply = await server.send("POST", url, { ...BILL, name: "Refused", configData });
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await server.send("GET", `${url}?name=Refused`)).body.data).toEqual([]);
  });

  test.each([
    [{ destination: "STRIPE_TEST" }, "entityType is required"],
    [{ entityType: "Bill" }, "destination is required"],
    [{ ...BILL, entityType: "Notification" }, "entityType Notification is not supported yet"],
    [{ ...BILL, entityType: "Invoice" }, "entityType Invoice is not supported yet"],
    [{ ...BILL, destination: "NETSUITE" }, "destination NETSUITE is not supported yet"],
    [{ ...BILL, destination: "__proto__" }, "is not supported yet"],
    [
      { ...BILL, destination: "stripe" },
      "destination STRIPE is Stripe, which only the PRODUCTION environment may use; this one has QUICKBOOKS_SANDBOX, STRIPE_TEST",
    ],
    [{ ...BILL, entityId: NOBODY }, "entityId is not supported"],
    [{ ...BILL, integrationCredentialsId: NOBODY }, "must name a credential for STRIPE_TEST"],
    [{ ...BILL, integrationCredentialsId: "x" }, "integrationCredentialsId must be a uuid"],
    [{ ...BILL, credentials: { type: "STATIC_API_KEY", apiKey: "sk_live_1234" } }, "live mode key"],
    [{ ...BILL, credentials: { type: "STATIC_API_KEY" } }, "apiKey is required"],
    [{ ...BILL, version: 1 }, "unknown field version"],
  ])("%j", async (body, message) => {
    const reply = await server.send("POST", url, { ...body, name: "Refused" });
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await server.send("GET", `${url}?name=Refused`)).body.data).toEqual([]);
  });

  test("STRIPE_TEST in PRODUCTION, and the other environment's organization and ids", async () => {
    const { base: theirs, headers } = production;
    const reply = await server.send("POST", `${theirs}/integrationconfigs`, BILL, headers);
    expect([reply.status, reply.body.message]).toEqual([
      400,
      expect.stringContaining(
        "only the SANDBOX environment may use; this one has QUICKBOOKS, STRIPE",
      ),
    ]);
    const live = { ...BILL, destination: "STRIPE" };
    const made = await server.send("POST", `${theirs}/integrationconfigs`, live, headers);
    expect(made.body).toMatchObject({ destination: "STRIPE", name: "Stripe" });
    expect((await server.send("GET", `${theirs}/integrationconfigs`)).status).toBe(404);
    expect((await server.send("GET", `${url}/${made.body.id}`)).status).toBe(404);
    const accounts = { ...live, configData: { accountIds: [accountId] } };
    const foreign = await server.send("POST", `${theirs}/integrationconfigs`, accounts, headers);
    expect(foreign.body.message).toContain("accounts that do not exist");
  });
});

describe("what is saved with a warning", () => {
  test.each([
    ["COMMITMENT_CONSUMED", 1],
    ["BALANCE_CONSUMED", 1],
    ["CREDIT_MEMO", 1],
    ["USAGE", 0],
  ])("excluding %s: %d warnings", async (type, count) => {
    const { warnings } = await create({ configData: { excludedLineItemTypes: [type] } });
    expect(warnings).toHaveLength(count);
    for (const warning of warnings) expect(warning).toContain("pays more");
  });

  test("an account in both lists, and options without effect", async () => {
    const made = await create({
      configData: {
        accountIds: [accountId],
        restrictedAccountIds: [accountId],
        createStripeInvoice: false,
        poNumberCustomField: "PO",
      },
    });
    expect(made.warnings).toEqual([
      `Account ${accountId} is both selected and restricted: nothing of it is sent`,
      "poNumberCustomField has no effect while createStripeInvoice is off",
    ]);
    expect((await read(made.id)).warnings).toEqual(made.warnings);
  });
});

describe("connecting", () => {
  test("connect, update credential, disconnect; a PUT connects as well", async () => {
    const made = await create();
    const target = `${url}/${made.id}`;
    const connected = await server.send("POST", `${target}/connect`, {
      integrationCredentialsId: collectId,
    });
    expect(connected.body).toMatchObject({
      authorized: true,
      status: "CONNECTED",
      statusMessage: null,
      destinationId: collectId,
      integrationCredentialsId: collectId,
      version: 2,
    });
    const other = await server.send("POST", `${base}/integrationcredentials`, {
      type: "STATIC_API_KEY",
      destination: "STRIPE_TEST",
      name: "Other",
      apiKey: "sk_test_other1234",
    });
    const swapped = await server.send("PUT", target, {
      ...connected.body,
      integrationCredentialsId: other.body.id,
      destinationId: other.body.id,
    });
    expect(swapped.body).toMatchObject({ destinationId: other.body.id, version: 3 });
    const disagreeing = await server.send("PUT", target, {
      ...swapped.body,
      destinationId: collectId,
    });
    expect(disagreeing.status).toBe(400);
    const nulled = await server.send("PUT", target, {
      ...swapped.body,
      integrationCredentialsId: null,
    });
    expect(nulled.body.message).toContain("disconnect with POST");
    const disconnected = await server.send("POST", `${target}/disconnect`);
    expect(disconnected.body).toMatchObject({ authorized: false, status: "NOT_CONNECTED" });
    const missing = await server.send("POST", `${target}/connect`, {
      integrationCredentialsId: NOBODY,
    });
    expect(missing.status).toBe(400);
  });

  test("a credential can be made along with the configuration", async () => {
    const made = await create({
      credentials: { type: "STATIC_API_KEY", name: "Inline", apiKey: "sk_test_inline77" },
    });
    expect(made).toMatchObject({ status: "CONNECTED" });
    expect(made).not.toHaveProperty("credentials");
    const credential = await server.send(
      "GET",
      `${base}/integrationcredentials/${made.destinationId}`,
    );
    expect(credential.body).toMatchObject({
      name: "Inline",
      keyHint: "ne77",
      usedBy: [made.id],
    });
    const empty = await create({ credentials: { type: "STATIC_API_KEY", empty: true } });
    expect(empty).toMatchObject({ status: "NOT_CONNECTED" });
  });

  test("disable keeps its reason; enable takes it away and forgets the errors", async () => {
    const made = await create();
    await server.db
      .updateTable("integration_configurations")
      .set({ error_count: 9 })
      .where("id", "=", made.id)
      .execute();
    const target = `${url}/${made.id}`;
    const disabled = await server.send("POST", `${target}/disable`, { reason: "Month end" });
    expect(disabled.body).toMatchObject({
      enabled: false,
      disabledReason: "Month end",
      dtDisabled: expect.any(String),
      errorCount: 9,
    });
    const enabled = await server.send("POST", `${target}/enable`);
    expect(enabled.body).toMatchObject({
      enabled: true,
      disabledReason: null,
      dtDisabled: null,
      errorCount: 0,
    });
    const unexplained = await server.send("POST", `${target}/disable`);
    expect(unexplained.body.disabledReason).toBe("Disabled by bootstrap");
  });
});

describe("lists", () => {
  test("oldest first, a page at a time, by credential, destination, entity type and name", async () => {
    const made = [];
    for (let index = 0; index < 3; index += 1) {
      made.push((await create({ name: "Paged", integrationCredentialsId: collectId })).id);
    }
    const query = `name=Paged&destination=stripe_test&entityType=BILL&destinationId=${collectId}`;
    const first = (await server.send("GET", `${url}?${query}&pageSize=2`)).body;
    expect(first.data.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 2));
    const rest = (
      await server.send("GET", `${url}?${query}&pageSize=2&nextToken=${first.nextToken}`)
    ).body;
    expect(rest.data.map(({ id }: { id: string }) => id)).toEqual(made.slice(2));
    expect(rest.nextToken).toBeNull();
    expect((await server.send("GET", `${url}?destinationId=${NOBODY}`)).body.data).toEqual([]);
    for (const wrong of ["pageSize=201", "pageSize=0", "color=red", "entityType=Account"]) {
      expect((await server.send("GET", `${url}?${wrong}`)).status, wrong).toBe(400);
    }
  });

  test("of an entity type: the oldest", async () => {
    const all = (await server.send("GET", url)).body.data;
    const found = await server.send("GET", `${url}/entity/Bill?destination=STRIPE_TEST`);
    expect(found.body).toEqual(all[0]);
    expect((await server.send("GET", `${url}/entity/bill?destinationId=${NOBODY}`)).status).toBe(
      404,
    );
    const other = await server.send("GET", `${url}/entity/Notification`);
    expect(other.body.message).toContain("not supported yet");
  });
});

describe("what is available", () => {
  test("is described by the table that checks: each default is accepted, each choice listed", async () => {
    const { body } = await server.send("GET", `${url}/available`);
    const bill = body.supportedEntities.Bill;
    expect(
      bill.destinations.map((each: { destination: string; selectable: boolean }) => [
        each.destination,
        each.selectable,
      ]),
    ).toEqual([
      ["QUICKBOOKS", false],
      ["QUICKBOOKS_SANDBOX", true],
      ["STRIPE", false],
      ["STRIPE_TEST", true],
    ]);
    const destination = bill.destinations[3];
    expect(destination).toMatchObject({
      label: "Stripe (Test mode)",
      released: true,
      authType: "STATIC_API_KEY",
      categories: ["PAYMENTS", "INVOICING"],
      authConfigOptions: [{ authType: "STATIC_API_KEY" }, { authType: "STRIPE_SIGNED_REQUEST" }],
    });
    const options = [
      ...body.globalConfigurationOptions,
      ...bill.entityConfigurationOptions,
      ...destination.destinationConfigOptions,
    ];
    const defaults = options.map((option: { name: string; default: unknown }) => [
      option.name,
      option.default,
    ]);
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
    expect(options.find(({ name }: { name: string }) => name === "sortLineItemsBy")).toMatchObject({
      label: "Sort Line Items By",
      type: "CHOICE",
      choices: [
        { id: "NONE", label: "None" },
        { id: "SUBTOTAL", label: "Subtotal" },
        { id: "AGGREGATION_ID", label: "Aggregation ID" },
      ],
    });
    const made = await create({ configData: Object.fromEntries(defaults) });
    expect(made.configData).toEqual(DEFAULTS);
  });

  test("can be asked for by system", async () => {
    const one = await server.send("GET", `${url}/available?systemName=stripe_test&entityType=Bill`);
    expect(one.body.supportedEntities.Bill.destinations).toHaveLength(1);
    const systems = await server.send("GET", `${url}/available/systems`);
    expect(systems.body.data).toHaveLength(4);
    const entities = await server.send("GET", `${url}/available/STRIPE_TEST/entities`);
    expect(entities.body.data).toMatchObject([{ entityType: "Bill" }]);
    const auth = await server.send("GET", `${url}/available/STRIPE_TEST/auth/Bill`);
    expect(auth.body.data[0].options[0]).toMatchObject({
      name: "apiKey",
      type: "SECRET",
      required: true,
    });
    for (const path of ["XERO/entities", "STRIPE/auth/Bill", "STRIPE_TEST/auth/Account"]) {
      expect((await server.send("GET", `${url}/available/${path}`)).status, path).toBe(400);
    }
  });
});

describe("the values of an option", () => {
  const values = (option: string, query = "") =>
    server.send("GET", `${url}/values/STRIPE_TEST/${option}${query}`);

  test("accounts, users, line item types and orders", async () => {
    expect((await values("accountIds")).body).toEqual({
      data: [{ id: accountId, label: "Acme" }],
      nextToken: null,
    });
    expect((await values("disabledNotificationUserIds")).body.data).toEqual([
      { id: userId, label: "Bea <bea@example.com>" },
    ]);
    const types = (await values("excludedLineItemTypes")).body.data;
    expect(types).toHaveLength(19);
    expect(types[0]).toEqual({ id: "STANDING_CHARGE", label: "Standing charge" });
    expect((await values("sortLineItemsBy")).body.data).toHaveLength(3);
    expect((await values("collectionMethod")).body.data).toHaveLength(2);
  });

  test("products are those of the connected account, a page at a time", async () => {
    const ids: string[] = [];
    for (const name of ["Compute", "Storage"]) {
      ids.push((await server.stripe.products.create({ name })).id);
    }
    const option = `?integrationCredentialsId=${collectId}`;
    const all = (await values("priceDataProductId", option)).body;
    expect(all.nextToken).toBeNull();
    expect(all.data.map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
    expect(all.data).toContainEqual({ id: expect.any(String), label: "Compute" });
    const first = (await values("priceDataProductId", `${option}&pageSize=1`)).body;
    const second = (
      await values("priceDataProductId", `${option}&pageSize=1&nextToken=${first.nextToken}`)
    ).body;
    expect([...first.data, ...second.data]).toEqual(all.data);
  });

  test("of nothing that is connected there are none", async () => {
    const { base: theirs, headers } = production;
    const path = `${theirs}/integrationconfigs/values/STRIPE/priceDataProductId`;
    const none = await server.send("GET", path, undefined, headers);
    expect(none.body).toEqual({ data: [], nextToken: null });
    expect((await values("priceDataProductId", `?integrationCredentialsId=${NOBODY}`)).status).toBe(
      404,
    );
  });

  test("an account that does not answer, or refuses the key, is told as that and not as empty", async () => {
    const option = `?integrationCredentialsId=${collectId}`;
    proxy.before = async ({ path }) =>
      path === "/v1/products" ? providerError(500, { message: "Out of order" }) : undefined;
    const broken = await values("priceDataProductId", option);
    proxy.before = undefined;
    expect([broken.status, broken.body.message]).toEqual([
      503,
      expect.stringContaining("Stripe (Test mode) does not tell its values: Out of order"),
    ]);
    const unknown = await create({
      credentials: { type: "STATIC_API_KEY", apiKey: "sk_test_nobodys1234" },
    });
    const refused = await values(
      "priceDataProductId",
      `?integrationCredentialsId=${unknown.destinationId}`,
    );
    expect([refused.status, refused.body.message]).toEqual([
      409,
      expect.stringContaining("does not tell its values"),
    ]);
    expect(refused.body.message).not.toContain("sk_test_nobodys1234");
  });

  test.each([
    ["nonsense", "configOption must be one of"],
    ["constructor", "configOption must be one of"],
    ["accountFilter", "not chosen from a list"],
    ["sendDueDate", "not chosen from a list"],
  ])("%s has none", async (option, message) => {
    const reply = await values(option);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test("tokens of another list are refused", async () => {
    const reply = await values("accountIds", "?nextToken=bm9uc2Vuc2U");
    expect(reply.status).toBe(400);
  });
});
