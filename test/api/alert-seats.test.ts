import { afterAll, beforeAll, expect, test } from "vitest";
import { type AlertWorld, openAlertWorld, USD } from "../support/alert-world.ts";
import { createCustomer } from "../support/billing.ts";

/** Alerts by seat and by distinct value, through the official client. A message costs a dollar. */
let world: AlertWorld;

beforeAll(async () => {
  world = await openAlertWorld("2024-01-10T00:00:00Z");
});
afterAll(() => world?.close());

const START = "2024-01-01T00:00:00Z";
const rate = { starting_at: "2020-01-01T00:00:00Z", entitled: true, rate_type: "FLAT" } as const;
let sent = 0;

/** A customer on a card of its own, and what its users do. */
async function subscribe(aggregation: "SUM" | "UNIQUE") {
  const { v1 } = world.server.metronome;
  sent += 1;
  const name = `messages ${sent}`;
  const { data: metric } = await v1.billableMetrics.create({
    name,
    aggregation_type: aggregation,
    aggregation_key: "value",
    event_type_filter: { in_values: [name] },
    property_filters: [
      { name: "value", exists: true },
      { name: "user_id", exists: true },
    ],
    group_keys: [["user_id"]],
  });
  const { data: product } = await v1.contracts.products.create({
    name,
    type: "USAGE",
    billable_metric_id: metric.id,
    ...(aggregation === "SUM" ? { presentation_group_key: ["user_id"] } : {}),
  });
  const { data: seat } = await v1.contracts.products.create({ name: "Seat", type: "SUBSCRIPTION" });
  const { data: card } = await v1.contracts.rateCards.create({ name });
  await v1.contracts.rateCards.rates.addMany({
    rate_card_id: card.id,
    rates: [
      { ...rate, product_id: product.id, price: 100 },
      { ...rate, product_id: seat.id, price: 0, billing_frequency: "MONTHLY" },
    ],
  });
  const customer = await createCustomer(world.server.metronome);
  await v1.contracts.create({
    customer_id: customer,
    rate_card_id: card.id,
    starting_at: START,
    subscriptions: [
      {
        temporary_id: "seats",
        subscription_rate: { billing_frequency: "MONTHLY", product_id: seat.id },
        collection_schedule: "ARREARS",
        proration: { is_prorated: true },
        quantity_management_mode: "SEAT_BASED",
        seat_config: {
          seat_group_key: "user_id",
          initial_seat_ids: ["ann", "bob"],
          initial_unassigned_seats: 0,
        },
      },
    ],
    recurring_credits: [
      {
        product_id: world.fixed,
        access_amount: { unit_price: 1000, credit_type_id: USD },
        commit_duration: { value: 1 },
        priority: 1,
        starting_at: START,
        subscription_config: {
          subscription_id: "seats",
          allocation: "INDIVIDUAL",
          apply_seat_increase_config: { is_prorated: true },
        },
      },
    ],
  });
  const send = async (user_id: string, value: number | string) => {
    sent += 1;
    await v1.usage.ingest({
      usage: [
        {
          transaction_id: `seat ${sent}`,
          customer_id: customer,
          event_type: name,
          timestamp: world.now(),
          properties: { user_id, value },
        },
      ],
    });
    await world.settle();
  };
  await world.settle();
  return { customer, send };
}

test("the balance of each seat is told by itself", async () => {
  const { customer, send } = await subscribe("SUM");
  const seats = {
    alert_type: "low_remaining_seat_balance_reached",
    threshold: 300,
    customer_id: customer,
  } as const;
  const alert = await world.createAlert({ ...seats, seat_filter: { seat_group_key: "user_id" } });
  const ofBob = await world.createAlert({
    ...seats,
    seat_filter: { seat_group_key: "user_id", seat_group_value: "bob" },
  });
  // What seats have for themselves is no balance of the customer.
  const pooled = await world.createAlert({
    alert_type: "low_remaining_contract_credit_balance_reached",
    threshold: 5000,
    customer_id: customer,
  });
  expect(await world.statusOf(customer, pooled)).toBe("ok");
  await send("ann", 7);
  expect(world.told(alert)).toMatchObject([
    {
      type: "alerts.low_remaining_seat_balance_reached",
      properties: {
        seat_filter: { seat_group_key: "user_id", seat_group_value: "ann" },
        remaining_balance: 300,
        threshold: 300,
      },
    },
  ]);
  expect(world.told(ofBob)).toEqual([]);
  await send("bob", 8);
  expect([world.told(alert).length, world.told(ofBob).length]).toEqual([2, 1]);
  const statusOf = async (seat_group_value: string) => {
    const { data } = await world.server.metronome.v1.customers.alerts.retrieve({
      customer_id: customer,
      alert_id: ofBob,
      seat_filter: { seat_group_key: "user_id", seat_group_value },
    });
    return data.customer_status;
  };
  expect(await statusOf("bob")).toBe("in_alarm");
  await expect(statusOf("ann")).rejects.toMatchObject({ status: 400 });
  // In the next month each has its 10 dollars again.
  await world.settle("2024-02-01T00:00:00Z");
  expect(await statusOf("bob")).toBe("ok");
  await send("bob", 7);
  expect(world.told(alert).map(({ properties }) => properties.seat_filter)).toEqual(
    ["ann", "bob", "bob"].map((seat) => ({ seat_group_key: "user_id", seat_group_value: seat })),
  );
  // And in the month after, where no balance is low for an instant.
  await world.settle("2024-03-01T00:00:00Z");
  await world.settle("2024-04-01T00:00:00Z");
  expect([world.told(alert).length, await world.statusOf(customer, alert)]).toEqual([3, "ok"]);
});

test("spend of a group counts the distinct values of that group", async () => {
  const { customer, send } = await subscribe("UNIQUE");
  const alert = await world.createAlert({
    alert_type: "spend_threshold_reached",
    threshold: 200,
    customer_id: customer,
    group_values: [{ key: "user_id", value: "ann" }],
  });
  await send("ann", "red");
  await send("ann", "red");
  await send("bob", "blue");
  await send("bob", "green");
  expect(world.told(alert)).toEqual([]);
  // Blue is known of bob, not of ann: she has seen two.
  await send("ann", "blue");
  expect(world.told(alert).map(({ properties }) => properties.current_spend)).toEqual([200]);
});
