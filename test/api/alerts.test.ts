import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instant } from "../../src/domain/time.ts";
import type { OperationContext } from "../../src/operations/context.ts";
import { evaluateAlerts } from "../../src/operations/evaluate-alerts.ts";
import { getEnvironment } from "../../src/store/environments.ts";
import { type AlertWorld, openAlertWorld, USD } from "../support/alert-world.ts";
import { createCustomer, use } from "../support/billing.ts";

/** Alerts on spend, usage and invoices, through the official client. A token costs 10 cents. */
let world: AlertWorld;

beforeAll(async () => {
  world = await openAlertWorld("2024-01-10T00:00:00Z");
});
afterAll(() => world?.close());

const spends = (alert: string) =>
  world.told(alert).map(({ properties }) => properties.current_spend);

describe("spend", () => {
  test("is told once, when it reaches the threshold", async () => {
    const { customer } = await world.sign();
    const alert = await world.createAlert({
      alert_type: "spend_threshold_reached",
      name: "100 dollars",
      customer_id: customer,
    });
    expect(await world.statusOf(customer, alert)).toBe("ok");
    await world.use(customer, 999);
    expect([world.told(alert), await world.statusOf(customer, alert)]).toEqual([[], "ok"]);
    // 1,000 tokens of 10 cents are 100 dollars.
    await world.use(customer, 1);
    expect(await world.statusOf(customer, alert)).toBe("in_alarm");
    await world.use(customer, 500);
    expect(world.told(alert)).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: "alerts.spend_threshold_reached",
        properties: {
          customer_id: customer,
          alert_id: alert,
          alert_name: "100 dollars",
          timestamp: world.now(),
          threshold: 10_000,
          credit_type_id: USD,
          current_spend: 10_000,
          triggered_by: "usage",
        },
      },
    ]);
  });

  test("in many small pieces at once is told once", async () => {
    const { customer } = await world.sign();
    const alert = await world.createAlert({
      alert_type: "spend_threshold_reached",
      customer_id: customer,
    });
    const { metronome } = world.server;
    await Promise.all(
      Array.from({ length: 60 }, () => use(metronome, customer, "tokens", world.now(), 20)),
    );
    await world.settle();
    expect(world.told(alert)).toHaveLength(1);
    expect(await world.statusOf(customer, alert)).toBe("in_alarm");
  });

  test("counts before commits and credits, and without what is bought", async () => {
    const { customer } = await world.sign({
      commits: [
        {
          ...world.grant(50_000),
          type: "PREPAID",
          invoice_schedule: {
            schedule_items: [{ amount: 50_000, timestamp: "2024-03-01T00:00:00Z" }],
          },
        },
      ],
    });
    const alert = await world.createAlert({
      alert_type: "spend_threshold_reached",
      customer_id: customer,
    });
    expect(await world.statusOf(customer, alert)).toBe("ok");
    await world.use(customer, 1100);
    expect(spends(alert)).toEqual([11_000]);
  });

  test("of some groups is what they alone would cost", async () => {
    const alert = { alert_type: "spend_threshold_reached", threshold: 3000 } as const;
    const { v1 } = world.server.metronome;
    const { data: metric } = await v1.billableMetrics.create({
      name: "calls",
      aggregation_type: "SUM",
      aggregation_key: "value",
      event_type_filter: { in_values: ["calls"] },
      property_filters: [
        { name: "value", exists: true },
        { name: "team", exists: true },
      ],
      group_keys: [["team"]],
    });
    const { data: product } = await v1.contracts.products.create({
      name: "calls",
      type: "USAGE",
      billable_metric_id: metric.id,
    });
    const { data: card } = await v1.contracts.rateCards.create({ name: "Calls" });
    await v1.contracts.rateCards.rates.add({
      rate_card_id: card.id,
      product_id: product.id,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 100,
    });
    const customer = await createCustomer(world.server.metronome);
    await v1.contracts.create({
      customer_id: customer,
      rate_card_id: card.id,
      starting_at: "2024-01-01T00:00:00Z",
    });
    const group_values = [{ key: "team", value: "red" }];
    const red = await world.createAlert({ ...alert, customer_id: customer, group_values });
    const all = await world.createAlert({ ...alert, customer_id: customer });
    const call = async (team: string, value: number) => {
      await v1.usage.ingest({
        usage: [
          {
            transaction_id: `${team} ${value}`,
            customer_id: customer,
            event_type: "calls",
            timestamp: world.now(),
            properties: { team, value },
          },
        ],
      });
      await world.settle();
    };
    await call("red", 20);
    await call("blue", 15);
    // 20 + 15 calls of a dollar; the red ones are 20 dollars.
    expect([spends(all), spends(red)]).toEqual([[3500], []]);
    await call("red", 11);
    expect(spends(red)).toEqual([3100]);
    expect(world.told(red)[0]?.properties.group_values).toEqual(group_values);
  });
});

describe("who is watched", () => {
  test("every customer, one that comes later too", async () => {
    const { customer: first } = await world.sign();
    await world.use(first, 1000);
    const alert = await world.createAlert({
      alert_type: "spend_threshold_reached",
      evaluate_on_create: true,
    });
    expect(world.told(alert).map(({ properties }) => properties.customer_id)).toContain(first);
    const { customer: later } = await world.sign();
    expect(await world.statusOf(later, alert)).toBe("ok");
    await world.use(later, 1000);
    expect(world.told(alert).at(-1)?.properties).toMatchObject({
      customer_id: later,
      current_spend: 10_000,
      triggered_by: "usage",
    });
    await world.server.metronome.v1.alerts.archive({ id: alert });
  });

  test("without evaluation at creation, who has reached it is in alarm and not told", async () => {
    const { customer } = await world.sign();
    await world.use(customer, 1000);
    const alert = await world.createAlert({
      alert_type: "spend_threshold_reached",
      evaluate_on_create: false,
    });
    const { customer: below } = await world.sign();
    expect(await world.statusOf(customer, alert)).toBe("in_alarm");
    await world.use(customer, 1);
    expect(world.told(alert)).toEqual([]);
    // Others are told as ever.
    await world.use(below, 1000);
    expect(world.told(alert).map(({ properties }) => properties.customer_id)).toEqual([below]);
    await world.server.metronome.v1.alerts.archive({ id: alert });
  });

  test("nobody of the other environment", async () => {
    const live = world.server.production;
    const { data } = await live.v1.alerts.create({
      alert_type: "spend_threshold_reached",
      name: "Live",
      threshold: 1,
    });
    const { customer } = await world.sign();
    await world.use(customer, 1000);
    expect(world.told(data.id)).toEqual([]);
    await expect(world.statusOf(customer, data.id)).rejects.toMatchObject({ status: 404 });
    await expect(world.server.metronome.v1.alerts.archive({ id: data.id })).rejects.toMatchObject({
      status: 404,
    });
    await expect(live.v1.customers.alerts.list({ customer_id: customer })).rejects.toMatchObject({
      status: 404,
    });
  });
});

test("usage of a metric is told in its units", async () => {
  const { customer } = await world.sign();
  const alert = await world.createAlert({
    alert_type: "usage_threshold_reached",
    threshold: 250.5,
    customer_id: customer,
    billable_metric_id: world.tokensMetric,
  });
  await world.use(customer, 250);
  expect(world.told(alert)).toEqual([]);
  await world.use(customer, 1);
  expect(world.told(alert)[0]).toMatchObject({
    type: "alerts.usage_threshold_reached",
    properties: { billable_metric_id: world.tokensMetric, current_usage: 251, threshold: 250.5 },
  });
});

test("each invoice is told by its total after credits", async () => {
  const { customer } = await world.sign({ credits: [world.grant(4000)] });
  const both = await world.createAlert({
    alert_type: "invoice_total_reached",
    threshold: 6000,
    customer_id: customer,
  });
  const scheduled = await world.createAlert({
    alert_type: "invoice_total_reached",
    threshold: 6000,
    customer_id: customer,
    invoice_types_filter: ["SCHEDULED"],
  });
  // 99.90 dollars of usage less 40 of credit are 59.90.
  await world.use(customer, 999);
  expect(world.told(both)).toEqual([]);
  await world.use(customer, 1);
  const [invoice] = (
    await world.server.metronome.v1.customers.invoices.list({ customer_id: customer })
  ).data;
  expect(world.told(both).map(({ properties }) => properties)).toMatchObject([
    { invoice_id: invoice?.id, invoice_total: 6000, credit_type_id: USD, triggered_by: "usage" },
  ]);
  expect(world.told(scheduled)).toEqual([]);
});

test("a job that runs twice tells once", async () => {
  const { customer } = await world.sign();
  const alert = await world.createAlert({
    alert_type: "spend_threshold_reached",
    customer_id: customer,
  });
  await use(world.server.metronome, customer, "tokens", world.now(), 1000);
  const { db } = world.server;
  const environment = await getEnvironment(db, "SANDBOX");
  const ctx = { db, environment, now: instant(world.now()), actor: "test" } as OperationContext;
  const evaluate = () => evaluateAlerts(ctx, customer, "usage");
  await Promise.all([evaluate(), evaluate(), evaluate()]);
  await evaluate();
  await world.settle();
  expect(world.told(alert)).toHaveLength(1);
});

test("a reset forgets the status and looks again", async () => {
  const { customer } = await world.sign();
  const alert = await world.createAlert({
    alert_type: "spend_threshold_reached",
    customer_id: customer,
  });
  await world.use(customer, 1000);
  const { alerts } = world.server.metronome.v1.customers;
  await alerts.reset({ customer_id: customer, alert_id: alert });
  await world.settle();
  expect(world.told(alert).map(({ properties }) => properties.triggered_by)).toEqual([
    "usage",
    "change",
  ]);
  expect(new Set(world.told(alert).map(({ id }) => id)).size).toBe(2);
  expect(await world.statusOf(customer, alert)).toBe("in_alarm");
});

test("an archived alert looks at nobody, and is listed only when asked", async () => {
  const { customer } = await world.sign();
  const terms = {
    alert_type: "spend_threshold_reached",
    customer_id: customer,
    uniqueness_key: "spend of the archived",
  } as const;
  const alert = await world.createAlert(terms);
  const { v1 } = world.server.metronome;
  await expect(world.createAlert(terms)).rejects.toMatchObject({ status: 409 });
  await v1.alerts.archive({ id: alert });
  await expect(world.createAlert(terms)).rejects.toMatchObject({ status: 409 });
  expect((await v1.alerts.archive({ id: alert, release_uniqueness_key: true })).data.id).toBe(
    alert,
  );
  await world.use(customer, 1000);
  expect([world.told(alert), await world.statusOf(customer, alert)]).toEqual([[], null]);
  const next = await world.createAlert(terms);
  const list = async (alert_statuses?: ("ENABLED" | "DISABLED" | "ARCHIVED")[]) => {
    const found = await v1.customers.alerts.list({
      customer_id: customer,
      ...(alert_statuses && { alert_statuses }),
    });
    return found.data.map((shown) => [shown.alert.id, shown.alert.status, shown.customer_status]);
  };
  const enabled = [next, "enabled", "in_alarm"];
  const archived = [alert, "archived", null];
  expect(await list()).toEqual([enabled]);
  // Those for all customers, which earlier tests archived, are among them.
  expect(await list(["ARCHIVED"])).toContainEqual(archived);
  expect(await list(["DISABLED"])).toEqual([]);
  await expect(
    v1.customers.alerts.reset({ customer_id: customer, alert_id: alert }),
  ).rejects.toMatchObject({ status: 400 });
});

test("without its contract a customer spends nothing", async () => {
  const { customer, contract } = await world.sign();
  const alert = await world.createAlert({
    alert_type: "spend_threshold_reached",
    customer_id: customer,
  });
  await world.use(customer, 1000);
  await world.server.metronome.v1.contracts.archive({
    customer_id: customer,
    contract_id: contract,
    void_invoices: true,
  });
  await world.settle();
  expect([await world.statusOf(customer, alert), spends(alert)]).toEqual(["ok", [10_000]]);
});

test("crossings in two periods are told twice", async () => {
  const { customer } = await world.sign();
  const alert = await world.createAlert({
    alert_type: "spend_threshold_reached",
    customer_id: customer,
  });
  await world.use(customer, 1000);
  await world.settle("2024-02-01T00:00:00Z");
  expect(await world.statusOf(customer, alert)).toBe("ok");
  // January is in its grace: what comes for it now is no spend of February.
  await world.use(customer, 5000, "2024-01-31T23:00:00Z");
  await world.use(customer, 400);
  await world.settle("2024-02-10T00:00:00Z");
  expect(spends(alert)).toEqual([10_000]);
  await world.use(customer, 700);
  expect(spends(alert)).toEqual([10_000, 11_000]);
  await world.settle("2024-02-15T00:00:00Z");
  expect(world.told(alert)).toHaveLength(2);
});
