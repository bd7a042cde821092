import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AlertWorld, openAlertWorld, USD } from "../support/alert-world.ts";
import { createCustomer } from "../support/billing.ts";

/** Alerts on commits and credits, through the official client. A token costs 10 cents. */
let world: AlertWorld;

beforeAll(async () => {
  world = await openAlertWorld("2024-01-10T00:00:00Z");
});
afterAll(() => world?.close());

const COMMIT = "low_remaining_commit_balance_reached";
const CREDIT = "low_remaining_contract_credit_balance_reached";
const BOTH = "low_remaining_contract_credit_and_commit_balance_reached";

const facts = (alert: string, name: string) =>
  world.told(alert).map(({ properties }) => properties[name]);

describe("a balance", () => {
  test("that falls to the threshold is told, and again after it was topped up", async () => {
    const { customer, contract } = await world.sign({
      commits: [{ ...world.grant(20_000), type: "PREPAID" }],
    });
    const alert = await world.createAlert({
      alert_type: COMMIT,
      name: "50 dollars left",
      threshold: 5000,
      customer_id: customer,
    });
    await world.use(customer, 1499);
    expect([world.told(alert), await world.statusOf(customer, alert)]).toEqual([[], "ok"]);
    await world.use(customer, 1);
    const { v1, v2 } = world.server.metronome;
    const { data } = await v2.contracts.retrieve({ customer_id: customer, contract_id: contract });
    const [commit] = data.commits ?? [];
    expect(world.told(alert)).toMatchObject([
      {
        type: `alerts.${COMMIT}`,
        properties: {
          customer_id: customer,
          alert_id: alert,
          alert_name: "50 dollars left",
          timestamp: world.now(),
          threshold: 5000,
          credit_type_id: USD,
          commit_id: commit?.id,
          remaining_balance: 5000,
          triggered_by: "usage",
        },
      },
    ]);
    await v1.contracts.addManualBalanceEntry({
      id: commit?.id ?? "",
      customer_id: customer,
      contract_id: contract,
      segment_id: commit?.access_schedule?.schedule_items[0]?.id ?? "",
      amount: 1000,
      reason: "Goodwill",
    });
    await world.settle();
    expect(await world.statusOf(customer, alert)).toBe("ok");
    // 60 dollars less 15 are 45.
    await world.use(customer, 150);
    expect(facts(alert, "remaining_balance")).toEqual([5000, 4500]);
    expect(await world.statusOf(customer, alert)).toBe("in_alarm");
    await world.use(customer, 2000);
    expect(world.told(alert)).toHaveLength(2);
  });

  test("adds up what the contract and the customer have, of commits, credits or both", async () => {
    const { customer } = await world.sign({
      commits: [{ ...world.grant(1000), type: "PREPAID" }],
      credits: [{ ...world.grant(300), priority: 2 }],
    });
    const of = (alert_type: typeof COMMIT | typeof CREDIT | typeof BOTH) =>
      world.createAlert({ alert_type, threshold: 1200, customer_id: customer });
    const alerts = [await of(COMMIT), await of(CREDIT), await of(BOTH)];
    const told = () => alerts.map((alert) => facts(alert, "remaining_balance"));
    expect(told()).toEqual([[1000], [300], []]);
    await world.server.metronome.v1.customers.credits.create({
      customer_id: customer,
      priority: 1,
      ...world.grant(1000),
    });
    await world.settle();
    // 13 dollars of credit are more than 12, and 23 of both.
    const status = () => Promise.all(alerts.map((alert) => world.statusOf(customer, alert)));
    expect(await status()).toEqual(["in_alarm", "ok", "ok"]);
    // The customer's credit goes first, then the contract's: 11 dollars leave 2 of credit, 12 of both.
    await world.use(customer, 110);
    expect(told()).toEqual([[1000], [300, 200], [1200]]);
  });

  test("that was never granted runs not low", async () => {
    const customer = await createCustomer(world.server.metronome);
    const alert = await world.createAlert({
      alert_type: BOTH,
      threshold: 0,
      customer_id: customer,
    });
    expect([world.told(alert), await world.statusOf(customer, alert)]).toEqual([[], "ok"]);
  });

  test("is gone when access ends, by the clock alone", async () => {
    const { customer } = await world.sign({
      credits: [world.grant(5000, "2024-01-12T00:00:00Z")],
    });
    const alert = await world.createAlert({
      alert_type: CREDIT,
      threshold: 100,
      customer_id: customer,
    });
    await world.settle("2024-01-11T23:59:59Z");
    expect(world.told(alert)).toEqual([]);
    await world.settle("2024-01-12T00:00:00Z");
    expect(world.told(alert)[0]?.properties).toMatchObject({
      remaining_balance: 0,
      triggered_by: "time",
      timestamp: "2024-01-12T00:00:00Z",
    });
  });

  test("of the commits with a custom field", async () => {
    const { metronome } = world.server;
    const tier = { entity: "commit", key: "tier" } as const;
    await metronome.v1.customFields.addKey({ ...tier, enforce_uniqueness: false });
    const { customer, contract } = await world.sign({
      commits: [
        { ...world.grant(1000), type: "PREPAID", custom_fields: { tier: "gold" } },
        { ...world.grant(9000), type: "PREPAID" },
      ],
    });
    const alert = await world.createAlert({
      alert_type: COMMIT,
      threshold: 1000,
      customer_id: customer,
      custom_field_filters: [{ entity: "Commit", key: "tier", value: "gold" }],
    });
    expect(facts(alert, "remaining_balance")).toEqual([1000]);
    const { data } = await metronome.v2.contracts.retrieve({
      customer_id: customer,
      contract_id: contract,
    });
    await metronome.v1.customFields.setValues({
      entity: "commit",
      entity_id: data.commits?.[1]?.id ?? "",
      custom_fields: { tier: "gold" },
    });
    await world.settle();
    expect(await world.statusOf(customer, alert)).toBe("ok");
  });
});

test("a percentage is of what is granted now", async () => {
  const { customer } = await world.sign({
    commits: [
      { ...world.grant(10_000), type: "PREPAID" },
      { ...world.grant(30_000), type: "PREPAID" },
    ],
    credits: [{ ...world.grant(1000), priority: 1 }],
  });
  const commits = await world.createAlert({
    alert_type: "low_remaining_commit_percentage_reached",
    threshold: 10,
    customer_id: customer,
  });
  const credits = await world.createAlert({
    alert_type: "low_remaining_contract_credit_percentage_reached",
    threshold: 0,
    customer_id: customer,
  });
  // The credit goes first: 10 dollars. Of the commits 360 of 400 dollars are then to go.
  await world.use(customer, 100);
  expect(facts(credits, "remaining_percentage")).toEqual([0]);
  await world.use(customer, 3599);
  expect(world.told(commits)).toEqual([]);
  await world.use(customer, 1);
  expect(world.told(commits)[0]?.properties).toMatchObject({
    threshold: 10,
    remaining_balance: 4000,
    remaining_percentage: 10,
  });
  await world.use(customer, 500);
  expect([world.told(commits).length, world.told(credits).length]).toEqual([1, 1]);
});

test("days are told when so many are left, each segment by itself, to the second", async () => {
  const { customer, contract } = await world.sign({
    commits: [
      { ...world.grant(1000, "2024-02-14T00:00:00Z"), type: "PREPAID" },
      { ...world.grant(1000, "2024-02-20T00:00:00Z"), type: "PREPAID" },
    ],
    credits: [world.grant(1000, "2024-02-14T00:00:00Z")],
  });
  const alert = await world.createAlert({
    alert_type: "low_remaining_days_for_commit_segment_reached",
    threshold: 30,
    customer_id: customer,
  });
  const { data } = await world.server.metronome.v2.contracts.retrieve({
    customer_id: customer,
    contract_id: contract,
  });
  const [first, second] = data.commits ?? [];
  await world.settle("2024-01-14T23:59:59Z");
  expect(world.told(alert)).toEqual([]);
  await world.settle("2024-01-15T00:00:00Z");
  const one = {
    commit_id: first?.id,
    segment_id: first?.access_schedule?.schedule_items[0]?.id,
    remaining_days: 30,
    triggered_by: "time",
  };
  expect(world.told(alert).map(({ properties }) => properties)).toMatchObject([one]);
  // What happens meanwhile tells nothing twice.
  await world.use(customer, 1);
  await world.settle("2024-01-21T00:00:00Z");
  expect(world.told(alert).map(({ properties }) => properties)).toMatchObject([
    one,
    { commit_id: second?.id, remaining_days: 30, timestamp: "2024-01-21T00:00:00Z" },
  ]);
  expect(await world.statusOf(customer, alert)).toBe("in_alarm");
  await world.settle("2024-02-20T00:00:00Z");
  expect([await world.statusOf(customer, alert), world.told(alert).length]).toEqual(["ok", 2]);
});

test("a credit that comes anew each month is never low in between", async () => {
  const { customer } = await world.sign({
    recurring_credits: [
      {
        product_id: world.fixed,
        access_amount: { unit_price: 10_000, quantity: 1, credit_type_id: USD },
        commit_duration: { value: 1 },
        priority: 1,
        starting_at: "2024-02-01T00:00:00Z",
      },
    ],
  });
  const alert = await world.createAlert({
    alert_type: CREDIT,
    threshold: 2000,
    customer_id: customer,
  });
  // Where one ends and the next begins, the one that begins counts already.
  await world.settle("2024-03-01T00:00:00Z");
  await world.settle("2024-04-02T00:00:00Z");
  expect([world.told(alert), await world.statusOf(customer, alert)]).toEqual([[], "ok"]);
  await world.use(customer, 900);
  expect(facts(alert, "remaining_balance")).toEqual([1000]);
  // The next month's is there at once.
  await world.settle("2024-05-01T00:00:00Z");
  expect(await world.statusOf(customer, alert)).toBe("ok");
  await world.use(customer, 850);
  expect(facts(alert, "remaining_balance")).toEqual([1000, 1500]);
});
