import { afterAll, beforeAll, expect, test } from "vitest";
import { createCustomer } from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Nothing that is accepted is ignored, and what is refused changes nothing. */
let server: TestServer;
let customer: string;

const NOBODY = "00000000-0000-4000-8000-000000000000";
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";

beforeAll(async () => {
  server = await startTestServer();
  customer = await createCustomer(server.metronome);
});
afterAll(() => server?.close());

const spend = { alert_type: "spend_threshold_reached", name: "Spend", threshold: 100 };
const balance = { ...spend, alert_type: "low_remaining_commit_balance_reached" };
const seats = { ...spend, alert_type: "low_remaining_seat_balance_reached" };
const filter = (entity: string) => ({
  custom_field_filters: [{ entity, key: "tier", value: "gold" }],
});

test.each<[string, object, string]>([
  ["no type", { name: "x", threshold: 1 }, "alert_type is required"],
  ["a type that nobody knows", { ...spend, alert_type: "moon" }, "alert_type must be one of"],
  [
    "a type that is not served",
    { ...spend, alert_type: "monthly_invoice_total_spend_threshold_reached" },
    "alert_type monthly_invoice_total_spend_threshold_reached is not supported",
  ],
  [
    "a type of plans",
    { ...spend, alert_type: "low_credit_balance_reached" },
    "alert_type low_credit_balance_reached is not supported",
  ],
  ["no name", { ...spend, name: "" }, "name"],
  ["no threshold", { ...spend, threshold: undefined }, "threshold is required"],
  ["a threshold below zero", { ...spend, threshold: -1 }, "threshold must be at least 0"],
  [
    "more than all of it",
    { ...spend, alert_type: "low_remaining_commit_percentage_reached", threshold: 100.5 },
    "threshold of a percentage must be at most 100",
  ],
  [
    "no days",
    { ...spend, alert_type: "low_remaining_days_for_commit_segment_reached", threshold: 0 },
    "threshold in days must be more than 0",
  ],
  [
    "a customer who is not there",
    { ...spend, customer_id: NOBODY },
    `Customer ${NOBODY} not found`,
  ],
  ["an unknown credit type", { ...spend, credit_type_id: NOBODY }, "credit_type_id is neither"],
  ["an unknown field", { ...spend, colour: "red" }, "unknown field colour"],
  ["specifiers", { ...spend, alert_specifiers: [{}] }, "alert_specifiers is not supported"],
  [
    "types of credit grants",
    { ...spend, credit_grant_type_filters: ["enterprise"] },
    "credit_grant_type_filters is not supported",
  ],
  ["a plan", { ...spend, plan_id: NOBODY }, "plan_id is not supported"],
  [
    "a metric of spend",
    { ...spend, billable_metric_id: NOBODY },
    "billable_metric_id says nothing",
  ],
  [
    "usage of nothing",
    { ...spend, alert_type: "usage_threshold_reached" },
    "billable_metric_id is required",
  ],
  [
    "usage of no metric",
    { ...spend, alert_type: "usage_threshold_reached", billable_metric_id: NOBODY },
    "billable_metric_id is no billable metric in use",
  ],
  [
    "usage in money",
    {
      ...spend,
      alert_type: "usage_threshold_reached",
      billable_metric_id: NOBODY,
      credit_type_id: EUR,
    },
    "credit_type_id says nothing",
  ],
  ["a filter of credits on commits", { ...balance, ...filter("ContractCredit") }, "ContractCredit"],
  ["a filter of commits on spend", { ...spend, ...filter("Commit") }, "entity Commit says nothing"],
  ["a key that was never added", { ...balance, ...filter("Commit") }, '"tier" was not added'],
  [
    "groups of a balance",
    { ...balance, group_values: [{ key: "team", value: "red" }] },
    "group_values says nothing",
  ],
  ["every value of a group", { ...spend, group_values: [{ key: "team" }] }, "group_values[0]"],
  [
    "a group twice",
    {
      ...spend,
      group_values: [
        { key: "team", value: "red" },
        { key: "team", value: "blue" },
      ],
    },
    "group_values[1].key repeats",
  ],
  [
    "four groups",
    { ...spend, group_values: ["a", "b", "c", "d"].map((key) => ({ key, value: "x" })) },
    "group_values",
  ],
  ["invoices of spend", { ...spend, invoice_types_filter: ["USAGE"] }, "invoice_types_filter says"],
  [
    "an unknown type of invoice",
    { ...spend, alert_type: "invoice_total_reached", invoice_types_filter: ["PARTY"] },
    "invoice_types_filter[0] must be one of USAGE, SCHEDULED",
  ],
  ["seats of nothing", seats, "seat_filter is required"],
  ["seats of spend", { ...spend, seat_filter: { seat_group_key: "user" } }, "seat_filter says"],
])("%s is refused", async (_reason, body, message) => {
  const reply = await server.send("POST", "/v1/alerts/create", body);
  expect([400, 404]).toContain(reply.status);
  expect(reply.body.message).toContain(message);
  const { data } = await server.metronome.v1.customers.alerts.list({ customer_id: customer });
  expect(data).toEqual([]);
});

test("alerts and customers that are not there are not found", async () => {
  const { data } = await server.metronome.v1.alerts.create({
    alert_type: "spend_threshold_reached",
    name: "Of another",
    threshold: 1,
    customer_id: await createCustomer(server.metronome),
  });
  const { alerts } = server.metronome.v1.customers;
  const pairs = [
    { customer_id: customer, alert_id: NOBODY },
    { customer_id: NOBODY, alert_id: data.id },
    // It watches somebody else.
    { customer_id: customer, alert_id: data.id },
  ];
  for (const pair of pairs) {
    await expect(alerts.retrieve(pair)).rejects.toMatchObject({ status: 404 });
    await expect(alerts.reset(pair)).rejects.toMatchObject({ status: 404 });
  }
  await expect(server.metronome.v1.alerts.archive({ id: NOBODY })).rejects.toMatchObject({
    status: 404,
  });
  await expect(alerts.list({ customer_id: NOBODY })).rejects.toMatchObject({ status: 404 });
  await server.metronome.v1.customers.archive({ id: customer });
  const archived = await server.send("POST", "/v1/alerts/create", {
    alert_type: "spend_threshold_reached",
    name: "Gone",
    threshold: 1,
    customer_id: customer,
  });
  expect(archived.status).toBe(400);
});

test("is shown with all that it was made with", async () => {
  const { metronome } = server;
  await metronome.v1.customFields.addKey({
    entity: "contract",
    key: "region",
    enforce_uniqueness: false,
  });
  const id = await createCustomer(metronome);
  const custom_field_filters = [{ entity: "Contract", key: "region", value: "eu" }] as const;
  const { data } = await metronome.v1.alerts.create({
    alert_type: "invoice_total_reached",
    name: "Large invoice",
    threshold: 1234.5,
    customer_id: id,
    credit_type_id: EUR,
    invoice_types_filter: ["usage"],
    custom_field_filters: [...custom_field_filters],
    uniqueness_key: "large",
  });
  const shown = await metronome.v1.customers.alerts.retrieve({
    customer_id: id,
    alert_id: data.id,
    plans_or_contracts: "CONTRACTS",
  });
  expect(shown.data.alert).toEqual({
    id: data.id,
    name: "Large invoice",
    type: "invoice_total_reached",
    status: "enabled",
    threshold: 1234.5,
    credit_type: { id: EUR, name: "EUR" },
    uniqueness_key: "large",
    custom_field_filters,
    invoice_types_filter: ["USAGE"],
    updated_at: expect.stringMatching(/^20/),
  });
});
