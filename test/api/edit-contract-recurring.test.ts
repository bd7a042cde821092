import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Recurring credits of a contract whose end moves: what is planned ahead goes and comes with it. */
let server: TestServer;
let keys: { customer_id: string; contract_id: string };

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-31T12:00:00Z");
  const { metronome } = server;
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 1],
  ]);
  const customer_id = await createCustomer(metronome);
  const contract_id = await createContract(metronome, customer_id, card, {
    starting_at: "2024-03-01T00:00:00Z",
    recurring_credits: [
      {
        product_id: await createFixedProduct(metronome, "Monthly credit"),
        priority: 1,
        access_amount: {
          unit_price: 310,
          quantity: 1,
          credit_type_id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2",
        },
        commit_duration: { value: 1 },
        starting_at: "2024-03-01T00:00:00Z",
      },
    ],
  });
  keys = { customer_id, contract_id };
});

afterAll(async () => {
  await server.close();
});

const moveEnd = (end: string | null) =>
  server.metronome.v2.contracts.edit({ ...keys, update_contract_end_date: end });

const open = async () => {
  const { data } = await server.metronome.v2.contracts.retrieve(keys);
  return (data.credits ?? [])
    .filter((credit) => credit.archived_at === undefined)
    .flatMap((credit) => credit.access_schedule?.schedule_items ?? [])
    .map(({ starting_at: from, ending_before: to }) => `${from.slice(5, 10)}..${to.slice(5, 10)}`);
};

test("the month that runs stays, the next one goes with the end and comes back with it", async () => {
  const all = await open();
  expect(all[0]).toBe("03-01..04-01");
  await moveEnd("2024-04-01T00:00:00Z");
  expect(await open()).toEqual(["03-01..04-01"]);
  await moveEnd(null);
  expect(await open()).toEqual(all);
  await server.setClock("2024-04-10T00:00:00Z");
  expect((await open()).slice(0, 2)).toEqual(["03-01..04-01", "04-01..05-01"]);
});
