import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

let server: TestServer;
let fixed: string;
let calls: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  fixed = await createFixedProduct(server.metronome, "Credit");
  calls = await createUsageProduct(server.metronome, "calls");
  card = await createRateCard(server.metronome, [[calls, 100]]);
});
afterAll(() => server.close());

const v1 = () => server.metronome.v1;
const month = (n: number) => `2024-${String(n).padStart(2, "0")}-01T00:00:00Z`;
/** A customer with a contract and a credit of `amount` in each of the given months. */
const credited = async (amount: number, ...months: number[]) => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: month(1),
  });
  const { data } = await v1().customers.credits.create({
    customer_id,
    product_id: fixed,
    name: "Gift",
    priority: 1,
    access_schedule: {
      schedule_items: months.map((n) => ({
        amount,
        starting_at: month(n),
        ending_before: month(n + 1),
      })),
    },
  });
  return { customer_id, contract_id, id: data.id };
};
const read = async (customer_id: string, fields: object = {}) => {
  const [commit] = (
    await v1().contracts.listBalances({
      customer_id,
      include_balance: true,
      include_ledgers: true,
      ...fields,
    })
  ).data;
  if (commit === undefined) throw new Error("The customer has no commit");
  return commit;
};
const segmentsOf = async (customer_id: string) =>
  (await read(customer_id)).access_schedule?.schedule_items ?? [];
const shown = async (customer_id: string) =>
  (await listInvoices(server.metronome, customer_id)).flatMap(({ line_items }) =>
    line_items.map(showLine),
  );

describe("manual ledger entries", () => {
  test("change the balance and the drafts at once", async () => {
    const { customer_id, id } = await credited(500, 1);
    await use(server.metronome, customer_id, "calls", "2024-01-01T00:00:00Z", 10);
    const [segment] = await segmentsOf(customer_id);
    const segment_id = segment?.id ?? "";
    const entry = { customer_id, id, segment_id, reason: "outage" };
    await v1().contracts.addManualBalanceEntry({ ...entry, amount: -200.5 });
    // 500 - 200.5 are left to pay for 10 x 100: 2.995 calls.
    expect(await shown(customer_id)).toEqual([
      "calls: 2.995 x 100 = 299.5",
      "Gift applied = -299.5",
      "calls: 7.005 x 100 = 700.5",
    ]);
    await v1().contracts.addManualBalanceEntry({
      ...entry,
      amount: 1000,
      timestamp: "2024-01-01T05:00:00Z",
    });
    // 500 - 200.5 + 1000 = 1299.5, of which the draft takes 1000.
    const commit = await read(customer_id);
    expect(commit.balance).toBe(299.5);
    expect(
      commit.ledger?.map(({ type, amount, timestamp, ...rest }) => [
        type,
        amount,
        timestamp,
        "reason" in rest ? rest.reason : undefined,
      ]),
    ).toEqual([
      ["CREDIT_SEGMENT_START", 500, "2024-01-01T00:00:00Z", undefined],
      ["CREDIT_MANUAL", -200.5, "2024-01-01T00:00:00Z", "outage"],
      ["CREDIT_MANUAL", 1000, "2024-01-01T05:00:00Z", "outage"],
      ["CREDIT_AUTOMATED_INVOICE_DEDUCTION", -1000, "2024-02-01T00:00:00Z", undefined],
    ]);
    await expect(v1().contracts.addManualBalanceEntry({ ...entry, amount: -1300 })).rejects.toThrow(
      "amount takes more than the 1299.5 that are left",
    );
  });

  test.each<[string, object, string]>([
    ["nothing", { amount: 0 }, "amount must not be 0"],
    ["another segment", { segment_id: NOWHERE }, `Segment ${NOWHERE} not found`],
    ["another balance", { id: NOWHERE }, `Balance ${NOWHERE} not found`],
    ["a contract's balance", { contract_id: NOWHERE }, "not found"],
    ["a time outside of it", { timestamp: "2024-02-01T00:00:01Z" }, "timestamp must lie in"],
    ["seats", { per_group_amounts: { a: 1 } }, "per_group_amounts"],
  ])("are refused for %s", async (_what, fields, message) => {
    const { customer_id, id } = await credited(500, 1);
    const [segment] = await segmentsOf(customer_id);
    const entry = { customer_id, id, segment_id: segment?.id ?? "", amount: 1, reason: "no" };
    await expect(v1().contracts.addManualBalanceEntry({ ...entry, ...fields })).rejects.toThrow(
      message,
    );
  });
});

describe("ending access earlier", () => {
  test("cuts the window that runs and takes away later ones", async () => {
    const { customer_id, id } = await credited(500, 1, 2, 3);
    const end = (access_ending_before: string) =>
      v1().customers.credits.updateEndDate({ customer_id, credit_id: id, access_ending_before });
    await end("2024-02-11T00:00:00Z");
    expect(
      (await segmentsOf(customer_id)).map(({ starting_at, ending_before }) => [
        starting_at,
        ending_before,
      ]),
    ).toEqual([
      ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"],
      ["2024-02-01T00:00:00Z", "2024-02-11T00:00:00Z"],
    ]);
    await end("2024-02-11T00:00:00Z");
    await expect(end("2024-02-12T00:00:00Z")).rejects.toThrow("can only be earlier");
    await expect(end("2024-01-01T00:00:00Z")).rejects.toThrow("after the start of access");
    await expect(end("2024-01-01T00:30:00Z")).rejects.toThrow("hour");
  });

  test("stops what is not billed yet of a purchase", async () => {
    const { customer_id, contract_id } = await credited(1, 1);
    const { data } = await v1().customers.commits.create({
      customer_id,
      type: "PREPAID",
      product_id: fixed,
      priority: 1,
      invoice_contract_id: contract_id,
      access_schedule: {
        schedule_items: [{ amount: 300, starting_at: month(1), ending_before: month(12) }],
      },
      invoice_schedule: {
        schedule_items: [6, 7, 8].map((n) => ({ amount: 100, timestamp: month(n) })),
      },
    });
    const dates = async () =>
      (await listInvoices(server.metronome, customer_id, { type: "SCHEDULED" })).length;
    expect(await dates()).toBe(3);
    await v1().customers.commits.updateEndDate({
      customer_id,
      commit_id: data.id,
      invoices_ending_before: month(7),
    });
    expect(await dates()).toBe(1);
    await expect(
      v1().customers.credits.updateEndDate({
        customer_id,
        credit_id: data.id,
        access_ending_before: month(7),
      }),
    ).rejects.toThrow(`Credit ${data.id} not found`);
  });
});

describe("archiving", () => {
  const archive = (what: "commit" | "credit", body: object) =>
    server.metronome.post<{ data: { id: string } }>(`/v2/contracts/${what}s/archive`, { body });

  test("an archived credit pays for nothing and is not listed", async () => {
    const { customer_id, id } = await credited(500, 1);
    await use(server.metronome, customer_id, "calls", "2024-01-01T00:00:00Z", 10);
    expect((await archive("credit", { customer_id, credit_id: id })).data.id).toBe(id);
    await archive("credit", { customer_id, credit_id: id });
    expect(await shown(customer_id)).toEqual(["calls: 10 x 100 = 1000"]);
    expect((await v1().contracts.listBalances({ customer_id })).data).toEqual([]);
    expect((await read(customer_id, { include_archived: true })).balance).toBe(0);
    await expect(archive("commit", { customer_id, commit_id: id })).rejects.toThrow("not found");
  });

  test("not while a finalized invoice was paid by it or bills it", async () => {
    const { customer_id, contract_id, id } = await credited(500, 1);
    const { data } = await v1().customers.commits.create({
      customer_id,
      type: "PREPAID",
      product_id: fixed,
      priority: 1,
      invoice_contract_id: contract_id,
      access_schedule: {
        schedule_items: [{ amount: 300, starting_at: month(5), ending_before: month(6) }],
      },
      invoice_schedule: { schedule_items: [{ amount: 100, timestamp: month(1) }] },
    });
    await use(server.metronome, customer_id, "calls", "2024-01-01T00:00:00Z", 10);
    await server.setClock("2024-02-03T00:00:00Z");
    await expect(archive("credit", { customer_id, credit_id: id })).rejects.toThrow(
      "which is finalized",
    );
    await expect(archive("commit", { customer_id, commit_id: data.id })).rejects.toThrow(
      "A finalized invoice bills the commit",
    );
  });
});

test("specifiers decide which usage burns a commit", async () => {
  const customer_id = await createCustomer(server.metronome);
  await createContract(server.metronome, customer_id, card, { starting_at: month(2) });
  const credit = (fields: object) =>
    v1().customers.credits.create({
      customer_id,
      product_id: fixed,
      priority: 1,
      access_schedule: {
        schedule_items: [{ amount: 100, starting_at: month(2), ending_before: month(3) }],
      },
      ...fields,
    });
  await credit({ name: "Other", specifiers: [{ product_id: fixed }] });
  await credit({ name: "Region", specifiers: [{ pricing_group_values: { region: "eu" } }] });
  await credit({ name: "Calls", specifiers: [{ product_id: fixed }, { product_id: calls }] });
  await use(server.metronome, customer_id, "calls", "2024-02-03T00:00:00Z", 3);
  expect(await shown(customer_id)).toEqual([
    "calls: 1 x 100 = 100",
    "Calls applied = -100",
    "calls: 2 x 100 = 200",
  ]);
  const listed = (await v1().contracts.listBalances({ customer_id })).data;
  expect(listed.map(({ specifiers }) => specifiers)).toEqual([
    [{ product_id: fixed }],
    [{ pricing_group_values: { region: "eu" } }],
    [{ product_id: fixed }, { product_id: calls }],
  ]);
  await expect(
    credit({ specifiers: [{ product_id: calls }], applicable_product_ids: [calls] }),
  ).rejects.toThrow("specifiers cannot be used with applicable_product_ids");
  await expect(credit({ specifiers: [{}] })).rejects.toThrow("specifiers[0] names nothing");
  await expect(credit({ specifiers: [{ product_id: NOWHERE }] })).rejects.toThrow("not found");
});
