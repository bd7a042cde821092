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
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  fixed = await createFixedProduct(server.metronome, "Promise");
  card = await createRateCard(server.metronome, [
    [await createUsageProduct(server.metronome, "calls"), 100],
  ]);
});
afterAll(() => server.close());

const v1 = () => server.metronome.v1;
const postpaid = (amount: number, fields: object = {}) => ({
  type: "POSTPAID" as const,
  product_id: fixed,
  name: "Promise",
  access_schedule: {
    schedule_items: [
      { amount, starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-03-01T00:00:00Z" },
    ],
  },
  invoice_schedule: { schedule_items: [{ amount, timestamp: "2024-03-01T00:00:00Z" }] },
  ...fields,
});
const promise = async (amount: number): Promise<{ customer_id: string; contract_id: string }> => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: "2024-01-01T00:00:00Z",
    commits: [postpaid(amount)],
  });
  return { customer_id, contract_id };
};
const shown = async (customer_id: string) =>
  (await listInvoices(server.metronome, customer_id)).map((invoice) => [
    invoice.type,
    invoice.status,
    invoice.total,
    invoice.line_items.map(showLine),
  ]);
const findCommit = async (customer_id: string) => {
  const [commit] = (
    await v1().contracts.listBalances({
      customer_id,
      include_contract_balances: true,
      include_balance: true,
      include_ledgers: true,
    })
  ).data;
  if (commit === undefined) throw new Error("The customer has no commit");
  return commit;
};
const disableTrueup = (body: object) =>
  server.metronome.post<{ data: { id: string } }>("/v1/contracts/commits/disableTrueup", { body });

describe("a postpaid commit through its life", () => {
  test("the rest of $100 is trued up after the last usage invoice; disabled it is not", async () => {
    const { customer_id, contract_id } = await promise(10_000);
    const forgiven = await promise(5000);
    const forgivenCommit = await findCommit(forgiven.customer_id);
    await use(server.metronome, customer_id, "calls", "2024-01-01T00:00:00Z", 20);

    // From the start on the true-up is a draft: 10,000 less the 20 x 100 of the draft.
    expect(await shown(customer_id)).toEqual(
      expect.arrayContaining([
        ["USAGE", "DRAFT", 2000, ["calls: 20 x 100 = 2000", "Promise applied = -2000"]],
        ["SCHEDULED", "DRAFT", 8000, ["Promise true-up: 1 x 8000 = 8000"]],
      ]),
    );
    // What it will bill is not gone: it can still be burned.
    expect((await findCommit(customer_id)).balance).toBe(8000);

    const key = { customer_id: forgiven.customer_id, contract_id: forgiven.contract_id };
    expect((await disableTrueup({ ...key, commit_id: forgivenCommit.id })).data.id).toBe(
      forgivenCommit.id,
    );
    await disableTrueup({ ...key, commit_id: forgivenCommit.id });
    expect((await shown(forgiven.customer_id)).map(([type]) => type)).toEqual(["USAGE"]);

    await server.setClock("2024-02-10T00:00:00Z");
    await use(server.metronome, customer_id, "calls", "2024-02-09T00:00:00Z", 30);
    // March has begun, February's invoice is in its grace: the true-up waits for it.
    await server.setClock("2024-03-01T12:00:00Z");
    await use(server.metronome, customer_id, "calls", "2024-02-28T00:00:00Z", 5);
    expect((await shown(customer_id)).filter(([type]) => type === "SCHEDULED")).toEqual([
      ["SCHEDULED", "DRAFT", 4500, ["Promise true-up: 1 x 4500 = 4500"]],
    ]);

    await server.setClock("2024-03-03T00:00:00Z");
    const [trueUp] = await listInvoices(server.metronome, customer_id, { type: "SCHEDULED" });
    // 10,000 - 2,000 - 3,500 = 4,500.
    expect(trueUp).toMatchObject({
      status: "FINALIZED",
      total: 4500,
      issued_at: "2024-03-01T00:00:00Z",
      contract_id,
    });
    const commit = await findCommit(customer_id);
    expect(trueUp?.line_items[0]).toMatchObject({
      type: "commit_purchase",
      commit_id: commit.id,
      postpaid_commit: { id: commit.id },
    });
    expect(commit.ledger?.map(({ type, amount, timestamp }) => [type, amount, timestamp])).toEqual([
      ["POSTPAID_COMMIT_INITIAL_BALANCE", 10_000, "2024-01-01T00:00:00Z"],
      ["POSTPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION", -2000, "2024-02-01T00:00:00Z"],
      ["POSTPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION", -3500, "2024-03-01T00:00:00Z"],
      ["POSTPAID_COMMIT_TRUEUP", -4500, "2024-03-01T00:00:00Z"],
    ]);
    expect(
      await listInvoices(server.metronome, forgiven.customer_id, { type: "SCHEDULED" }),
    ).toEqual([]);
    expect((await findCommit(forgiven.customer_id)).ledger?.at(-1)).toMatchObject({
      type: "POSTPAID_COMMIT_EXPIRATION",
      amount: -5000,
    });
    await expect(disableTrueup({ customer_id, contract_id, commit_id: commit.id })).rejects.toThrow(
      "is invoiced already",
    );
  });

  test("disabling needs a postpaid commit of that contract", async () => {
    const { customer_id, contract_id } = await promise(100);
    const { id: commit_id } = await findCommit(customer_id);
    const other = await promise(100);
    await expect(disableTrueup({ customer_id, contract_id, commit_id: NOWHERE })).rejects.toThrow(
      `Commit ${NOWHERE} not found`,
    );
    await expect(
      disableTrueup({ customer_id, contract_id: other.contract_id, commit_id }),
    ).rejects.toThrow("not found");
    const prepaid = await v1().customers.commits.create({
      customer_id,
      ...postpaid(100),
      type: "PREPAID",
      priority: 1,
      invoice_contract_id: contract_id,
    });
    await expect(
      disableTrueup({ customer_id, contract_id, commit_id: prepaid.data.id }),
    ).rejects.toThrow("POSTPAID");
  });

  test.each<[string, object, string]>([
    [
      "two windows of access",
      {
        access_schedule: {
          schedule_items: [1, 2].map((month) => ({
            amount: 100,
            starting_at: `2024-0${month}-01T00:00:00Z`,
            ending_before: `2024-0${month + 1}-01T00:00:00Z`,
          })),
        },
      },
      "commits[0].access_schedule.schedule_items of a POSTPAID commit must have exactly one item",
    ],
    ["no true-up", { invoice_schedule: undefined }, "must have exactly one date"],
    [
      "two true-ups",
      {
        invoice_schedule: {
          schedule_items: [
            { amount: 50, timestamp: "2024-03-01T00:00:00Z" },
            { amount: 50, timestamp: "2024-04-01T00:00:00Z" },
          ],
        },
      },
      "must have exactly one date",
    ],
    [
      "a true-up of another amount",
      { invoice_schedule: { schedule_items: [{ amount: 99, timestamp: "2024-03-01T00:00:00Z" }] } },
      "must be of the amount of its access",
    ],
  ])("is refused with %s", async (_what, fields, message) => {
    const customer_id = await createCustomer(server.metronome);
    const terms = { starting_at: "2024-01-01T00:00:00Z", commits: [postpaid(100, fields)] };
    await expect(createContract(server.metronome, customer_id, card, terms)).rejects.toThrow(
      message,
    );
  });
});
