import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Amendments, the first version's way of adding to a contract. */
let server: TestServer;
let tokens: string;
let fee: string;
let keys: { customer_id: string; contract_id: string };

const MARCH = { starting_at: "2024-03-01T00:00:00Z", ending_before: "2024-04-01T00:00:00Z" };
const credit = (name: string, amount: number) => ({
  product_id: fee,
  name,
  access_schedule: { schedule_items: [{ amount, ...MARCH }] },
});

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-01T12:00:00Z");
  const { metronome } = server;
  tokens = await createUsageProduct(metronome, "tokens");
  fee = await createFixedProduct(metronome, "Fee");
  const card = await createRateCard(metronome, [[tokens, 100]]);
  const customer_id = await createCustomer(metronome);
  const contract_id = await createContract(metronome, customer_id, card, {
    starting_at: MARCH.starting_at,
    ending_before: "2024-12-01T00:00:00Z",
    credits: [credit("First", 100)],
  });
  keys = { customer_id, contract_id };
  await use(metronome, customer_id, "tokens", "2024-03-01T06:00:00Z", 10);
});

afterAll(async () => {
  await server.close();
});

const amend = (terms: object) =>
  server.metronome.v1.contracts.amend({ ...keys, starting_at: "2024-03-10T00:00:00Z", ...terms });

test("an amendment shows beside the contract as made, and in its history; the draft follows", async () => {
  const { data: made } = await amend({
    credits: [credit("Second", 200)],
    commits: [
      {
        type: "PREPAID",
        product_id: fee,
        name: "Bought",
        temporary_id: "bought",
        access_schedule: { schedule_items: [{ amount: 150, ...MARCH }] },
        invoice_schedule: { schedule_items: [{ timestamp: "2024-03-20T00:00:00Z", amount: 150 }] },
      },
    ],
    scheduled_charges: [
      {
        product_id: fee,
        name: "Extra",
        schedule: { schedule_items: [{ timestamp: "2024-03-20T00:00:00Z", amount: 9 }] },
      },
    ],
    overrides: [
      {
        type: "MULTIPLIER",
        multiplier: 0.5,
        starting_at: MARCH.starting_at,
        is_commit_specific: true,
        override_specifiers: [{ product_id: tokens, commit_ids: ["bought"] }],
      },
    ],
  });
  const { data: contract } = await server.metronome.v1.contracts.retrieve(keys);
  const names = (parts: { name?: string }[] | undefined) => parts?.map(({ name }) => name);
  expect(names(contract.initial.credits)).toEqual(["First"]);
  expect(names(contract.initial.commits)).toEqual([]);
  expect(contract.initial.overrides).toEqual([]);
  expect(names(contract.initial.scheduled_charges)).toEqual([]);
  expect(names(contract.current.credits)).toEqual(["First", "Second"]);
  expect(names(contract.current.commits)).toEqual(["Bought"]);
  expect(contract.amendments).toMatchObject([
    {
      id: made.id,
      starting_at: "2024-03-10T00:00:00Z",
      created_at: "2024-03-01T12:00:00Z",
      created_by: expect.any(String),
      credits: [{ name: "Second" }],
      commits: [{ name: "Bought" }],
      scheduled_charges: [{ name: "Extra" }],
      overrides: [{ multiplier: 0.5 }],
    },
  ]);
  const { data: history } = await server.metronome.v2.contracts.getEditHistory(keys);
  expect(history).toMatchObject([
    {
      id: made.id,
      add_credits: [{ id: contract.amendments[0]?.credits?.[0]?.id }],
      add_commits: [{ name: "Bought" }],
      add_scheduled_charges: [{ name: "Extra" }],
      add_overrides: [{ is_commit_specific: true }],
    },
  ]);
  // 300 of credit pay 3 tokens at 100; what was bought pays 3 at half price; 4 are left to pay.
  const [usage] = await listInvoices(server.metronome, keys.customer_id, { type: "USAGE" });
  expect(usage?.total).toBe(400);
  const [scheduled] = await listInvoices(server.metronome, keys.customer_id, { type: "SCHEDULED" });
  expect(scheduled?.line_items.map(showLine)).toEqual([
    "Extra: 1 x 9 = 9",
    "Bought: 1 x 150 = 150",
  ]);
});

test.each<[string, object, string]>([
  ["nothing", {}, "adds nothing"],
  [
    "half a credit",
    { starting_at: "2024-02-29T00:00:00Z", credits: [{}] },
    "credits[0].product_id is required",
  ],
  ["discounts", { discounts: [{}] }, "discounts is not supported"],
  ["a total value", { total_contract_value: 1 }, "total_contract_value is not supported"],
  ["a word we do not know", { commit: [] }, "unknown field commit"],
])("%s is refused", async (_what, terms, message) => {
  await expect(amend(terms)).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(message),
  });
});

test.each([
  ["2024-02-29T00:00:00Z", "starting_at must not be before the contract's start"],
  ["2024-12-01T00:00:00Z", "starting_at must be before the contract's end"],
])(
  "an amendment from %s is refused, and the parts are named as they were sent",
  async (starting_at, message) => {
    await expect(amend({ starting_at, credits: [credit("x", 1)] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
    const wrong = { ...credit("x", 1), product_id: tokens };
    await expect(amend({ credits: [wrong] })).rejects.toThrow(
      "credits[0].product_id must be of a FIXED",
    );
    const { data } = await server.metronome.v1.contracts.retrieve(keys);
    expect(data.amendments).toHaveLength(1);
  },
);
