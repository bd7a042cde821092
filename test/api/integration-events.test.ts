import { afterAll, beforeAll, expect, test } from "vitest";
import { openRoutingWorld, type RoutingWorld } from "../support/integrations.ts";

/** Events of integrations: what they tell, how they are found, and that they pass away. */
let world: RoutingWorld;
let rule: string;
let account: string;
let other: string;

beforeAll(async () => {
  world = await openRoutingWorld();
  await world.nextMonth();
  rule = await world.addRule(world.main, { name: "main" });
  account = await world.sign("Nobody pays");
  other = await world.sign("Nobody pays either");
  await world.endMonth();
}, 60_000);
afterAll(() => world?.close());

const list = async (query = "") => {
  const { status, body } = await world.call("GET", `events?${query}`);
  expect(status).toBe(200);
  return body.data;
};

test("tells what failed, where, and what a person does about it", async () => {
  const [run] = await world.runsOf(account);
  const [event, ...more] = await list(`accountId=${account}`);
  expect(more).toEqual([]);
  expect(event).toEqual({
    id: expect.any(String),
    eventName: "integration.missingaccountmapping.error",
    eventTime: run.dtCompleted,
    m3terEvent: {
      eventName: "integration.missingaccountmapping.error",
      eventTime: run.dtCompleted,
      accountId: account,
      billId: run.entityId,
      integrationRunId: run.id,
      integrationConfigId: rule,
      connectionId: world.main.connectionId,
      error: { code: "missing_account_mapping", message: run.error },
      remedy: {
        action: "CREATE_MAPPING",
        link: `${world.server.url}/organizations/${world.org}/externalmappings`,
        body: {
          m3terEntity: "Account",
          m3terId: account,
          externalSystem: "Stripe",
          externalTable: "Customer",
          integrationConfigId: rule,
        },
      },
    },
    dtActioned: null,
    actionedBy: null,
  });
  expect((await world.call("GET", `events/${event.id}`)).body).toEqual(event);
  for (const resource of [run.id, run.entityId]) {
    expect(await list(`resourceId=${resource}`)).toEqual([event]);
  }
});

test("filters and pages", async () => {
  expect(await list(`resourceId=${rule}`)).toHaveLength(2);
  expect(await list("eventName=integration.perform.error")).toEqual([]);
  const first = await world.call("GET", "events?pageSize=1");
  const second = await world.call("GET", `events?pageSize=1&nextToken=${first.body.nextToken}`);
  expect(second.body.nextToken).toBeNull();
  // Both happened at one instant, side by side.
  const accounts = [first, second].flatMap(({ body }) =>
    body.data.map((event: { m3terEvent: { accountId: string } }) => event.m3terEvent.accountId),
  );
  expect(accounts.toSorted()).toEqual([account, other].toSorted());
  const unknown = await world.call("GET", "events?eventName=bill.created");
  expect([unknown.status, unknown.body.message]).toEqual([
    400,
    expect.stringMatching(/eventName must be one of integration\.validation\.error/),
  ]);
});

test("is marked as dealt with once", async () => {
  const [event] = await list(`accountId=${other}`);
  const marked = await world.call("PUT", `events/${event.id}/action`);
  expect(marked.status).toBe(200);
  expect(marked.body.dtActioned).not.toBeNull();
  expect((await world.call("PUT", `events/${event.id}/action`)).body).toEqual(marked.body);
  expect(await list(`accountId=${other}&includeActioned=false`)).toEqual([]);
  expect(await list(`accountId=${other}&includeActioned=true`)).toEqual([marked.body]);
  const missing = "2f0e5a52-9d2c-4b51-9c5b-6b6c60b3a0c1";
  expect((await world.call("PUT", `events/${missing}/action`)).status).toBe(404);
});

test("names and fields", async () => {
  const types = await world.call("GET", "events/types");
  expect(types.body.events).toContain("integration.disabled.error");
  const fields = await world.call("GET", "events/fields?eventName=integration.perform.error");
  expect(fields.body.events["integration.perform.error"]).toMatchObject({ accountId: "String" });
});

test("passes away after 28 days", async () => {
  const [event] = await list(`accountId=${account}`);
  await world.later(27 * 24);
  expect(await list(`accountId=${account}`)).toEqual([event]);
  await world.later(28 * 24 + 1);
  expect(await list(`accountId=${account}`)).toEqual([]);
  expect((await world.call("GET", `events/${event.id}`)).status).toBe(404);
});
