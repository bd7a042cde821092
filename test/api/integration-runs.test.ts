import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listProviderInvoices } from "../support/billed-customer.ts";
import { type Destination, openRoutingWorld, type RoutingWorld } from "../support/integrations.ts";
import { type Intercept, providerError } from "../support/provider-proxy.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

/** Runs in m3ter's words, and what becomes of an integration whose runs fail. */
let world: RoutingWorld;
let uk: Destination;

beforeAll(async () => {
  world = await openRoutingWorld();
  uk = await world.addDestination("UK");
}, 60_000);
afterAll(() => world?.close());
beforeEach(async () => {
  world.proxy.before = undefined;
  await world.server.db
    .updateTable("integration_configurations")
    .set({ archived_at: "2024-01-01T00:00:00Z" })
    .where("archived_at", "is", null)
    .execute();
  await world.nextMonth();
});

const CREATE = "POST /v1/invoices";

/** Disturbs the creation of invoices, so many times. */
const disturb = (times: number, reply: ReturnType<typeof providerError>): Intercept => {
  let left = times;
  return async ({ method, path }) => {
    if (left === 0 || `${method} ${path}` !== CREATE) return undefined;
    left -= 1;
    return reply;
  };
};

async function billOne(name: string): Promise<{ account: string; payer: string }> {
  const account = await world.sign(name);
  const payer = await world.addPayer(uk, account);
  await world.endMonth();
  return { account, payer };
}

const firstRun = async (account: string) => (await world.runsOf(account))[0];

const get = async (path: string) => {
  const { status, body } = await world.call("GET", path);
  expect([path, status]).toEqual([path, 200]);
  return body;
};

const totals = async (payer: string) =>
  (await listProviderInvoices(uk.stripe, payer)).map(({ total }) => total);

describe("reading", () => {
  test("one run, those of a bill, the newest, those of a destination, and the log", async () => {
    const rule = await world.addRule(uk, { name: "UK" });
    const { account } = await billOne("Read");
    const bill = await world.billOf(account);
    const run = await firstRun(account);
    expect(run).toMatchObject({
      entityType: "Bill",
      entityId: bill,
      destination: "STRIPE_TEST",
      destinationId: uk.connectionId,
      status: "COMPLETE",
      error: null,
      parentIntegrationRunId: null,
      configurationId: rule,
      configurationName: "UK",
      attempts: 1,
    });
    expect(run.externalId).toMatch(/^in_/);
    expect(run.url).toBe(`https://dashboard.stripe.com/test/invoices/${run.externalId}`);
    expect(run.billUrl).toMatch(/\/i\//);
    expect(run.dtStarted <= run.dtCompleted).toBe(true);
    expect(await get(`integrationruns/${run.id}`)).toEqual(run);
    expect(await get(`integrationruns/bill/latest/${bill}`)).toEqual(run);
    expect((await get(`integrationruns/Bill/latest?ids=${bill}`)).data).toEqual([run]);
    const atDestination = await get(`integrationruns/destinations/${uk.connectionId}?pageSize=200`);
    expect(atDestination.data.at(-1)).toEqual(run);
    const { Payload } = await get(`integrationruns/logs/${run.id}`);
    const log = JSON.parse(Buffer.from(Payload, "base64").toString("utf8"));
    expect(log.steps.map(({ step }: { step: string }) => step)).toContain("create");
    expect(log.route.options).toMatchObject({ create_invoice: true, send_due_date: false });
    expect(JSON.stringify(log)).not.toMatch(/sk_test_/);

    const listed = await world.server.send(
      "GET",
      `/v1/runs?configuration_id=${rule}&provider=stripe`,
    );
    expect(listed.body.data).toMatchObject([
      { id: run.id, configuration_id: rule, bill_total: "2033.633", sent_total: "2033.633" },
    ]);

    const of = (query: string) => get(`integrationruns/Bill/${bill}?${query}`);
    const day = run.dtCreated.slice(0, 10);
    expect((await of(`startDate=${day}&endDate=${day}&status=COMPLETE&order=DESC`)).data).toEqual([
      run,
    ]);
    expect((await of("status=ERROR")).data).toEqual([]);
    expect((await of("endDate=2023-12-31")).data).toEqual([]);
  });

  test.each([
    ["integrationruns/Account/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1", 400],
    ["integrationruns/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1", 404],
    ["integrationruns/logs/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1", 404],
    ["integrationruns/Bill/latest/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1", 404],
    ["integrationruns/Bill/latest?ids=x", 400],
    ["integrationruns/Bill/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1?status=SENT", 400],
    ["integrationruns/Bill/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1?startDate=yesterday", 400],
  ])("GET %s is a %s", async (path, status) => {
    expect((await world.call("GET", path)).status).toBe(status);
  });

  test("another organization does not exist", async () => {
    const path = "/organizations/2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1/integrationruns/unrouted";
    expect((await world.server.send("GET", path)).status).toBe(404);
  });
});

describe("what a run is called while the provider is in trouble", () => {
  test.each([
    ["it throttles", providerError(429, { code: "rate_limit" }), "RATE_LIMIT_RETRY", null],
    ["it is out of order", providerError(500), "AWAITING_RETRY", null],
    [
      "the key was revoked",
      providerError(401, { code: "api_key_expired" }),
      "AUTH_FAILED",
      "auth_failed",
    ],
    [
      "it refuses",
      providerError(400, { code: "customer_tax_location_invalid" }),
      "ERROR",
      "customer_tax_location_invalid",
    ],
  ])("%s", async (name, reply, status, errorCode) => {
    const rule = await world.addRule(uk);
    world.proxy.before = disturb(1, reply);
    const { account, payer } = await billOne(name);
    const run = await firstRun(account);
    expect(run).toMatchObject({ status, errorCode });
    if (errorCode === null) {
      await world.later(1);
      expect(await firstRun(account)).toMatchObject({ status: "COMPLETE", attempts: 1 });
      expect(await errorsOf(rule)).toBe(0);
    } else {
      expect(await errorsOf(rule)).toBe(1);
      await world.call("POST", `integrationruns/${run.id}/retry`);
      await world.endMonth();
      expect(await firstRun(account)).toMatchObject({ status: "COMPLETE", attempts: 2 });
      expect(await errorsOf(rule)).toBe(0);
    }
    expect(await totals(payer)).toEqual([2034]);
  });

  test("for a day: it is told, counts, and is sent by a retry", async () => {
    const rule = await world.addRule(uk);
    world.proxy.before = disturb(1000, providerError(500));
    const { account, payer } = await billOne("A day");
    expect(await firstRun(account)).toMatchObject({ status: "AWAITING_RETRY" });
    await world.later(30);
    const run = await firstRun(account);
    expect(run).toMatchObject({
      status: "TIMEOUT_LIMIT_EXCEEDED",
      errorCode: "provider_unavailable",
    });
    expect(await errorsOf(rule)).toBe(1);
    world.proxy.before = undefined;
    await world.call("POST", `integrationruns/${run.id}/retry`);
    await world.later(31);
    expect(await totals(payer)).toEqual([2034]);
  });
});

const ruleOf = (id: string) =>
  world.server.db
    .selectFrom("integration_configurations")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
const errorsOf = async (id: string) => (await ruleOf(id)).error_count;

describe("a replay", () => {
  test("goes through a run that ended, and sends nothing twice", async () => {
    await world.addRule(uk);
    const { account, payer } = await billOne("Replayed");
    const run = await firstRun(account);
    expect((await world.call("POST", `integrationruns/${run.id}/retry`)).status).toBe(409);
    const replayed = await world.call("POST", `integrationruns/${run.id}/replay`);
    expect(replayed.body).toMatchObject({ id: run.id, status: "WAITING", attempts: 2 });
    await world.endMonth();
    expect(await firstRun(account)).toMatchObject({
      status: "COMPLETE",
      externalId: run.externalId,
    });
    expect(await totals(payer)).toEqual([2034]);
  });
});

describe("ten errors in a row", () => {
  const addUser = async (email: string) => {
    const { environment_id } = await world.server.db
      .selectFrom("customers")
      .select("environment_id")
      .limit(1)
      .executeTakeFirstOrThrow();
    const row = await world.server.db
      .insertInto("organization_users")
      .values({
        environment_id,
        name: email,
        email,
        created_at: "2024-01-01T00:00:00Z",
        updated_at: "2024-01-01T00:00:00Z",
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    return row.id;
  };
  const mailsTo = async (email: string) =>
    (await world.server.send("GET", `/v1/outbox?to=${email}`)).body.data;

  test("switch the integration off, tell its users once, and stop the runs that follow", async () => {
    const users = [await addUser("ops@acme.test"), await addUser("cfo@acme.test")];
    const rule = await world.addRule(uk, {
      name: "UK bills",
      disabledNotificationUserIds: users,
    });
    const log = await startWebhookLog(world.server, "integration.issue");
    const accounts: string[] = [];
    for (let count = 0; count < 9; count += 1) accounts.push(await world.sign(`Error ${count}`));
    await world.endMonth();
    expect(await ruleOf(rule)).toMatchObject({ error_count: 9, enabled: true });
    expect(await mailsTo("ops@acme.test")).toEqual([]);

    await world.nextMonth();
    const tenth = await world.sign("Error 10");
    await world.endMonth();
    const off = await ruleOf(rule);
    expect(off).toMatchObject({ error_count: 10, enabled: false, updated_by: "automatic" });
    expect(off.disabled_reason).toMatch(/^Disabled after 10 successive errors/);
    for (const email of ["ops@acme.test", "cfo@acme.test"]) {
      expect(await mailsTo(email)).toMatchObject([
        { subject: "[Test] The integration UK bills was disabled" },
      ]);
    }
    const events = await get(`events?resourceId=${rule}&eventName=integration.disabled.error`);
    expect(events.data).toMatchObject([
      { m3terEvent: { remedy: { action: "OPEN_INTEGRATION" }, integrationConfigId: rule } },
    ]);

    expect(log.messages().map(({ properties }) => properties)).toEqual([
      {
        integration: "STRIPE",
        error: off.disabled_reason,
        error_code: "integration_disabled",
        timestamp: expect.stringMatching(/^20\d\d-/),
        integration_config_id: rule,
        integration_config_name: "UK bills",
      },
    ]);

    // One more bill while it is off, and one of those before.
    await world.nextMonth();
    const late = await world.sign("Late");
    const payer = await world.addPayer(uk, late);
    await world.endMonth();
    const run = await firstRun(late);
    expect(run).toMatchObject({ status: "DISABLED", errorCode: "integration_disabled" });
    expect(await mailsTo("ops@acme.test")).toHaveLength(1);
    expect((await get(`events?resourceId=${run.id}`)).data).toEqual([]);
    const refused = await world.call("POST", `integrationruns/${run.id}/retry`);
    expect([refused.status, refused.body.message]).toEqual([
      409,
      "The integration UK bills is disabled: enable it before you retry its runs",
    ]);

    // As the API's enable does.
    await world.server.db
      .updateTable("integration_configurations")
      .set({ enabled: true, error_count: 0, disabled_at: null, disabled_reason: null })
      .where("id", "=", rule)
      .execute();
    const paying = await world.addPayer(uk, tenth);
    for (const account of [late, tenth]) {
      const { id } = await firstRun(account);
      expect((await world.call("POST", `integrationruns/${id}/retry`)).status).toBe(200);
    }
    await world.endMonth();
    expect([await totals(payer), await totals(paying)]).toEqual([[2034], [2034]]);
    expect(await errorsOf(rule)).toBe(0);
    expect((await firstRun(accounts[0] ?? "")).status).toBe("ERROR");
    expect(log.messages()).toHaveLength(1);
    await log.close();
  });

  test("a success in between begins anew", async () => {
    const rule = await world.addRule(uk);
    await world.sign("No payer");
    await world.endMonth();
    expect(await errorsOf(rule)).toBe(1);
    await world.nextMonth();
    await billOne("Good");
    expect(await errorsOf(rule)).toBe(0);
  });
});
