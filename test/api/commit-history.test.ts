import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** What the endpoints of single commits and credits leave in the history of their contract. */
const month = (n: number) => `2024-${String(n).padStart(2, "0")}-01T00:00:00Z`;
const NOON = "2024-01-01T12:00:00Z";
const NOWHERE = "00000000-0000-4000-8000-000000000000";

let server: TestServer;
let fee: string;
let tokens: string;
let card: string;
let keys: { customer_id: string; contract_id: string };
let commit: Awaited<ReturnType<typeof readContract>>["commits"][number];
let credit: NonNullable<Awaited<ReturnType<typeof readContract>>["credits"]>[number];

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(NOON);
  fee = await createFixedProduct(server.metronome, "Fee");
  tokens = await createUsageProduct(server.metronome, "tokens");
  card = await createRateCard(server.metronome, [[tokens, 100]]);
});
afterAll(() => server.close());

const v1 = () => server.metronome.v1.customers;
const v2 = () => server.metronome.v2.contracts;

const windows = (amount: number) => ({
  schedule_items: [1, 2, 3].map((n) => ({
    amount,
    starting_at: month(n),
    ending_before: month(n + 1),
  })),
});

beforeEach(async () => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: month(1),
    commits: [
      {
        type: "PREPAID",
        product_id: fee,
        name: "Pool",
        access_schedule: windows(500),
        invoice_schedule: {
          schedule_items: [6, 7].map((n) => ({ amount: 200, timestamp: month(n) })),
        },
      },
    ],
    credits: [{ product_id: fee, name: "Gift", access_schedule: windows(100) }],
  });
  keys = { customer_id, contract_id };
  const contract = await readContract();
  commit = must(contract.commits[0]);
  credit = must(contract.credits?.[0]);
});

const readContract = async () => (await v2().retrieve(keys)).data;
const history = async () => (await v2().getEditHistory(keys)).data;
const windowIds = ({ access_schedule }: typeof commit | typeof credit) =>
  (access_schedule?.schedule_items ?? []).map(({ id }) => id);

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("The contract has a commit and a credit");
  return value;
}

const ID = expect.stringMatching(/^[0-9a-f-]{36}$/);
const entry = (changes: object) => ({ id: ID, timestamp: NOON, ...changes });

test("each edit is one entry, in the very words of an edit of the contract", async () => {
  const { customer_id, contract_id } = keys;
  const [window] = windowIds(commit);
  const [, july] = commit.invoice_schedule?.schedule_items ?? [];
  const changes = {
    name: "Larger pool",
    priority: 3.5,
    applicable_product_ids: [tokens],
    access_schedule: { update_schedule_items: [{ id: window ?? "", amount: 600.25 }] },
    invoice_schedule: { update_schedule_items: [{ id: july?.id ?? "", amount: 250 }] },
  };
  const gift = {
    description: "More",
    access_schedule: {
      add_schedule_items: [{ amount: 50, starting_at: month(4), ending_before: month(5) }],
    },
  };
  // The contract that bills a contract's commit cannot be another one: naming it is no change.
  await v2().editCommit({
    customer_id,
    commit_id: commit.id,
    invoice_contract_id: contract_id,
    ...changes,
  });
  await v2().editCredit({ customer_id, credit_id: credit.id, ...gift });
  const update_commits = [{ id: commit.id, ...changes }];
  const update_credits = [{ id: credit.id, ...gift }];
  expect(await history()).toEqual([entry({ update_commits }), entry({ update_credits })]);

  await v2().edit({ ...keys, update_commits: [{ commit_id: commit.id, ...changes }] });
  expect((await history())[2]).toEqual(entry({ update_commits }));
});

test("archiving is an entry, archiving again is none", async () => {
  const { customer_id } = keys;
  const archive = (what: "commit" | "credit", id: string) =>
    server.metronome.post(`/v2/contracts/${what}s/archive`, {
      body: { customer_id, [`${what}_id`]: id },
    });
  for (const _again of [1, 2]) {
    await archive("commit", commit.id);
    await archive("credit", credit.id);
  }
  expect(await history()).toEqual([
    entry({ archive_commits: [{ id: commit.id }] }),
    entry({ archive_credits: [{ id: credit.id }] }),
  ]);
});

test("an earlier end is told as the windows and dates that it cuts and takes away", async () => {
  const { customer_id } = keys;
  const [, cut, gone] = windowIds(commit);
  const [, cutCredit, goneCredit] = windowIds(credit);
  const [, july] = commit.invoice_schedule?.schedule_items ?? [];
  const access_ending_before = "2024-02-10T00:00:00Z";
  const cutAt = (id: string | undefined) => [{ id, ending_before: access_ending_before }];
  const end = { customer_id, commit_id: commit.id, access_ending_before };
  await v1().commits.updateEndDate({ ...end, invoices_ending_before: month(7) });
  await v1().commits.updateEndDate({ ...end, invoices_ending_before: month(7) });
  await v1().credits.updateEndDate({ customer_id, credit_id: credit.id, access_ending_before });
  expect(await history()).toEqual([
    entry({
      update_commits: [
        {
          id: commit.id,
          access_schedule: {
            remove_schedule_items: [{ id: gone }],
            update_schedule_items: cutAt(cut),
          },
          invoice_schedule: { remove_schedule_items: [{ id: july?.id }] },
        },
      ],
    }),
    entry({
      update_credits: [
        {
          id: credit.id,
          access_schedule: {
            remove_schedule_items: [{ id: goneCredit }],
            update_schedule_items: cutAt(cutCredit),
          },
        },
      ],
    }),
  ]);
});

test("what is refused, or asks for nothing, leaves no entry", async () => {
  const { customer_id } = keys;
  const commit_id = commit.id;
  await v2().editCommit({ customer_id, commit_id });
  await v1().commits.updateEndDate({ customer_id, commit_id });
  // Refused by the rules, after its other fields were written; by the name of a product; by the end.
  const [first] = windowIds(commit);
  const overlap = { update_schedule_items: [{ id: first ?? "", ending_before: month(3) }] };
  await expect(
    v2().editCommit({ customer_id, commit_id, name: "No", access_schedule: overlap }),
  ).rejects.toThrow("overlap");
  await expect(
    v2().editCredit({ customer_id, credit_id: credit.id, product_id: NOWHERE }),
  ).rejects.toThrow("not found");
  await expect(
    v1().commits.updateEndDate({ customer_id, commit_id, access_ending_before: month(6) }),
  ).rejects.toThrow("can only be earlier");
  expect(await history()).toEqual([]);
  expect((await readContract()).commits[0]?.name).toBe("Pool");
});

test("the customer's own commits and credits are in no contract's history", async () => {
  const { customer_id, contract_id } = keys;
  const terms = { customer_id, product_id: fee, priority: 1, access_schedule: windows(300) };
  const { data: pool } = await v1().commits.create({
    ...terms,
    type: "PREPAID",
    invoice_contract_id: contract_id,
    invoice_schedule: { schedule_items: [{ amount: 100, timestamp: month(6) }] },
  });
  const { data: gift } = await v1().credits.create(terms);
  await v2().editCommit({ customer_id, commit_id: pool.id, name: "Pool of all" });
  await v2().editCredit({ customer_id, credit_id: gift.id, name: "Gift of all" });
  const access_ending_before = month(2);
  await v1().commits.updateEndDate({ customer_id, commit_id: pool.id, access_ending_before });
  await v1().credits.updateEndDate({ customer_id, credit_id: gift.id, access_ending_before });
  expect(await history()).toEqual([]);
});
