import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

const alias = () => `alias-${randomUUID()}`;
const customers = () => server.metronome.v1.customers;

async function createCustomer(extra: object = {}): Promise<string> {
  const { data } = await customers().create({ name: "Acme", ...extra });
  return data.id;
}

describe("creating customers", () => {
  test("answers the customer, and reading answers the same", async () => {
    const ingestAliases = [alias(), alias()];
    const { data } = await customers().create({
      name: "Example, Inc.",
      ingest_aliases: ingestAliases,
    });
    expect(data).toMatchObject({
      name: "Example, Inc.",
      ingest_aliases: ingestAliases,
      external_id: ingestAliases[0],
      custom_fields: {},
    });
    const read = await customers().retrieve({ customer_id: data.id });
    expect(read.data).toMatchObject({ ...data, customer_config: { salesforce_account_id: null } });
    expect(read.data.archived_at).toBeNull();
    expect(Date.parse(read.data.created_at)).not.toBeNaN();
  });

  test("takes the id as external id without an alias", async () => {
    const { data } = await customers().create({ name: "Plain" });
    expect(data.external_id).toBe(data.id);
  });

  test("puts the older external_id first among the aliases, once", async () => {
    const [first, second] = [alias(), alias()];
    const { data } = await customers().create({
      name: "Older",
      external_id: first,
      ingest_aliases: [second, first],
    });
    expect(data.ingest_aliases).toEqual([first, second]);
  });

  test("cuts a name at 160 characters, never within one", async () => {
    const { data } = await customers().create({ name: "\u{1F600}".repeat(161) });
    expect(data.name).toBe("\u{1F600}".repeat(160));
    const renamed = await customers().setName({ customer_id: data.id, name: "x".repeat(5000) });
    expect(renamed.data.name).toHaveLength(160);
  });

  test("echoes the guide's billing_config", async () => {
    const { data } = await customers().create({
      ingest_aliases: [alias()],
      name: "Example, Inc.",
      billing_config: {
        billing_provider_type: "stripe",
        billing_provider_customer_id: "cus_guide",
        stripe_collection_method: "charge_automatically",
      },
    });
    const echo = {
      billing_provider_type: "stripe",
      billing_provider_customer_id: "cus_guide",
      stripe_collection_method: "charge_automatically",
    };
    expect(data).toMatchObject({ billing_config: echo });
    const read = await customers().retrieve({ customer_id: data.id });
    expect(read.data).toMatchObject({ billing_config: echo });
    const rows = await customers().retrieveBillingConfigurations({ customer_id: data.id });
    expect(rows.data).toHaveLength(1);
  });

  test("is all or nothing", async () => {
    const ingestAlias = alias();
    const refused = await server.send("POST", "/v1/customers", {
      name: "Half",
      ingest_aliases: [ingestAlias],
      custom_fields: { never_added: "x" },
    });
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain("never_added");
    const found = await customers().list({ ingest_alias: ingestAlias });
    expect(found.data).toEqual([]);
    await createCustomer({ ingest_aliases: [ingestAlias] });
  });

  test("runs once under an Idempotency-Key", async () => {
    const ingestAlias = alias();
    const headers = { "Idempotency-Key": randomUUID() };
    const body = { name: "Once", ingest_aliases: [ingestAlias] };
    const first = await server.send("POST", "/v1/customers", body, headers);
    const second = await server.send("POST", "/v1/customers", body, headers);
    expect(first.status).toBe(200);
    expect(second.body).toEqual(first.body);
  });
});

describe("ingest aliases", () => {
  test("one of another customer is a conflict, archived or not", async () => {
    const taken = alias();
    const owner = await createCustomer({ ingest_aliases: [taken] });
    await customers().archive({ id: owner });
    const other = await createCustomer({ ingest_aliases: [alias()] });
    const created = await server.send("POST", "/v1/customers", {
      name: "Second",
      ingest_aliases: [taken],
    });
    expect(created.status).toBe(409);
    expect(created.headers.get("x-should-retry")).toBe("false");
    const before = await customers().retrieve({ customer_id: other });
    const set = await server.send("POST", `/v1/customers/${other}/setIngestAliases`, {
      ingest_aliases: [alias(), taken],
    });
    expect(set.status).toBe(409);
    const after = await customers().retrieve({ customer_id: other });
    expect(after.data).toEqual(before.data);
  });

  test("the id of another customer is a conflict too", async () => {
    const first = await createCustomer();
    const second = await createCustomer();
    const set = await server.send("POST", `/v1/customers/${second}/setIngestAliases`, {
      ingest_aliases: [first.toUpperCase()],
    });
    expect(set.status).toBe(409);
  });

  test("are replaced as a whole, in order, by an empty 200", async () => {
    const kept = alias();
    const id = await createCustomer({ ingest_aliases: [alias(), kept] });
    const added = alias();
    const reply = await server.send("POST", `/v1/customers/${id}/setIngestAliases`, {
      ingest_aliases: [added, kept],
    });
    expect([reply.status, reply.body, reply.headers.get("content-length")]).toEqual([200, "", "0"]);
    const read = await customers().retrieve({ customer_id: id });
    expect(read.data.ingest_aliases).toEqual([added, kept]);
  });

  test("are the same in both environments without meeting", async () => {
    const same = alias();
    await createCustomer({ ingest_aliases: [same] });
    const { data } = await server.production.v1.customers.create({
      name: "Live",
      ingest_aliases: [same],
    });
    expect(data.ingest_aliases).toEqual([same]);
  });

  test("two requests at once for one alias make one customer", async () => {
    const wanted = alias();
    const replies = await Promise.all(
      Array.from({ length: 6 }, () =>
        server.send("POST", "/v1/customers", { name: "Race", ingest_aliases: [wanted] }),
      ),
    );
    const statuses = replies.map((reply) => reply.status).toSorted();
    expect(statuses).toEqual([200, 409, 409, 409, 409, 409]);
  });
});

describe("reading customers", () => {
  test("lists by ids, alias and Salesforce account, page by page in order of creation", async () => {
    const ids = [];
    for (let count = 0; count < 5; count += 1) ids.push(await createCustomer());
    const seen = [];
    for await (const customer of customers().list({ customer_ids: ids.toReversed(), limit: 2 })) {
      seen.push(customer.id);
    }
    expect(seen).toEqual(ids);

    await customers().updateConfig({ customer_id: ids[1] ?? "", salesforce_account_id: "sf-1" });
    const bySalesforce = await customers().list({ salesforce_account_ids: ["sf-1", "sf-2"] });
    expect(bySalesforce.data.map((customer) => customer.id)).toEqual([ids[1]]);

    const known = alias();
    await customers().setIngestAliases({ customer_id: ids[2] ?? "", ingest_aliases: [known] });
    const byAlias = await customers().list({ ingest_alias: known });
    expect(byAlias.data.map((customer) => customer.id)).toEqual([ids[2]]);
  });

  test("archived ones are listed only when asked, and stay readable", async () => {
    const id = await createCustomer();
    expect((await customers().archive({ id })).data.id).toBe(id);
    const archivedAt = (await customers().retrieve({ customer_id: id })).data.archived_at;
    expect(archivedAt).toEqual(expect.any(String));
    await customers().archive({ id });
    expect((await customers().retrieve({ customer_id: id })).data.archived_at).toBe(archivedAt);
    expect((await customers().list({ customer_ids: [id] })).data).toEqual([]);
    const archived = await customers().list({ customer_ids: [id], only_archived: true });
    expect(archived.data).toHaveLength(1);
    const renamed = await server.send("POST", `/v1/customers/${id}/setName`, { name: "Late" });
    expect(renamed.status).toBe(400);
    expect(renamed.body.message).toContain("archived");
  });

  test("contracts are archived with their customer, its finalized invoices are void", async () => {
    await server.setClock("2025-03-10T00:00:00Z");
    const { v1, v2 } = server.metronome;
    const id = await createCustomer();
    const fee = await v1.contracts.products.create({ name: "Fee", type: "FIXED" });
    const charge = (timestamp: string) => ({
      product_id: fee.data.id,
      schedule: { schedule_items: [{ timestamp, amount: 100 }] },
    });
    const contract = await v1.contracts.create({
      customer_id: id,
      starting_at: "2025-03-01T00:00:00Z",
      scheduled_charges: [charge("2025-03-01T00:00:00Z"), charge("2025-04-01T00:00:00Z")],
    });
    await server.setClock("2025-03-11T00:00:00Z");
    await customers().archive({ id });

    const read = await v2.contracts.retrieve({ customer_id: id, contract_id: contract.data.id });
    expect(read.data.archived_at).toBe("2025-03-11T00:00:00Z");
    await server.setClock("2025-05-03T00:00:00Z");
    const invoices = await v1.customers.invoices.list({ customer_id: id });
    expect(invoices.data.map(({ status, issued_at }) => [status, issued_at])).toEqual([
      ["VOID", "2025-03-10T00:00:00Z"],
    ]);
  });

  test("renaming answers the customer", async () => {
    const id = await createCustomer();
    const { data } = await customers().setName({ customer_id: id, name: "New name" });
    expect(data).toMatchObject({ id, name: "New name" });
  });

  test("a customer of the other environment does not exist", async () => {
    const id = await createCustomer();
    await expect(
      server.production.v1.customers.retrieve({ customer_id: id }),
    ).rejects.toMatchObject({
      status: 404,
    });
    await expect(
      server.production.v1.customers.setName({ customer_id: id, name: "x" }),
    ).rejects.toMatchObject({ status: 404 });
    await expect(server.production.v1.customers.archive({ id })).rejects.toMatchObject({
      status: 404,
    });
    const listed = await server.production.v1.customers.list({ customer_ids: [id] });
    expect(listed.data).toEqual([]);
  });
});

describe("bad input", () => {
  test.each([
    ["not JSON", '{"name":', "JSON"],
    ["an array", [], "object"],
    ["no name", {}, "name is required"],
    ["an empty name", { name: "" }, "name"],
    ["a number as name", { name: 5 }, "name must be string"],
    ["a name of 1 MB", { name: "x".repeat(1_000_000) }, "name"],
    ["a lone surrogate", '{"name":"\\ud800"}', "surrogate"],
    ["NUL in a name", { name: "a\0b" }, "NUL"],
    ["an unknown field", { name: "a", nam: "b" }, "unknown field nam"],
    [
      "an unsupported field",
      { name: "a", customer_revenue_system_configurations: [{ provider: "netsuite" }] },
      "customer_revenue_system_configurations is not supported",
    ],
    ["an empty alias", { name: "a", ingest_aliases: [""] }, "ingest_aliases[0]"],
    ["a long alias", { name: "a", ingest_aliases: ["x".repeat(129)] }, "ingest_aliases[0]"],
    ["a repeated alias", { name: "a", ingest_aliases: ["q", "q"] }, "ingest_aliases[1]"],
    [
      "2001 aliases",
      { name: "a", ingest_aliases: Array.from({ length: 2001 }, (_, i) => `n${i}`) },
      "ingest_aliases",
    ],
    ["a custom field with NUL", { name: "a", custom_fields: { "k\0": "v" } }, "custom_fields"],
    [
      "a long custom field",
      { name: "a", custom_fields: { key: "v".repeat(201) } },
      "custom_fields",
    ],
    [
      "an unknown provider",
      {
        name: "a",
        billing_config: { billing_provider_type: "paypal", billing_provider_customer_id: "c" },
      },
      "billing_config.billing_provider_type",
    ],
    [
      "a provider that is not done",
      {
        name: "a",
        billing_config: { billing_provider_type: "netsuite", billing_provider_customer_id: "c" },
      },
      "netsuite is not supported",
    ],
    [
      "a provider whose payers the older form does not know",
      {
        name: "a",
        billing_config: {
          billing_provider_type: "quickbooks_online",
          billing_provider_customer_id: "58",
        },
      },
      "quickbooks_online is not supported in this form: use customer_billing_provider_configurations",
    ],
    [
      "a marketplace's field",
      {
        name: "a",
        billing_config: {
          billing_provider_type: "stripe",
          billing_provider_customer_id: "c",
          aws_region: "us-east-1",
        },
      },
      "billing_config.aws_region is not supported",
    ],
    [
      "both forms of configuration",
      {
        name: "a",
        billing_config: { billing_provider_type: "stripe", billing_provider_customer_id: "c" },
        customer_billing_provider_configurations: [
          { billing_provider: "stripe", configuration: { stripe_customer_id: "c" } },
        ],
      },
      "not both",
    ],
  ])("%s is refused", async (_what, body, message) => {
    const before = await server.db
      .selectFrom("customers")
      .select((rows) => rows.fn.countAll().as("count"))
      .executeTakeFirstOrThrow();
    const reply = await server.send("POST", "/v1/customers", body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
    const after = await server.db
      .selectFrom("customers")
      .select((rows) => rows.fn.countAll().as("count"))
      .executeTakeFirstOrThrow();
    expect(after).toEqual(before);
  });

  test.each([
    ["/v1/customers?limit=0", "limit"],
    ["/v1/customers?limit=101", "limit"],
    ["/v1/customers?limit=ten", "limit"],
    ["/v1/customers?next_page=nonsense", "next_page"],
    ["/v1/customers?customer_ids=a,b", "customer_ids"],
    ["/v1/customers?colour=red", "unknown field colour"],
    ["/v1/customers/not-a-uuid", "customer_id"],
  ])("GET %s is refused", async (path, message) => {
    const reply = await server.send("GET", path);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test("a draft flag of one customer is not supported, its default is", async () => {
    const id = await createCustomer();
    const path = `/v1/customers/${id}/updateConfig`;
    const refused = await server.send("POST", path, { leave_stripe_invoices_in_draft: true });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      "leave_stripe_invoices_in_draft is not supported",
    ]);
    const taken = await server.send("POST", path, { leave_stripe_invoices_in_draft: null });
    expect(taken.status).toBe(200);
  });
});
