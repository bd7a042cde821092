import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPayer } from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
} from "../support/billing.ts";
import { type Organization, openOrganization } from "../support/organization.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

let server: TestServer;
let org: Organization;
let accountId: string;
let contractId: string;
let productId: string;
let metricId: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-05T00:00:00Z");
  org = await openOrganization(server);
  const { metronome } = server;
  accountId = await createCustomer(metronome);
  productId = await createUsageProduct(metronome, "tokens");
  const product = await metronome.v1.contracts.products.retrieve({ id: productId });
  metricId = product.data.initial.billable_metric_id ?? "";
  const card = await createRateCard(metronome, [[productId, 2]]);
  contractId = await createContract(metronome, accountId, card, {
    starting_at: "2024-01-01T00:00:00Z",
  });
});
afterAll(() => server.close());

const account = () => ({
  m3terEntity: "Account",
  m3terId: accountId,
  externalSystem: "Stripe",
  externalTable: "Customer",
  externalId: "cus_1",
});

describe("a mapping says what an entity is called elsewhere", () => {
  test("made, looked up from both sides, replaced, taken away", async () => {
    // The system's name in any case, that of its test mode too, is one system.
    const made = await org.ask("POST", "/externalmappings", {
      ...account(),
      m3terEntity: "account",
      externalSystem: "stripe_test",
    });
    expect(made).toMatchObject({ ...account(), integrationConfigId: null, version: 1 });
    const page = { data: [made], nextToken: null };
    expect(await org.ask("GET", `/externalmappings/${made.id}`)).toEqual(made);
    expect(await org.ask("GET", `/externalmappings/external/Account/${accountId}`)).toEqual(page);
    const byName = "/externalmappings/externalid/STRIPE/Customer";
    expect(await org.ask("GET", `${byName}/cus_1`)).toEqual(page);
    expect((await org.ask("GET", `${byName}/cus_2`)).data).toEqual([]);

    const path = `/externalmappings/${made.id}`;
    const replaced = await org.ask("PUT", path, { ...made, externalId: "cus_2" });
    expect(replaced).toMatchObject({ externalId: "cus_2", version: 2, createdBy: made.createdBy });
    expect((await org.ask("GET", `${byName}/cus_2`)).data).toEqual([replaced]);
    for (const [body, refusal] of [
      [made, /^409 The external mapping has version 2/],
      [{ ...replaced, dtCreated: "2020-01-01T00:00:00Z" }, "400 dtCreated is read-only"],
      [{ ...replaced, m3terId: NOBODY }, "400 m3terId: there is no Account"],
    ] as const) {
      expect(await org.refusal("PUT", path, body)).toMatch(refusal);
    }
    expect(await org.ask("DELETE", path)).toEqual(replaced);
    expect(await org.refusal("GET", path)).toMatch(/^404 External mapping/);
    expect(await org.refusal("DELETE", path)).toMatch(/^404 /);
  });

  test("of each kind, once for each table; lists are filtered and paged", async () => {
    const made = [];
    for (const body of [
      account(),
      { ...account(), m3terEntity: "Contract", m3terId: contractId, externalTable: "Subscription" },
      { ...account(), m3terEntity: "Product", m3terId: productId, externalTable: "Product" },
      {
        ...account(),
        m3terEntity: "Aggregation",
        m3terId: metricId,
        externalSystem: "Ledger",
        externalTable: "Item",
      },
    ]) {
      made.push(await org.ask("POST", "/externalmappings", body));
    }
    expect(await org.refusal("POST", "/externalmappings", account())).toBe(
      `409 Account ${accountId} is mapped to a Customer of Stripe already`,
    );
    const idsOf = async (query: string): Promise<string[]> =>
      (await org.ask("GET", `/externalmappings${query}`)).data.map(
        (each: { id: string }) => each.id,
      );
    const ids = made.map(({ id }) => id);
    expect(await idsOf("")).toEqual(ids);
    expect(await idsOf("?externalSystemId=stripe")).toEqual(ids.slice(0, 3));
    expect(await idsOf(`?m3terIds=${accountId},${metricId}`)).toEqual([ids[0], ids[3]]);
    expect(await idsOf(`?integrationConfigId=${NOBODY}`)).toEqual([]);
    const first = await org.ask("GET", "/externalmappings?pageSize=3");
    expect(await idsOf(`?pageSize=3&nextToken=${first.nextToken}`)).toEqual([ids[3]]);
    // Another one cannot become the same.
    expect(
      await org.refusal("PUT", `/externalmappings/${ids[2]}`, { ...made[0], id: ids[2] }),
    ).toMatch(/^409 Account .* is mapped/);
  });

  test("of one configuration stands beside the one for all", async () => {
    const { environment_id: environmentId } = await server.db
      .selectFrom("external_mappings")
      .select("environment_id")
      .executeTakeFirstOrThrow();
    const { id } = await server.db
      .insertInto("integration_configurations")
      .values({
        environment_id: environmentId,
        entity_type: "Bill",
        name: "UK",
        destination: "STRIPE",
        provider: "stripe",
        connection_id: null,
        exclusive_group: null,
        disabled_at: null,
        disabled_reason: null,
        created_at: "2024-01-05T00:00:00Z",
        created_by: "test",
        updated_at: "2024-01-05T00:00:00Z",
        updated_by: "test",
        archived_at: null,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    const own = { ...account(), externalId: "cus_uk", integrationConfigId: id };
    const made = await org.ask("POST", "/externalmappings", own);
    expect(made).toMatchObject(own);
    const found = await org.ask("GET", `/externalmappings?integrationConfigId=${id}`);
    expect(found.data).toEqual([made]);
    expect(await org.refusal("POST", "/externalmappings", own)).toMatch(/^409 /);
  });

  test.each([
    [{ m3terEntity: "AccountPlan" }, "400 m3terEntity AccountPlan is not supported"],
    [{ m3terEntity: "Planet" }, /^400 m3terEntity must be one of Account, Contract/],
    [{ m3terId: NOBODY }, `400 m3terId: there is no Account ${NOBODY}`],
    [{ m3terId: "x" }, "400 m3terId must be a uuid"],
    [
      { externalTable: "customers" },
      "400 externalTable: Account is mapped to Customer of Stripe, not to customers",
    ],
    [{ externalTable: "Product" }, "400 externalTable: Account is mapped to Customer"],
    [{ externalId: "" }, /^400 externalId must NOT have fewer/],
    [{ integrationConfigId: NOBODY }, "400 integrationConfigId: there is no integration"],
    [{ planet: "x" }, "400 unknown field planet"],
    [{ externalSystem: undefined }, "400 externalSystem is required"],
  ])("%j is refused: %s", async (change, refusal) => {
    const before = await org.ask("GET", "/externalmappings");
    const body = { ...account(), externalId: "cus_bad", ...change };
    expect(await org.refusal("POST", "/externalmappings", body)).toMatch(refusal);
    expect(await org.ask("GET", "/externalmappings")).toEqual(before);
  });

  test("a metric has no table at a provider that knows none for it", async () => {
    const body = { ...account(), m3terEntity: "Aggregation", m3terId: metricId };
    expect(await org.refusal("POST", "/externalmappings", body)).toBe(
      "400 externalTable: Aggregation is mapped to nothing of Stripe, not to Customer",
    );
  });
});

describe("what can be mapped", () => {
  const values = "/externalmappingconfiguration/values";

  test("is told by the providers", async () => {
    expect(await org.ask("GET", "/externalmappingconfiguration")).toEqual({
      entities: ["Account", "Contract", "Product", "Aggregation"],
      systems: [
        {
          system: "QuickBooks",
          tables: [
            { name: "Customer", entities: ["Account"] },
            { name: "Item", entities: ["Product"] },
          ],
          allowCustomExternalTables: false,
        },
        {
          system: "Stripe",
          tables: [
            { name: "Customer", entities: ["Account"] },
            { name: "Subscription", entities: ["Contract"] },
            { name: "Product", entities: ["Product"] },
          ],
          allowCustomExternalTables: false,
        },
      ],
      allowCustomExternalSystems: true,
    });
  });

  test("is read from the connected account, by its default connection or a named one", async () => {
    const payer = await createPayer(server);
    const product = await server.stripe.products.create({ name: "Tokens there" });
    const expected = [{ id: payer, label: "Acme" }];
    expect(await org.ask("GET", `${values}/Stripe/Account`)).toEqual(expected);
    expect(await org.ask("GET", `${values}/STRIPE/account?externalTable=Customer`)).toEqual(
      expected,
    );
    expect(await org.ask("GET", `${values}/Stripe/Product`)).toEqual([
      { id: product.id, label: "Tokens there" },
    ]);
    expect(await org.ask("GET", `${values}/Stripe/Contract`)).toEqual([]);
    const { body } = await server.send("GET", "/v1/connections");
    const connection = body.data[0].id;
    expect(await org.ask("GET", `${values}/Stripe/Account/${connection}`)).toEqual(expected);
  });

  test("is empty when the account does not let us in", async () => {
    // Its calls go to the other server's Collect, which does not know its key.
    const stranger = await startTestServer({ stripeApiBase: server.collectUrl });
    try {
      const strange = await openOrganization(stranger);
      expect(await strange.ask("GET", `${values}/Stripe/Account`)).toEqual([]);
    } finally {
      await stranger.close();
    }
  });

  test.each([
    [`${values}/Xero/Account`, "404 Destination Xero not found"],
    [`${values}/Stripe/Planet`, /^400 entityType must be one of/],
    [`${values}/Stripe/AccountPlan`, "400 entityType AccountPlan is not supported"],
    [`${values}/Stripe/Aggregation`, "400 entityType: nothing of Stripe is for Aggregation"],
    [`${values}/Stripe/Account?externalTable=Product`, "400 externalTable must be one of Customer"],
    [`${values}/Stripe/Account/${NOBODY}`, /^404 /],
    [`/externalmappings/external/Planet/${NOBODY}`, /^400 entity must be one of/],
    ["/externalmappings?m3terIds=x", "400 m3terIds must be uuids"],
  ])("GET %s: %s", async (path, refusal) => {
    expect(await org.refusal("GET", path)).toMatch(refusal);
  });
});
