import type { TestServer } from "./server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
type Body = any;

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const START = "2024-01-01T00:00:00Z";
const END = "2024-07-01T00:00:00Z";

/** Asks; whatever is refused is the caller's mistake. */
export const openAsk =
  ({ send }: Pick<TestServer, "send">) =>
  async (method: string, path: string, body?: unknown): Promise<Body> => {
    const reply = await send(method, path, body);
    if (reply.status !== 200) {
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    return reply.body.data;
  };

export type Ask = ReturnType<typeof openAsk>;

const window = (amount: number, until = END) => ({
  amount,
  starting_at: START,
  ending_before: until,
});
export const access = (amount: number, until = END, creditType = USD) => ({
  credit_type_id: creditType,
  schedule_items: [window(amount, until)],
});

/** Products of every type, and the metric and the pricing unit that they count in. */
export async function createCatalogue(ask: Ask) {
  const create = async (body: object): Promise<string> =>
    (await ask("POST", "/v1/contract-pricing/products/create", body)).id;
  const unit = (await ask("POST", "/v1/credit-types/create", { name: "Tokens" })).id;
  const metric = (
    await ask("POST", "/v1/billable-metrics/create", {
      name: "calls",
      aggregation_type: "SUM",
      aggregation_key: "value",
      event_type_filter: { in_values: ["calls"] },
      property_filters: [
        { name: "value", exists: true },
        { name: "region", in_values: ["eu", "us"] },
        { name: "user", exists: true },
      ],
      group_keys: [["region"], ["region", "user"]],
    })
  ).id;
  const calls = await create({
    name: "Calls",
    type: "USAGE",
    billable_metric_id: metric,
    tags: ["network"],
    quantity_conversion: { conversion_factor: 2, operation: "MULTIPLY", name: "Halves" },
    quantity_rounding: { rounding_method: "ROUND_UP", decimal_places: 0 },
    pricing_group_key: ["region"],
    presentation_group_key: ["user"],
  });
  const metered = (
    await ask("POST", "/v1/billable-metrics/create", {
      name: "jobs",
      aggregation_type: "COUNT",
      event_type_filter: { in_values: ["jobs"] },
    })
  ).id;
  const jobs = await create({ name: "Jobs", type: "USAGE", billable_metric_id: metered });
  await ask("POST", "/v1/contract-pricing/products/update", {
    product_id: jobs,
    name: "Batch jobs",
    starting_at: "2024-03-01T00:00:00Z",
  });
  await ask("POST", "/v1/contract-pricing/products/update", {
    product_id: jobs,
    tags: ["compute"],
    starting_at: "2024-02-01T00:00:00Z",
  });
  return {
    unit,
    metric,
    calls,
    jobs,
    fee: await create({ name: "Fee", type: "FIXED", tags: ["once"] }),
    seats: await create({ name: "Seats", type: "SUBSCRIPTION" }),
    support: await create({
      name: "Support",
      type: "COMPOSITE",
      composite_product_ids: [calls],
      composite_tags: ["infra"],
      exclude_free_usage: true,
    }),
  };
}

export type Catalogue = Awaited<ReturnType<typeof createCatalogue>>;

/** A rate card with a rate of every type. */
export async function createCard(ask: Ask, { unit, calls, jobs, seats, support }: Catalogue) {
  const { id } = await ask("POST", "/v1/contract-pricing/rate-cards/create", {
    name: "List prices",
    description: "What everybody pays",
    fiat_credit_type_id: USD,
    credit_type_conversions: [{ custom_credit_type_id: unit, fiat_per_custom_credit: 12.5 }],
    aliases: [{ name: "list", starting_at: START, ending_before: END }],
  });
  const rate = (product_id: string, terms: object) =>
    ask("POST", "/v1/contract-pricing/rate-cards/addRate", {
      rate_card_id: id,
      product_id,
      starting_at: START,
      entitled: true,
      ...terms,
    });
  await rate(calls, {
    rate_type: "TIERED",
    tiers: [{ size: 10, price: 1.25, flat_fee: 3 }, { price: 0.75 }],
    pricing_group_values: { region: "eu" },
    commit_rate: { rate_type: "TIERED", tiers: [{ size: 10, price: 1 }, { price: 0.5 }] },
  });
  await rate(calls, {
    rate_type: "FLAT",
    price: 30,
    package_size: 10,
    minimum_amount: 5,
    maximum_amount: 5000,
    pricing_group_values: { region: "us" },
    commit_rate: { rate_type: "FLAT", price: 25 },
  });
  await rate(jobs, { rate_type: "FLAT", price: 2, credit_type_id: unit, ending_before: END });
  await rate(seats, { rate_type: "FLAT", price: 3000, billing_frequency: "MONTHLY" });
  await rate(support, { rate_type: "PERCENTAGE", price: 0.1 });
  return id as string;
}

const seated = (product_id: string, seat_config: object) => ({
  temporary_id: "people",
  name: "People",
  description: "Who works with it",
  subscription_rate: { billing_frequency: "MONTHLY", product_id },
  collection_schedule: "ADVANCE",
  proration: {
    is_prorated: true,
    invoice_behavior: "BILL_IMMEDIATELY",
    rounding: { rounding_method: "HALF_UP", decimal_places: 2 },
  },
  starting_at: START,
  ending_before: END,
  quantity_management_mode: "SEAT_BASED",
  seat_config,
});

/** Terms of every kind that a contract can have. */
export const everyTerm = ({ unit, calls, jobs, fee, seats }: Catalogue) => ({
  name: "Everything",
  starting_at: START,
  ending_before: END,
  net_payment_terms_days: 14,
  uniqueness_key: "everything",
  usage_statement_schedule: { frequency: "MONTHLY" },
  multiplier_override_prioritization: "EXPLICIT",
  commits: [
    {
      type: "PREPAID",
      name: "Balance",
      description: "Paid ahead",
      product_id: fee,
      priority: 1.5,
      rate_type: "COMMIT_RATE",
      temporary_id: "balance",
      rollover_fraction: 0.5,
      applicable_product_ids: [calls],
      netsuite_sales_order_id: "SO-1",
      access_schedule: access(20),
      invoice_schedule: { schedule_items: [{ timestamp: START, unit_price: 6, quantity: 3 }] },
    },
    {
      type: "PREPAID",
      name: "Tokens",
      product_id: fee,
      specifiers: [{ product_id: jobs }, { product_tags: ["compute"] }],
      access_schedule: access(1, END, unit),
      invoice_schedule: {
        schedule_items: [{ timestamp: START, amount: 7 }],
        do_not_invoice: true,
      },
    },
    {
      type: "POSTPAID",
      name: "Promise",
      product_id: fee,
      applicable_product_tags: ["network"],
      access_schedule: access(50, "2024-02-01T00:00:00Z"),
      invoice_schedule: {
        schedule_items: [{ timestamp: "2024-02-01T00:00:00Z", unit_price: 50, quantity: 1 }],
      },
    },
  ],
  credits: [
    {
      name: "Gift",
      product_id: fee,
      priority: 9,
      applicable_product_ids: [calls],
      access_schedule: access(4),
    },
  ],
  recurring_commits: [
    {
      name: "Each month",
      description: "Paid each month",
      product_id: fee,
      priority: 3,
      access_amount: { unit_price: 1, quantity: 2, credit_type_id: USD },
      invoice_amount: { unit_price: 1, quantity: 2, credit_type_id: USD },
      commit_duration: { value: 1, unit: "PERIODS" },
      starting_at: START,
      ending_before: END,
      applicable_product_ids: [calls],
      netsuite_sales_order_id: "SO-2",
      recurrence_frequency: "MONTHLY",
      proration: "FIRST",
      rollover_fraction: 0.25,
    },
  ],
  recurring_credits: [
    {
      product_id: fee,
      priority: 4,
      access_amount: { unit_price: 1, quantity: 1, credit_type_id: USD },
      commit_duration: { value: 1, unit: "PERIODS" },
      starting_at: START,
      specifiers: [{ product_id: calls, pricing_group_values: { region: "us" } }],
    },
    {
      product_id: fee,
      priority: 5,
      access_amount: { unit_price: 1, credit_type_id: USD },
      commit_duration: { value: 1, unit: "PERIODS" },
      starting_at: START,
      applicable_product_tags: ["network"],
      subscription_config: {
        subscription_id: "people",
        allocation: "POOLED",
        apply_seat_increase_config: { is_prorated: true },
      },
    },
  ],
  scheduled_charges: [
    {
      name: "Setup",
      product_id: fee,
      schedule: {
        schedule_items: [{ timestamp: "2024-01-10T00:00:00Z", unit_price: 250, quantity: 2 }],
      },
    },
  ],
  overrides: [
    {
      type: "OVERWRITE",
      overwrite_rate: { rate_type: "FLAT", price: 60 },
      override_specifiers: [{ product_id: calls, pricing_group_values: { region: "us" } }],
      starting_at: "2024-03-01T00:00:00Z",
      ending_before: END,
      priority: 1,
    },
    {
      type: "TIERED",
      tiers: [{ size: 10, multiplier: 1 }, { multiplier: 0.8 }],
      priority: 1.5,
      is_commit_specific: true,
      target: "COMMIT_RATE",
      override_specifiers: [{ product_tags: ["network"], commit_ids: ["balance"] }],
      starting_at: "2024-03-01T00:00:00Z",
    },
    {
      type: "MULTIPLIER",
      multiplier: 0.5,
      priority: 2,
      product_id: jobs,
      starting_at: "2024-03-01T00:00:00Z",
    },
    {
      entitled: true,
      applicable_product_tags: ["network"],
      starting_at: "2024-03-01T00:00:00Z",
    },
  ],
  subscriptions: [
    seated(seats, {
      seat_group_key: "user",
      initial_seat_ids: ["ann", "bob"],
      initial_unassigned_seats: 1,
    }),
  ],
});

/** A package with a part of every kind. */
export const packageTerms = ({ fee }: Catalogue, rate_card_id: string) => ({
  name: "Starter",
  contract_name: "Starter plan",
  rate_card_id,
  uniqueness_key: "starter",
  net_payment_terms_days: 15,
  scheduled_charges_on_usage_invoices: "ALL",
  duration: { value: 12, unit: "MONTHS" },
  aliases: [{ name: "start", starting_at: START }],
  commits: [
    {
      type: "PREPAID",
      name: "Allowance",
      product_id: fee,
      access_schedule: {
        schedule_items: [
          {
            amount: 10.5,
            starting_at_offset: { value: 0, unit: "MONTHS" },
            duration: { value: 6, unit: "MONTHS" },
          },
        ],
      },
    },
  ],
});

/** Alerts with every filter there is. */
export async function createAlerts(ask: Ask, { metric }: Catalogue, customerId: string) {
  const create = (body: object) => ask("POST", "/v1/alerts/create", body);
  await create({
    alert_type: "spend_threshold_reached",
    name: "Spend",
    threshold: 1000.5,
    customer_id: customerId,
    uniqueness_key: "spend",
    group_values: [{ key: "region", value: "eu" }],
  });
  await create({
    alert_type: "usage_threshold_reached",
    name: "Usage",
    threshold: 10,
    billable_metric_id: metric,
  });
  await create({
    alert_type: "invoice_total_reached",
    name: "Total",
    threshold: 10,
    invoice_types_filter: ["USAGE"],
    credit_type_id: USD,
  });
  await create({
    alert_type: "low_remaining_contract_credit_balance_reached",
    name: "Balance",
    threshold: 1,
    credit_type_id: USD,
    custom_field_filters: [{ entity: "ContractCredit", key: "ref", value: "x" }],
  });
  await create({
    alert_type: "low_remaining_seat_balance_reached",
    name: "Seats",
    threshold: 1,
    credit_type_id: USD,
    seat_filter: { seat_group_key: "user", seat_group_value: "ann" },
  });
}
