import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** What cannot be edited: each refusal names the field and the rule, and nothing is changed. */
let server: TestServer;
let tokens: string;
let unpriced: string;
let fee: string;
let seats: string;
let keys: { customer_id: string; contract_id: string };
let other: { customer_id: string; contract_id: string };
let customerCredit: string;

const NOWHERE = "00000000-0000-4000-8000-000000000000";
const MARCH = { starting_at: "2024-03-01T00:00:00Z", ending_before: "2024-04-01T00:00:00Z" };

const access = (amount = 100, dates: typeof MARCH = MARCH) => ({
  schedule_items: [{ amount, ...dates }],
});

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-01T12:00:00Z");
  const { metronome } = server;
  tokens = await createUsageProduct(metronome, "tokens");
  unpriced = await createUsageProduct(metronome, "unpriced");
  fee = await createFixedProduct(metronome, "Fee");
  seats = (await metronome.v1.contracts.products.create({ name: "Seat", type: "SUBSCRIPTION" }))
    .data.id;
  const card = await createRateCard(metronome, [[tokens, 100]]);
  const sign = async () => {
    const customer_id = await createCustomer(metronome);
    const contract_id = await createContract(metronome, customer_id, card, {
      starting_at: MARCH.starting_at,
      ending_before: "2025-03-01T00:00:00Z",
      credits: [{ product_id: fee, name: "Own", access_schedule: access() }],
      scheduled_charges: [
        {
          product_id: fee,
          schedule: { schedule_items: [{ timestamp: "2024-03-20T00:00:00Z", amount: 5 }] },
        },
      ],
    });
    return { customer_id, contract_id };
  };
  keys = await sign();
  other = await sign();
  const { data } = await metronome.v1.customers.credits.create({
    customer_id: keys.customer_id,
    product_id: fee,
    priority: 1,
    access_schedule: access(),
  });
  customerCredit = data.id;
});

afterAll(async () => {
  await server.close();
});

const read = async (of = keys) => (await server.metronome.v2.contracts.retrieve(of)).data;

const commit = (terms: object = {}) => ({
  type: "PREPAID",
  product_id: fee,
  access_schedule: access(),
  ...terms,
});
const subscription = (terms: object = {}) => ({
  subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
  collection_schedule: "ARREARS",
  proration: {},
  initial_quantity: 1,
  ...terms,
});
const own = async () => {
  const contract = await read();
  const foreign = await read(other);
  return {
    credit: contract.credits?.[0]?.id,
    charge: contract.scheduled_charges[0]?.id,
    item: contract.scheduled_charges[0]?.schedule.schedule_items?.[0]?.id,
    foreignCredit: foreign.credits?.[0]?.id,
    foreignCharge: foreign.scheduled_charges[0]?.id,
  };
};
type Own = Awaited<ReturnType<typeof own>>;

test.each<[string, (ids: Own) => object, string]>([
  ["nothing", () => ({}), "The edit changes nothing"],
  ["only empty lists", () => ({ add_commits: [] }), "The edit changes nothing"],
  ["a field we do not know", () => ({ add_commit: [] }), "unknown field add_commit"],
  ["a field we do not do", () => ({ add_discounts: [{}] }), "add_discounts is not supported"],
  ["a resale", () => ({ add_reseller_royalties: [{}] }), "add_reseller_royalties is not supported"],
  [
    "a commit of a usage product",
    () => ({ add_commits: [commit({ product_id: tokens })] }),
    "add_commits[0].product_id must be of a FIXED product",
  ],
  [
    "a commit below zero",
    () => ({ add_commits: [commit({ access_schedule: access(-1) })] }),
    "add_commits[0].access_schedule.schedule_items[0].amount",
  ],
  [
    "a window that ends before it begins",
    () => ({
      add_commits: [
        commit({
          access_schedule: access(1, {
            starting_at: MARCH.ending_before,
            ending_before: MARCH.starting_at,
          }),
        }),
      ],
    }),
    "add_commits[0].access_schedule.schedule_items[0].ending_before must be after starting_at",
  ],
  [
    "a postpaid commit without a date",
    () => ({ add_commits: [commit({ type: "POSTPAID" })] }),
    "add_commits[0].invoice_schedule of a POSTPAID commit must have exactly one date",
  ],
  [
    "a temporary id used twice",
    () => ({ add_commits: [commit({ temporary_id: "t" }), commit({ temporary_id: "t" })] }),
    "add_commits[1].temporary_id is used twice",
  ],
  [
    "a credit off the hour",
    () => ({
      add_credits: [
        {
          product_id: fee,
          access_schedule: access(1, { ...MARCH, starting_at: "2024-03-01T00:30:00Z" }),
        },
      ],
    }),
    "add_credits[0].access_schedule.schedule_items[0].starting_at",
  ],
  [
    "a charge with half a price",
    () => ({
      add_scheduled_charges: [
        {
          product_id: fee,
          schedule: { schedule_items: [{ timestamp: MARCH.starting_at, unit_price: 1 }] },
        },
      ],
    }),
    "add_scheduled_charges[0].schedule.schedule_items[0] must have either amount or both",
  ],
  [
    "a schedule of more than a thousand dates",
    () => ({
      add_scheduled_charges: [
        {
          product_id: fee,
          schedule: {
            schedule_items: Array.from({ length: 1001 }, () => ({
              timestamp: MARCH.starting_at,
              amount: 1,
            })),
          },
        },
      ],
    }),
    "add_scheduled_charges[0].schedule.schedule_items",
  ],
  [
    "an override of a product that is not on the card",
    () => ({
      add_overrides: [
        {
          type: "MULTIPLIER",
          multiplier: 0.5,
          starting_at: MARCH.starting_at,
          product_id: unpriced,
        },
      ],
    }),
    "add_overrides[0].product_id",
  ],
  [
    "an override below zero",
    () => ({
      add_overrides: [
        { type: "MULTIPLIER", multiplier: -1, starting_at: MARCH.starting_at, product_id: tokens },
      ],
    }),
    "add_overrides[0].multiplier",
  ],
  [
    "a subscription without a rate",
    () => ({ add_subscriptions: [subscription()] }),
    "add_subscriptions[0].subscription_rate needs a MONTHLY rate",
  ],
  [
    "a subscription to usage",
    () => ({
      add_subscriptions: [
        subscription({ subscription_rate: { billing_frequency: "MONTHLY", product_id: tokens } }),
      ],
    }),
    "add_subscriptions[0].subscription_rate.product_id must be of a SUBSCRIPTION product",
  ],
  [
    "a subscription beyond the new end",
    () => ({
      update_contract_end_date: "2024-06-01T00:00:00Z",
      add_subscriptions: [subscription({ starting_at: "2024-06-01T00:00:00Z" })],
    }),
    "add_subscriptions[0].starting_at must be before the contract's end",
  ],
  [
    "a commit that is not there",
    () => ({ update_commits: [{ commit_id: NOWHERE, name: "x" }] }),
    `Commit ${NOWHERE} not found`,
  ],
  ["a credit as a commit", ({ credit }) => ({ archive_commits: [{ id: credit }] }), "not found"],
  [
    "a credit of the customer",
    () => ({ update_credits: [{ credit_id: customerCredit, name: "x" }] }),
    "not found",
  ],
  [
    "a credit of another contract",
    ({ foreignCredit }) => ({ archive_credits: [{ id: foreignCredit }] }),
    "not found",
  ],
  [
    "access that would be gone",
    ({ credit }) => ({
      update_credits: [
        { credit_id: credit, access_schedule: { remove_schedule_items: [{ id: NOWHERE }] } },
      ],
    }),
    `Segment ${NOWHERE} not found`,
  ],
  [
    "another kind of product",
    ({ credit }) => ({ update_credits: [{ credit_id: credit, product_id: tokens }] }),
    "update_credits[0].product_id must be of a FIXED product",
  ],
  [
    "a purchase of a credit",
    ({ credit }) => ({ update_credits: [{ credit_id: credit, invoice_schedule: {} }] }),
    "unknown field update_credits[0].invoice_schedule",
  ],
  [
    "a charge of another contract",
    ({ foreignCharge }) => ({ archive_scheduled_charges: [{ id: foreignCharge }] }),
    "not found",
  ],
  [
    "half a price for a charge",
    ({ charge }) => ({
      update_scheduled_charges: [
        {
          scheduled_charge_id: charge,
          invoice_schedule: {
            add_schedule_items: [{ timestamp: MARCH.starting_at, quantity: 1 }],
          },
        },
      ],
    }),
    "update_scheduled_charges[0].invoice_schedule.add_schedule_items[0] must have either amount",
  ],
  [
    "an override that is not there",
    () => ({ remove_overrides: [{ id: NOWHERE }] }),
    `Override ${NOWHERE} not found`,
  ],
  [
    "an end before the start",
    () => ({ update_contract_end_date: MARCH.starting_at }),
    "update_contract_end_date must be after the contract's start",
  ],
  [
    "an end off the hour",
    () => ({ update_contract_end_date: "2024-06-01T00:00:01Z" }),
    "update_contract_end_date",
  ],
  [
    "negative payment terms",
    () => ({ update_net_payment_terms_days: -1 }),
    "update_net_payment_terms_days",
  ],
  [
    "a key that is too long",
    () => ({ uniqueness_key: "k".repeat(129), update_contract_name: "x" }),
    "uniqueness_key",
  ],
  [
    "a provider that the customer has not",
    () => ({
      add_billing_provider_configuration_update: {
        billing_provider_configuration: {
          billing_provider: "stripe",
          delivery_method: "direct_to_billing_provider",
        },
        schedule: { effective_at: "START_OF_CURRENT_PERIOD" },
      },
    }),
    "matches no configuration of the customer",
  ],
  [
    "a time that has no name",
    () => ({
      add_billing_provider_configuration_update: {
        billing_provider_configuration: { billing_provider_configuration_id: NOWHERE },
        schedule: { effective_at: "NOW" },
      },
    }),
    "schedule.effective_at",
  ],
])("%s", async (_what, changes, message) => {
  const before = JSON.stringify([
    await read(),
    await server.metronome.v2.contracts.getEditHistory(keys),
  ]);
  const reply = await server.send("POST", "/v2/contracts/edit", {
    ...keys,
    ...changes(await own()),
  });
  expect(reply).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining(message), code: expect.any(String) },
  });
  expect(
    JSON.stringify([await read(), await server.metronome.v2.contracts.getEditHistory(keys)]),
  ).toBe(before);
});

test("what is not there is a 400 with its code", async () => {
  const rename = { update_contract_name: "x" };
  for (const [body, code] of [
    [{ ...keys, contract_id: NOWHERE, ...rename }, "ContractNotFound"],
    [{ ...keys, customer_id: NOWHERE, ...rename }, "CustomerNotFound"],
    [
      { customer_id: keys.customer_id, contract_id: other.contract_id, ...rename },
      "ContractNotFound",
    ],
  ] as const) {
    const edited = await server.send("POST", "/v2/contracts/edit", body);
    expect(edited).toMatchObject({ status: 400, body: { code } });
  }
  const history = { ...keys, contract_id: NOWHERE };
  expect(await server.send("POST", "/v2/contracts/getEditHistory", history)).toMatchObject({
    status: 400,
    body: { code: "ContractNotFound" },
  });
});

test("an archived contract is not edited any more; its history stays readable", async () => {
  await server.metronome.v2.contracts.edit({ ...other, update_contract_name: "Last" });
  await server.metronome.v1.contracts.archive({ ...other, void_invoices: false });
  await expect(
    server.metronome.v2.contracts.edit({ ...other, update_contract_name: "x" }),
  ).rejects.toThrow("The contract is archived");
  const { data } = await server.metronome.v2.contracts.getEditHistory(other);
  expect(data.map((edit) => edit.update_contract_name)).toEqual(["Last"]);
});
