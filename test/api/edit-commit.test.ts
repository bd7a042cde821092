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

const NOWHERE = "00000000-0000-4000-8000-000000000000";
const JANUARY = "2024-01-01T00:00:00Z";
const JUNE = "2024-06-01T00:00:00Z";
const JULY = "2024-07-01T00:00:00Z";

let server: TestServer;
let fixed: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(JANUARY);
  fixed = await createFixedProduct(server.metronome, "Prepayment");
  card = await createRateCard(server.metronome, [
    [await createUsageProduct(server.metronome, "calls"), 100],
  ]);
});
afterAll(() => server.close());

const v1 = () => server.metronome.v1;
const v2 = () => server.metronome.v2.contracts;

async function prepaid() {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: JANUARY,
  });
  const { data } = await v1().customers.commits.create({
    customer_id,
    type: "PREPAID",
    product_id: fixed,
    name: "Pool",
    priority: 5,
    invoice_contract_id: contract_id,
    access_schedule: {
      schedule_items: [{ amount: 500, starting_at: JANUARY, ending_before: JULY }],
    },
    invoice_schedule: {
      schedule_items: [
        { amount: 200, timestamp: JANUARY },
        { unit_price: 100, quantity: 3, timestamp: JUNE },
      ],
    },
  });
  return { customer_id, contract_id, commit_id: data.id };
}

async function read(customer_id: string) {
  const [commit] = (await v1().contracts.listBalances({ customer_id, include_balance: true })).data;
  if (commit?.type !== "PREPAID") throw new Error("The customer has no prepaid commit");
  return commit;
}
const shown = async (customer_id: string, type: "USAGE" | "SCHEDULED") =>
  (await listInvoices(server.metronome, customer_id, { type })).map(({ line_items, status }) =>
    [status, ...line_items.map(showLine)].join(", "),
  );

test("an edit changes terms, access and purchase, and drafts follow", async () => {
  const { customer_id, commit_id } = await prepaid();
  await use(server.metronome, customer_id, "calls", JANUARY, 10);
  // What is due now is done: the purchase of January is final before the edit names it anew.
  await server.setClock(JANUARY);
  const before = await read(customer_id);
  const segment = before.access_schedule?.schedule_items[0]?.id ?? "";
  const [, open] = before.invoice_schedule?.schedule_items ?? [];
  expect(await shown(customer_id, "USAGE")).toEqual([
    "DRAFT, calls: 5 x 100 = 500, Pool applied = -500, calls: 5 x 100 = 500",
  ]);
  await v2().editCommit({
    customer_id,
    commit_id,
    name: "Bigger pool",
    priority: null,
    access_schedule: {
      update_schedule_items: [{ id: segment, amount: 700 }],
      add_schedule_items: [
        { amount: 50, starting_at: JULY, ending_before: "2024-08-01T00:00:00Z" },
      ],
    },
    invoice_schedule: {
      update_schedule_items: [{ id: open?.id ?? "", quantity: 4 }],
      add_schedule_items: [{ amount: 50, timestamp: JULY }],
    },
  });
  // 700 pay for 7 of 10 calls; 4 x 100 and 50 are still to be billed.
  expect(await shown(customer_id, "USAGE")).toEqual([
    "DRAFT, calls: 7 x 100 = 700, Bigger pool applied = -700, calls: 3 x 100 = 300",
  ]);
  expect((await shown(customer_id, "SCHEDULED")).toSorted()).toEqual(
    [
      "FINALIZED, Pool: 1 x 200 = 200",
      "DRAFT, Bigger pool: 1 x 50 = 50",
      "DRAFT, Bigger pool: 4 x 100 = 400",
    ].toSorted(),
  );
  expect(await read(customer_id)).toMatchObject({ name: "Bigger pool", priority: 100 });

  await v2().editCommit({
    customer_id,
    commit_id,
    applicable_product_ids: [fixed],
    invoice_schedule: { remove_schedule_items: [{ id: open?.id ?? "" }] },
  });
  expect(await shown(customer_id, "USAGE")).toEqual(["DRAFT, calls: 10 x 100 = 1000"]);
  expect(await shown(customer_id, "SCHEDULED")).toHaveLength(2);
  await v2().editCommit({ customer_id, commit_id, applicable_product_ids: null });
  expect(await shown(customer_id, "USAGE")).toEqual([
    "DRAFT, calls: 7 x 100 = 700, Bigger pool applied = -700, calls: 3 x 100 = 300",
  ]);
});

test("what is used or billed by a finalized invoice stays", async () => {
  const { customer_id, commit_id } = await prepaid();
  await use(server.metronome, customer_id, "calls", JANUARY, 3);
  await server.setClock("2024-02-03T00:00:00Z");
  const { access_schedule, invoice_schedule } = await read(customer_id);
  const segment = access_schedule?.schedule_items[0]?.id ?? "";
  const billed = invoice_schedule?.schedule_items?.[0]?.id ?? "";
  const edit = (fields: object) => v2().editCommit({ customer_id, commit_id, ...fields });
  await expect(
    edit({ access_schedule: { remove_schedule_items: [{ id: segment }] } }),
  ).rejects.toThrow("was used and cannot be removed");
  await expect(
    edit({ access_schedule: { update_schedule_items: [{ id: segment, amount: 299 }] } }),
  ).rejects.toThrow("cannot be smaller than what is used of it");
  for (const change of [
    { remove_schedule_items: [{ id: billed }] },
    { update_schedule_items: [{ id: billed, amount: 1 }] },
  ]) {
    await expect(edit({ invoice_schedule: change })).rejects.toThrow("is invoiced already");
  }
  await expect(edit({ invoice_contract_id: NOWHERE })).rejects.toThrow("a part of the purchase");
  await edit({ access_schedule: { update_schedule_items: [{ id: segment, amount: 300 }] } });
  expect((await read(customer_id)).balance).toBe(0);
});

test.each<[string, object, string]>([
  [
    "an unknown segment",
    { access_schedule: { remove_schedule_items: [{ id: NOWHERE }] } },
    `Segment ${NOWHERE} not found`,
  ],
  [
    "a window that ends before it begins",
    {
      access_schedule: {
        add_schedule_items: [{ amount: 1, starting_at: JULY, ending_before: JUNE }],
      },
    },
    "ending_before must be after starting_at",
  ],
  [
    "half a price",
    { invoice_schedule: { add_schedule_items: [{ unit_price: 1, timestamp: JULY }] } },
    "either amount or both unit_price and quantity",
  ],
  ["a product that is not FIXED", { product_id: NOWHERE }, "not found"],
  ["an unknown contract", { applicable_contract_ids: [NOWHERE] }, `Contract ${NOWHERE} not found`],
  ["another kind", { commit_id: NOWHERE }, `Commit ${NOWHERE} not found`],
])("an edit is refused with %s", async (_what, fields, message) => {
  const { customer_id, commit_id } = await prepaid();
  const before = await read(customer_id);
  await expect(v2().editCommit({ customer_id, commit_id, ...fields })).rejects.toThrow(message);
  expect(await read(customer_id)).toEqual(before);
});

test("a credit is edited by its own route", async () => {
  const customer_id = await createCustomer(server.metronome);
  const { data } = await v1().customers.credits.create({
    customer_id,
    product_id: fixed,
    priority: 1,
    access_schedule: {
      schedule_items: [{ amount: 500, starting_at: JANUARY, ending_before: JULY }],
    },
  });
  const edit = { customer_id, credit_id: data.id, description: "Sorry" };
  expect((await v2().editCredit(edit)).data.id).toBe(data.id);
  const [credit] = (await v1().contracts.listBalances({ customer_id })).data;
  expect(credit?.description).toBe("Sorry");
  await expect(
    v2().editCommit({ customer_id, commit_id: data.id, description: "Sorry" }),
  ).rejects.toThrow(`Commit ${data.id} not found`);
});
