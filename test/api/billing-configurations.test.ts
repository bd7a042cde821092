import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  // The keys are made up: calls with them must not leave this machine, and nobody listens there.
  server = await startTestServer({ stripeApiBase: "http://127.0.0.1:9" });
});
afterAll(() => server?.close());

const customers = () => server.metronome.v1.customers;

async function createCustomer(extra: object = {}): Promise<string> {
  return (await customers().create({ name: "Acme", ...extra })).data.id;
}

const stripeRow = (customerId: string, extra: object = {}) => ({
  customer_id: customerId,
  billing_provider: "stripe" as const,
  delivery_method: "direct_to_billing_provider" as const,
  configuration: { stripe_customer_id: "cus_1", stripe_collection_method: "send_invoice" },
  ...extra,
});

async function listRows(customerId: string, archived = false) {
  const reply = await customers().retrieveBillingConfigurations({
    customer_id: customerId,
    include_archived: archived,
  });
  return reply.data;
}

async function listConnections(headers = {}) {
  const reply = await server.send("GET", "/v1/connections", undefined, headers);
  return reply.body.data as { id: string; name: string; is_default: boolean; built_in: boolean }[];
}

describe("billing configurations", () => {
  test("are set, read and archived", async () => {
    const id = await createCustomer();
    const [collect] = await listConnections();
    const set = await customers().setBillingConfigurations({ data: [stripeRow(id)] });
    expect(set.data).toEqual([
      { ...stripeRow(id), id: expect.any(String), delivery_method_id: collect?.id },
    ]);
    const rows = await listRows(id);
    expect(rows).toEqual([
      { ...set.data[0], archived_at: null, delivery_method_configuration: expect.any(Object) },
    ]);
    const ids = [rows[0]?.id ?? ""];
    const ended = await customers().archiveBillingConfigurations({
      customer_id: id,
      customer_billing_provider_configuration_ids: ids,
    });
    expect(ended.data).toEqual({
      customer_id: id,
      customer_billing_provider_configuration_ids: ids,
    });
    expect(await listRows(id)).toEqual([]);
    expect((await listRows(id, true))[0]?.archived_at).toEqual(expect.any(String));
  });

  test("given when the customer is created are the same rows", async () => {
    const { customer_id: _, ...row } = stripeRow("");
    const id = await createCustomer({ customer_billing_provider_configurations: [row] });
    expect(await listRows(id)).toMatchObject([{ ...row, customer_id: id }]);
    const read = await customers().retrieve({ customer_id: id });
    expect(read.data).toMatchObject({
      billing_config: {
        billing_provider_customer_id: "cus_1",
        stripe_collection_method: "send_invoice",
      },
    });
  });

  test("of several customers are set all or none", async () => {
    const [first, second] = [await createCustomer(), await createCustomer()];
    const bad = stripeRow(second, { configuration: {} });
    await expect(
      customers().setBillingConfigurations({ data: [stripeRow(first), bad] }),
    ).rejects.toMatchObject({ status: 400 });
    expect(await listRows(first)).toEqual([]);
    const unknown = stripeRow(randomUUID());
    await expect(
      customers().setBillingConfigurations({ data: [stripeRow(first), unknown] }),
    ).rejects.toMatchObject({ status: 404 });
    expect(await listRows(first)).toEqual([]);
  });

  test("of another customer cannot be archived", async () => {
    const [owner, other] = [await createCustomer(), await createCustomer()];
    const set = await customers().setBillingConfigurations({ data: [stripeRow(owner)] });
    await expect(
      customers().archiveBillingConfigurations({
        customer_id: other,
        customer_billing_provider_configuration_ids: [set.data[0]?.id ?? ""],
      }),
    ).rejects.toMatchObject({ status: 404 });
    expect(await listRows(owner)).toHaveLength(1);
  });

  test("need a connected provider", async () => {
    const { data } = await server.production.v1.customers.create({ name: "Live" });
    await expect(
      server.production.v1.customers.setBillingConfigurations({ data: [stripeRow(data.id)] }),
    ).rejects.toThrow(/stripe is not connected to the PRODUCTION environment/);
  });

  test.each([
    [{ billing_provider: "netsuite" }, "netsuite is not supported"],
    [{ billing_provider: "toString" }, "billing_provider must be one of"],
    [{ delivery_method: "aws_sqs" }, "delivery_method aws_sqs is not supported"],
    [{ tax_provider: "anrok" }, "data[0].tax_provider is not supported"],
    [
      { configuration: { stripe_customer_id: "cus", colour: 1 } },
      "unknown field configuration.colour",
    ],
    [{ configuration: "cus_1" }, "data[0].configuration"],
    [{ delivery_method_id: "x" }, "data[0].delivery_method_id"],
  ])("%j is refused", async (extra, message) => {
    const id = await createCustomer();
    const reply = await server.send("POST", "/v1/setCustomerBillingProviderConfigurations", {
      data: [stripeRow(id, extra)],
    });
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await listRows(id)).toEqual([]);
  });
});

describe("the older billing config", () => {
  const config = {
    billing_provider_type: "stripe",
    billing_provider_customer_id: "cus_a",
  } as const;

  test("is set, changed in place, read and deleted", async () => {
    const id = await createCustomer();
    const { billingConfig } = customers();
    await billingConfig.create({ customer_id: id, ...config });
    const [row] = await listRows(id);
    await billingConfig.create({
      customer_id: id,
      ...config,
      billing_provider_customer_id: "cus_b",
      stripe_collection_method: "send_invoice",
    });
    const read = await billingConfig.retrieve({ customer_id: id, billing_provider_type: "stripe" });
    expect(read.data).toEqual({
      billing_provider_customer_id: "cus_b",
      stripe_collection_method: "send_invoice",
    });
    const rows = await listRows(id);
    expect(rows.map(({ id: rowId }) => rowId)).toEqual([row?.id]);
    await billingConfig.delete({ customer_id: id, billing_provider_type: "stripe" });
    const gone = { customer_id: id, billing_provider_type: "stripe" } as const;
    await expect(billingConfig.retrieve(gone)).rejects.toMatchObject({ status: 404 });
    await expect(billingConfig.delete(gone)).rejects.toMatchObject({ status: 404 });
  });

  test("knows payers of one provider alone, and says what takes the others", async () => {
    const id = await createCustomer();
    const url = `/v1/customers/${id}/billing-config/quickbooks_online`;
    const { status, body } = await server.send("POST", url, { billing_provider_customer_id: "58" });
    expect([status, body.message]).toEqual([
      400,
      expect.stringMatching(/^billing_provider_type quickbooks_online .*setCustomerBilling/),
    ]);
    expect(await listRows(id)).toEqual([]);
  });
});

describe("connections", () => {
  const key = (mode: string) => `sk_${mode}_${randomUUID().replaceAll("-", "")}`;
  const post = (body: object) => server.send("POST", "/v1/client/billing-config/stripe", body);
  const listProviders = async () =>
    (await server.metronome.v1.settings.billingProviders.list()).data;

  test("a key of one's own takes the place of the built-in Stripe and gives it back", async () => {
    const [collect] = await listConnections();
    expect(collect).toMatchObject({ built_in: true, is_default: true });
    const id = await createCustomer({
      billing_config: { billing_provider_type: "stripe", billing_provider_customer_id: "c" },
    });
    expect((await listRows(id))[0]?.delivery_method_id).toBe(collect?.id);

    const connected = await post({ stripe_api_key: key("test") });
    expect([connected.status, connected.body]).toEqual([200, ""]);
    const own = (await listConnections()).find((connection) => !connection.built_in);
    expect(own).toMatchObject({ is_default: true, provider: "stripe" });
    expect((await listRows(id))[0]?.delivery_method_id).toBe(own?.id);
    expect((await listProviders()).map((row) => row.delivery_method_id)).toEqual([
      collect?.id,
      own?.id,
    ]);

    const replaced = await server.send("PATCH", "/v1/client/billing-config/stripe", {
      stripe_api_key: key("test"),
    });
    expect(replaced.status).toBe(200);
    await post({ stripe_api_key: key("test") });
    expect((await listConnections()).map((connection) => connection.id)).toEqual([
      collect?.id,
      own?.id,
    ]);

    const deleted = await server.send("DELETE", "/v1/client/billing-config/stripe");
    expect([deleted.status, deleted.body]).toEqual([200, ""]);
    expect((await listRows(id))[0]?.delivery_method_id).toBe(collect?.id);
    expect(await listConnections()).toMatchObject([{ id: collect?.id, is_default: true }]);
    const again = await server.send("DELETE", "/v1/client/billing-config/stripe");
    expect(again.status).toBe(404);
  });

  test("several accounts need a delivery_method_id", async () => {
    const connect = async (name: string) => {
      const { body } = await server.send("POST", "/v1/connections", {
        provider: "stripe",
        name,
        credential: { api_key: key("test") },
      });
      return body.data as { id: string; is_default: boolean };
    };
    const [first, second] = [await connect("first"), await connect("second")];
    expect([first.is_default, second.is_default]).toEqual([true, false]);
    const id = await createCustomer();
    await expect(customers().setBillingConfigurations({ data: [stripeRow(id)] })).rejects.toThrow(
      /delivery_method_id is required/,
    );
    const set = await customers().setBillingConfigurations({
      data: [stripeRow(id, { delivery_method_id: second.id })],
    });
    expect(set.data[0]?.delivery_method_id).toBe(second.id);

    const path = `/v1/connections/${second.id}`;
    const renamed = await server.send("PATCH", path, { name: "renamed" });
    expect(renamed.body.data).toMatchObject({ id: second.id, name: "renamed" });
    await server.send("DELETE", `/v1/connections/${first.id}`);
    expect((await server.send("GET", path)).body.data.is_default).toBe(true);
    await server.send("DELETE", path);
    expect((await server.send("GET", path)).status).toBe(404);
  });

  test("never show a credential, and store it encrypted", async () => {
    const secret = key("test");
    const { body } = await server.send("POST", "/v1/connections", {
      provider: "stripe",
      credential: { api_key: secret },
    });
    const shown = JSON.stringify([body, await listConnections(), await listProviders()]);
    expect(shown).not.toContain(secret);
    const row = await server.db
      .selectFrom("connections")
      .select("credential")
      .where("id", "=", body.data.id)
      .executeTakeFirstOrThrow();
    expect(row.credential).not.toContain(secret);
    await server.send("DELETE", `/v1/connections/${body.data.id}`);
  });

  test.each([
    [
      "a live key in the sandbox",
      { stripe_api_key: key("live") },
      "SANDBOX environment takes test mode",
    ],
    ["a publishable key", { stripe_api_key: "pk_test_1234567" }, "secret or restricted"],
    ["no key", {}, "stripe_api_key is required"],
    [
      "a key for taxes",
      { stripe_api_key: key("test"), anrok_api_key: "a" },
      "anrok_api_key is not supported",
    ],
  ])("%s is refused", async (_what, body, message) => {
    const reply = await post(body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(JSON.stringify(reply.body)).not.toMatch(/k_(test|live)_\w{7}/);
    expect(await listConnections()).toHaveLength(1);
  });

  test("a test key is refused in PRODUCTION, a live one taken", async () => {
    const headers = { authorization: `Bearer ${server.productionToken}` };
    const path = "/v1/client/billing-config/stripe";
    const refused = await server.send("POST", path, { stripe_api_key: key("test") }, headers);
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringContaining("PRODUCTION environment takes live mode"),
    ]);
    expect((await server.send("POST", path, { stripe_api_key: key("live") }, headers)).status).toBe(
      200,
    );
    const [live] = await listConnections(headers);
    expect((await server.send("GET", `/v1/connections/${live?.id}`)).status).toBe(404);
    expect((await server.send("DELETE", `/v1/connections/${live?.id}`)).status).toBe(404);
    expect(await listConnections(headers)).toHaveLength(1);
  });

  test("the built-in one is the server's own", async () => {
    const [collect] = await listConnections();
    const path = `/v1/connections/${collect?.id}`;
    expect((await server.send("DELETE", path)).status).toBe(409);
    expect((await server.send("PATCH", path, { name: "mine" })).status).toBe(409);
  });

  test.each([
    [{ provider: "netsuite", credential: {} }, "provider netsuite is not supported"],
    [{ provider: "toString", credential: {} }, "not supported"],
    [{ provider: "__proto__", credential: {} }, "not supported"],
    [{ provider: "constructor", credential: {} }, "not supported"],
    [{ provider: "stripe", credential: "sk_test_1" }, "credential"],
    [
      { provider: "stripe", credential: { api_key: "sk_test_1234" }, settings: { a: 1 } },
      "unknown field settings.a",
    ],
  ])("%j is refused", async (body, message) => {
    const reply = await server.send("POST", "/v1/connections", body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe("the environment", () => {
  test("shows its name, ids, connections and versions", async () => {
    const { body } = await server.send("GET", "/v1/environment");
    expect(body.data).toMatchObject({
      name: "SANDBOX",
      client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      org_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      connections: [{ provider: "stripe", built_in: true }],
      versions: { ledgerline: expect.any(String) },
    });
  });

  test("its grace period can be changed, to whole hours", async () => {
    const path = "/v1/settings/invoicing";
    const initial = {
      grace_period_hours: 24,
      finalization: "automatic",
      late_usage: "report",
      invoice_rounding: "sum_then_round",
      period_end: "exclusive",
      proration_basis: "time",
      rounding_mode: "half_away_from_zero",
      tier_bound: "lower_tier",
      zero_usage_tier_fee: "not_charged",
      seller: null,
    };
    expect((await server.send("GET", path)).body.data).toEqual(initial);
    const changed = await server.send("PATCH", path, {
      grace_period_hours: 0,
      late_usage: "report",
    });
    expect(changed.body.data).toEqual({ ...initial, grace_period_hours: 0 });
    const headers = { authorization: `Bearer ${server.productionToken}` };
    expect((await server.send("GET", path, undefined, headers)).body.data).toEqual(initial);
    for (const [body, message] of [
      [{ finalization: "sometimes" }, "finalization must be one of automatic, on_approval"],
      [{ grace_period_hours: 1.5 }, "grace_period_hours"],
      [{ grace_period_hours: -1 }, "grace_period_hours"],
      [{ grace_period_hours: "1" }, "grace_period_hours"],
      [{ grace_period_hours: 1e300 }, "grace_period_hours"],
      [{ grace: 1 }, "unknown field grace"],
    ] as const) {
      const refused = await server.send("PATCH", path, body);
      expect([refused.status, refused.body.message]).toEqual([
        400,
        expect.stringContaining(message),
      ]);
    }
    expect((await server.send("GET", path)).body.data.grace_period_hours).toBe(0);
  });

  test("lists its credit types page by page, USD first", async () => {
    const listed = [];
    for await (const type of server.metronome.v1.pricingUnits.list({ limit: 5 })) listed.push(type);
    expect(listed[0]).toEqual({
      id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2",
      name: "USD (cents)",
      is_currency: true,
    });
    expect(listed.map((type) => type.name)).toContain("EUR");
    expect(new Set(listed.map((type) => type.id)).size).toBe(listed.length);
  });
});
