import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPayer, listProviderInvoices } from "../support/billed-customer.ts";
import { listInvoices } from "../support/billing.ts";
import { type Destination, openRoutingWorld, type RoutingWorld } from "../support/integrations.ts";

/** Which bills go where by rules over accounts. Every customer's month comes to 2,034 cents. */
let world: RoutingWorld;
let uk: Destination;
let us: Destination;

beforeAll(async () => {
  world = await openRoutingWorld();
  uk = await world.addDestination("UK");
  us = await world.addDestination("US");
}, 60_000);
afterAll(() => world?.close());
beforeEach(async () => {
  // Every test has rules of its own; what the others sent stays.
  await world.server.db
    .updateTable("integration_configurations")
    .set({ archived_at: "2024-01-01T00:00:00Z" })
    .where("archived_at", "is", null)
    .execute();
  await world.nextMonth();
});

const totals = async ({ stripe }: Destination, payer: string) =>
  (await listProviderInvoices(stripe, payer)).map(({ total }) => total);

const statuses = async (account: string) =>
  (await world.runsOf(account)).map((run) => [run.status, run.errorCode]);

const inCountry = (country: string) => ({
  accountFilter: `customFields != null AND customFields.country = "${country}"`,
});

test("two destinations by the account's country; no country, no destination", async () => {
  const ukRule = await world.addRule(uk, { name: "UK", ...inCountry("UK") });
  const usRule = await world.addRule(us, { name: "US", ...inCountry("US") });
  const [london, boston, nowhere] = [
    await world.sign("London", { country: "UK" }),
    await world.sign("Boston", { country: "US" }),
    await world.sign("Nowhere"),
  ];
  const payers = [await world.addPayer(uk, london), await world.addPayer(us, boston)];
  await world.endMonth();
  expect(await totals(uk, payers[0] ?? "")).toEqual([2034]);
  expect(await totals(us, payers[1] ?? "")).toEqual([2034]);
  const [sent] = await world.runsOf(london);
  expect(sent).toMatchObject({
    status: "COMPLETE",
    configurationId: ukRule,
    destinationId: uk.connectionId,
    destination: "STRIPE_TEST",
    billTotal: "2033.633",
    sentTotal: "2033.633",
    attempts: 1,
  });
  expect((await world.runsOf(boston)).map((run) => run.configurationId)).toEqual([usRule]);

  // The environment has rules, so that a bill that none of them takes is an event.
  expect(await world.runsOf(nowhere)).toEqual([]);
  const bill = await world.billOf(nowhere);
  const { body } = await world.call("GET", "integrationruns/unrouted?pageSize=200");
  expect(body.data.at(-1)).toMatchObject({ entityId: bill, accountId: nowhere });
  const events = await world.call("GET", `events?resourceId=${bill}`);
  expect(events.body.data).toMatchObject([{ eventName: "integration.unrouted" }]);

  // Somebody writes the country down, and routes it after all.
  await world.server.metronome.v1.customFields.setValues({
    entity: "customer",
    entity_id: nowhere,
    custom_fields: { country: "US" },
  });
  const payer = await world.addPayer(us, nowhere);
  const routed = await world.call("POST", `integrationruns/unrouted/${bill}/route`);
  expect(routed.body.data).toMatchObject([{ configurationId: usRule }]);
  await world.endMonth();
  expect(await totals(us, payer)).toEqual([2034]);
  expect((await world.call("POST", `integrationruns/unrouted/${bill}/route`)).status).toBe(409);
  const after = await world.call("GET", "integrationruns/unrouted?pageSize=200");
  expect(after.body.data.map((each: { entityId: string }) => each.entityId)).not.toContain(bill);
});

test("every rule that matches sends; the same account gets it once", async () => {
  await world.addRule(uk, { name: "first" });
  await world.addRule(us, { name: "second" });
  await world.addRule(uk, { name: "third" });
  const account = await world.sign("Twice");
  const payers = [await world.addPayer(uk, account), await world.addPayer(us, account)];
  await world.endMonth();
  const runs = await world.runsOf(account);
  expect(runs.map((run) => [run.configurationName, run.status, run.errorCode])).toEqual([
    ["first", "COMPLETE", null],
    ["second", "COMPLETE", null],
    ["third", "COMPLETE", "duplicate_route"],
  ]);
  expect(runs[2]).toMatchObject({
    parentIntegrationRunId: runs[0].id,
    error: `Run ${runs[0].id} delivers the invoice over the same connection`,
    externalId: null,
  });
  expect(await totals(uk, payers[0] ?? "")).toEqual([2034]);
  expect(await totals(us, payers[1] ?? "")).toEqual([2034]);
  const [invoice] = await listInvoices(world.server.metronome, account);
  expect(invoice?.external_invoice?.invoice_id).toBe(runs[0].externalId);
  const retried = await world.call("POST", `integrationruns/${runs[2].id}/retry`);
  expect(retried.status).toBe(409);
});

test("the customer's billing configuration comes before every rule", async () => {
  await world.addRule(world.main, { name: "same account" });
  await world.addRule(uk, { name: "another account" });
  const account = await world.sign("Own");
  await world.server.metronome.v1.customers.setBillingConfigurations({
    data: [
      {
        customer_id: account,
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        delivery_method_id: world.main.connectionId,
        configuration: {
          stripe_customer_id: await createPayer(world.server),
          stripe_collection_method: "charge_automatically",
        },
      },
    ],
  });
  const payer = await world.addPayer(uk, account);
  await world.endMonth();
  const runs = await world.runsOf(account);
  expect(runs.map((run) => [run.configurationName, run.status, run.errorCode])).toEqual([
    [null, "COMPLETE", null],
    ["same account", "COMPLETE", "duplicate_route"],
    ["another account", "COMPLETE", null],
  ]);
  expect(await totals(uk, payer)).toEqual([2034]);
});

describe("the gates", () => {
  test("lists of accounts, and the account that opted out", async () => {
    const [listed, denied, out, other] = [
      await world.sign("Listed"),
      await world.sign("Denied"),
      await world.sign("Out"),
      await world.sign("Other"),
    ];
    const rule = await world.addRule(uk, {
      accountIds: [listed, denied, out],
      restrictedAccountIds: [denied],
    });
    await world.addRule(null, { name: "not connected" });
    const { id: environmentId } = await world.server.db
      .selectFrom("environments")
      .select("id")
      .where("name", "=", "SANDBOX")
      .executeTakeFirstOrThrow();
    await world.server.db
      .insertInto("account_details")
      .values({
        customer_id: out,
        environment_id: environmentId,
        sends_bills: false,
        updated_at: "2024-01-01T00:00:00Z",
        updated_by: "test",
      })
      .execute();
    const payer = await world.addPayer(uk, listed);
    await world.endMonth();
    expect((await world.runsOf(listed)).map((run) => run.configurationId)).toEqual([rule]);
    expect(await totals(uk, payer)).toEqual([2034]);
    for (const account of [denied, out, other]) expect(await world.runsOf(account)).toEqual([]);
  });

  test("a filter that has no answer is an error, never a no; mended, a retry sends the bill", async () => {
    const rule = await world.addRule(uk, { accountFilter: "customFields.country > 5" });
    const account = await world.sign("Text", { country: "UK" });
    const payer = await world.addPayer(uk, account);
    await world.endMonth();
    const [run] = await world.runsOf(account);
    expect(run).toMatchObject({ status: "ERROR", errorCode: "filter_error" });
    expect(run.error).toMatch(/"UK" is no number/);
    const events = await world.call("GET", `events?resourceId=${run.id}`);
    expect(events.body.data).toMatchObject([{ eventName: "integration.validation.error" }]);
    expect(await totals(uk, payer)).toEqual([]);

    // Not mended: it fails once more, and says so once more.
    await world.call("POST", `integrationruns/${run.id}/retry`);
    await world.endMonth();
    expect(await statuses(account)).toEqual([["ERROR", "filter_error"]]);
    const again = await world.call("GET", `events?resourceId=${run.id}`);
    expect(again.body.data).toHaveLength(2);

    await setFilter(rule, 'customFields.country = "UK"');
    await world.call("POST", `integrationruns/${run.id}/retry`);
    await world.endMonth();
    expect(await statuses(account)).toEqual([["COMPLETE", null]]);
    expect(await totals(uk, payer)).toEqual([2034]);
  });

  const setFilter = async (rule: string, accountFilter: string) => {
    const row = await world.server.db
      .selectFrom("integration_configurations")
      .select("options")
      .where("id", "=", rule)
      .executeTakeFirstOrThrow();
    await world.server.db
      .updateTable("integration_configurations")
      .set({ options: JSON.stringify({ ...row.options, accountFilter }) })
      .where("id", "=", rule)
      .execute();
  };

  test("two of an exclusive group: nothing of the group is sent, the others are", async () => {
    await world.addRule(uk, { name: "A", exclusiveGroup: "eu" });
    const second = await world.addRule(us, { name: "B", exclusiveGroup: "eu" });
    await world.addRule(world.main, { name: "C" });
    const account = await world.sign("Rivals");
    const payers = [
      await world.addPayer(uk, account),
      await world.addPayer(us, account),
      await world.addPayer(world.main, account),
    ];
    await world.endMonth();
    const runs = await world.runsOf(account);
    expect(runs.map((run) => [run.configurationName, run.status, run.errorCode])).toEqual([
      ["C", "COMPLETE", null],
      ["A", "ERROR", "exclusive_group_conflict"],
      ["B", "ERROR", "exclusive_group_conflict"],
    ]);
    expect(await totals(uk, payers[0] ?? "")).toEqual([]);
    expect(await totals(us, payers[1] ?? "")).toEqual([]);
    expect(await totals(world.main, payers[2] ?? "")).toEqual([2034]);

    // One of them is told not to want the account: the other one's run goes through, its own ends.
    await setFilter(second, 'accountName = "Somebody else"');
    for (const run of runs.slice(1)) await world.call("POST", `integrationruns/${run.id}/retry`);
    await world.endMonth();
    expect(
      (await world.runsOf(account)).map((run) => [run.configurationName, run.errorCode]),
    ).toEqual([
      ["C", null],
      ["A", null],
      ["B", "no_match"],
    ]);
    expect(await totals(uk, payers[0] ?? "")).toEqual([2034]);
    expect(await totals(us, payers[1] ?? "")).toEqual([]);
  });
});

describe("who pays", () => {
  const map = async (configuration: string | null, account: string, externalId: string) => {
    const { environment_id } = await world.server.db
      .selectFrom("customers")
      .select("environment_id")
      .where("id", "=", account)
      .executeTakeFirstOrThrow();
    await world.server.db
      .insertInto("external_mappings")
      .values({
        environment_id,
        entity: "Account",
        entity_id: account,
        external_system: "Stripe",
        external_table: "Customer",
        external_id: externalId,
        configuration_id: configuration,
        created_at: "2024-01-01T00:00:00Z",
        created_by: "test",
        updated_at: "2024-01-01T00:00:00Z",
        updated_by: "test",
      })
      .execute();
  };

  test("the mapping of this rule before that of all; without one nobody is made up", async () => {
    const rule = await world.addRule(uk, { useExternalMappingAccountCode: true });
    const [linked, unlinked, unmapped] = [
      await world.sign("Linked"),
      await world.sign("Unlinked"),
      await world.sign("Unmapped"),
    ];
    const [a, b, c] = [
      await world.addPayer(uk, "a"),
      await world.addPayer(uk, "b"),
      await world.addPayer(uk, "c"),
    ];
    await map(null, linked, b);
    await map(rule, linked, a);
    await map(null, unlinked, c);
    await world.endMonth();
    expect(await totals(uk, a)).toEqual([2034]);
    expect(await totals(uk, b)).toEqual([]);
    expect(await totals(uk, c)).toEqual([2034]);
    const [run] = await world.runsOf(unmapped);
    expect(run).toMatchObject({ status: "ERROR", errorCode: "missing_account_mapping" });
    const { body } = await world.call("GET", `events?accountId=${unmapped}`);
    expect(body.data).toMatchObject([
      {
        eventName: "integration.missingaccountmapping.error",
        m3terEvent: {
          remedy: {
            action: "CREATE_MAPPING",
            body: {
              m3terEntity: "Account",
              m3terId: unmapped,
              externalSystem: "Stripe",
              externalTable: "Customer",
              integrationConfigId: rule,
            },
          },
        },
      },
    ]);
    await map(rule, unmapped, b);
    await world.call("POST", `integrationruns/${run.id}/retry`);
    await world.endMonth();
    expect(await totals(uk, b)).toEqual([2034]);
  });

  test("the customer whose metadata holds the account, under any of the keys", async () => {
    await world.addRule(uk);
    const keys = ["ledgerline_account_id", "metronome_customer_id", "m3ter_account_id"];
    const payers: string[] = [];
    for (const key of keys) payers.push(await world.addPayer(uk, await world.sign(key), key));
    await world.endMonth();
    for (const payer of payers) expect(await totals(uk, payer)).toEqual([2034]);
  });

  test("two customers that carry the account are an error", async () => {
    await world.addRule(uk);
    const account = await world.sign("Two");
    await world.addPayer(uk, account);
    await world.addPayer(uk, account, "m3ter_account_id");
    await world.endMonth();
    expect(await statuses(account)).toEqual([["ERROR", "ambiguous_payer"]]);
  });
});

describe("which lines", () => {
  test("what is left out lowers what is sent; both totals are kept, and the rehearsal says the same", async () => {
    const account = await world.sign("Lines");
    await world.addRule(uk, {
      excludedLineItemTypes: ["STANDING_CHARGE"],
      sortLineItemsBy: "SUBTOTAL",
    });
    const payer = await world.addPayer(uk, account);
    await world.endMonth();
    const [invoice] = await listProviderInvoices(uk.stripe, payer);
    // Tokens stand first on the bill: 2,000 cents after 34 when sorted.
    expect(invoice?.lines.data.map(({ amount }) => amount)).toEqual([34, 2000]);
    const rehearsed = await world.server.send(
      "POST",
      `/v1/invoices/${await world.billOf(account)}/provider-requests`,
    );
    expect(rehearsed.body.data[0]).toMatchObject({
      path: "/v1/invoices",
      params: { customer: payer },
    });
  });

  test("nothing left: no document, and the run says why", async () => {
    const account = await world.sign("Nothing");
    await world.addRule(uk, { excludedLineItemTypes: ["USAGE"] });
    const payer = await world.addPayer(uk, account);
    await world.endMonth();
    const [run] = await world.runsOf(account);
    expect(run).toMatchObject({ status: "COMPLETE", billTotal: "2033.633", sentTotal: "0" });
    expect(run.error).toMatch(/Every line/);
    expect(await totals(uk, payer)).toEqual([]);
  });
});

test("a bill on hold goes nowhere, and everywhere when it is released", async () => {
  await world.addRule(uk);
  await world.addRule(us);
  const held = await world.sign("Held");
  const payers = [await world.addPayer(uk, held), await world.addPayer(us, held)];
  const { server } = world;
  const bill = await world.billOf(held);
  await server.send("POST", `/v1/invoices/${bill}/hold`, { reason: "look" });
  await world.endMonth();
  expect(await world.runsOf(held)).toEqual([]);
  expect((await server.send("POST", `/v1/invoices/${bill}/release`)).status).toBe(200);
  await world.endMonth();
  expect(await statuses(held)).toEqual([
    ["COMPLETE", null],
    ["COMPLETE", null],
  ]);
  expect(await totals(uk, payers[0] ?? "")).toEqual([2034]);
  expect(await totals(us, payers[1] ?? "")).toEqual([2034]);
});

test("a credit note goes everywhere its invoice went", async () => {
  await world.addRule(uk);
  await world.addRule(us);
  const account = await world.sign("Credited");
  const payers = [await world.addPayer(uk, account), await world.addPayer(us, account)];
  await world.endMonth();
  const note = await world.server.send("POST", "/v1/credit-notes", {
    invoice_id: await world.billOf(account),
    amount: 500,
    reason: "order_change",
  });
  expect(note.status).toBe(200);
  await world.endMonth();
  for (const [index, { stripe }] of [uk, us].entries()) {
    const [invoice] = await listProviderInvoices(stripe, payers[index] ?? "");
    const { data } = await stripe.creditNotes.list({ invoice: invoice?.id ?? "" });
    expect(data.map(({ amount }) => amount)).toEqual([500]);
  }
  const shown = await world.server.send("GET", `/v1/credit-notes/${note.body.data.id}`);
  expect(shown.body.data.deliveries.map((each: { status: string }) => each.status)).toEqual([
    "SENT",
    "SENT",
  ]);
});

describe("the preview of a filter", () => {
  const preview = (body: unknown) => world.call("POST", "integrationconfigs/preview-filter", body);

  test("real accounts: which match, which not, which have no answer; paged", async () => {
    const [a, b, c] = [
      await world.sign("A", { country: "7" }),
      await world.sign("B", { country: "3" }),
      await world.sign("C", { country: "UK" }),
    ];
    const body = { accountFilter: "customFields.country > 5", accountIds: [a, b, c], pageSize: 2 };
    const first = await preview(body);
    expect(first.body.data).toMatchObject([
      { accountId: a, accountName: "A", outcome: "MATCH" },
      { accountId: b, outcome: "NO_MATCH" },
    ]);
    const second = await preview({ ...body, nextToken: first.body.nextToken });
    expect(second.body).toMatchObject({
      data: [{ accountId: c, outcome: "ERROR" }],
      nextToken: null,
    });
    expect(second.body.data[0].error).toMatch(/no number/);
  });

  test.each([
    ["customFields.country = UK", /accountFilter at character 24: unknown name UK; .* write "UK"/],
    ['id.matches("a")', /matches is not allowed/],
    ["", /accountFilter/],
  ])("%s is refused", async (accountFilter, message) => {
    const reply = await preview({ accountFilter });
    expect(reply.status).toBe(400);
    expect(reply.body.message).toMatch(message);
  });
});
