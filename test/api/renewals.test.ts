import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { monthStart } from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  type NewContract,
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
  await server.setClock(monthStart(0));
  fixed = await createFixedProduct(server.metronome, "Commitment");
  card = await createRateCard(server.metronome, [
    [await createUsageProduct(server.metronome, "calls"), 1],
  ]);
});
afterAll(() => server.close());

const contracts = () => server.metronome.v1.contracts;

/** Each test has months of its own, as the clock only goes forwards. */
let month = 0;
async function beginMonths(count: number): Promise<string[]> {
  const first = month;
  month += count;
  await server.setClock(monthStart(first));
  return Array.from({ length: count + 1 }, (_, n) => monthStart(first + n));
}
const plus = (at: string, hours: number): string =>
  new Date(Date.parse(at) + hours * 3_600_000).toISOString().replace(".000Z", "Z");

const access = (amount: number, starting_at: string, ending_before: string) => ({
  schedule_items: [{ amount, starting_at, ending_before }],
});
const part = (name: string, amount: number, from: string, to: string, more: object = {}) => ({
  name,
  product_id: fixed,
  access_schedule: access(amount, from, to),
  ...more,
});
const prepaid = (amount: number, from: string, to: string, more: object = {}) => ({
  type: "PREPAID" as const,
  ...part("Prepaid", amount, from, to, more),
});
const postpaid = (amount: number, from: string, to: string, more: object = {}) => ({
  type: "POSTPAID" as const,
  ...part("Promise", amount, from, to),
  invoice_schedule: { schedule_items: [{ amount, timestamp: to }] },
  ...more,
});

async function sign(starting_at: string, terms: Partial<NewContract> = {}) {
  const customerId = await createCustomer(server.metronome);
  const contractId = await createContract(server.metronome, customerId, card, {
    starting_at,
    ...terms,
  });
  return { customerId, contractId };
}

type Behaviour = { readonly type?: "RENEWAL" | "SUPERSEDE"; readonly trueup?: "AS_IS" | "REMOVE" };

const transitionFrom = (from_contract_id: string, { type, trueup }: Behaviour = {}) => ({
  type: (type ?? "RENEWAL") as "RENEWAL",
  from_contract_id,
  ...(trueup === undefined ? {} : { future_invoice_behavior: { trueup } }),
});
const follow = (
  customerId: string,
  from: string,
  starting_at: string,
  terms: Partial<NewContract> = {},
  behaviour: Behaviour = {},
) =>
  createContract(server.metronome, customerId, card, {
    starting_at,
    transition: transitionFrom(from, behaviour),
    ...terms,
  });

const balances = async (customer_id: string) =>
  (
    await contracts().listBalances({
      customer_id,
      include_contract_balances: true,
      include_balance: true,
      include_ledgers: true,
    })
  ).data;

/** Balances as rows: what is granted, what is left now, and the ledger. */
const showBalances = async (customerId: string) =>
  (await balances(customerId)).map(({ access_schedule, balance, ledger }) => [
    access_schedule?.schedule_items.map(({ amount }) => amount),
    balance,
    (ledger ?? []).map(
      ({ type, amount }) => `${type.replace(/^(PREPAID|POSTPAID)_COMMIT_/, "")} ${amount}`,
    ),
  ]);

const showInvoices = async (customerId: string, contract_id?: string) =>
  (await listInvoices(server.metronome, customerId, contract_id ? { contract_id } : {})).map(
    ({ type, status, issued_at, line_items }) => [
      type,
      status,
      issued_at?.replace("+00:00", "Z"),
      line_items.map(showLine),
    ],
  );

const get = async (customer_id: string, contract_id: string) =>
  (await server.metronome.v2.contracts.retrieve({ customer_id, contract_id })).data;

describe("a renewal through its life", () => {
  test("of 100,000 half rolls over at most, follows late usage, and is final with the last invoice", async () => {
    const [m0 = "", m1 = "", m2 = "", m3 = ""] = await beginMonths(3);
    const { customerId, contractId } = await sign(m0, {
      commits: [prepaid(100_000, m0, m1, { rollover_fraction: 0.5 })],
    });
    const next = await follow(customerId, contractId, m1, { ending_before: m3 });
    const transitions = [{ type: "RENEWAL", from_contract_id: contractId, to_contract_id: next }];
    const cut = await get(customerId, contractId);
    expect(cut).toMatchObject({ ending_before: m1, transitions });
    expect(cut.commits?.[0]?.rollover_fraction).toBe(0.5);
    expect(await get(customerId, next)).toMatchObject({ ending_before: m3, transitions });
    const first = await contracts().retrieve({ customer_id: customerId, contract_id: next });
    expect(first.data).toMatchObject({ initial: { transitions }, current: { transitions } });
    // Half of 100,000 as long as less than half is used; nothing moves before the new contract begins.
    await server.setClock(plus(m0, 24));
    await use(server.metronome, customerId, "calls", plus(m0, 1), 20_000);
    expect(await showBalances(customerId)).toEqual([
      [[100_000], 80_000, ["SEGMENT_START 100000", "AUTOMATED_INVOICE_DEDUCTION -20000"]],
      [[50_000], 0, []],
    ]);

    await server.setClock(plus(m1, 12));
    await use(server.metronome, customerId, "calls", plus(m0, 2), 70_000);
    await use(server.metronome, customerId, "calls", plus(m1, 1), 2_000);
    expect(
      (await get(customerId, next)).commits?.[0]?.access_schedule?.schedule_items,
    ).toMatchObject([{ amount: 10_000, starting_at: m1, ending_before: m3 }]);
    // The grace has not passed: 4,000 more of the last hour arrive and change what rolls over.
    await use(server.metronome, customerId, "calls", plus(m1, -1), 4_000);
    const moved = [
      [
        [100_000],
        0,
        ["SEGMENT_START 100000", "AUTOMATED_INVOICE_DEDUCTION -94000", "ROLLOVER -6000"],
      ],
      [[6_000], 4_000, ["SEGMENT_START 6000", "AUTOMATED_INVOICE_DEDUCTION -2000"]],
    ];
    expect(await showBalances(customerId)).toEqual(moved);

    await server.setClock(plus(m1, 24));
    expect(await showBalances(customerId)).toEqual(moved);
    const [source, carried] = await balances(customerId);
    expect(carried).toMatchObject({
      type: "PREPAID",
      rolled_over_from: { commit_id: source?.id, contract_id: contractId },
      contract: { id: next },
      rollover_fraction: 0.5,
    });
    expect(source?.ledger?.at(-1)).toEqual({
      type: "PREPAID_COMMIT_ROLLOVER",
      amount: -6_000,
      timestamp: m1,
      new_contract_id: next,
      segment_id: source?.access_schedule?.schedule_items[0]?.id,
    });
    await server.setClock(plus(m2, 24));
    expect(await showInvoices(customerId)).toEqual([
      [
        "USAGE",
        "FINALIZED",
        plus(m1, 24),
        ["calls: 94000 x 1 = 94000", "Prepaid applied = -94000"],
      ],
      ["USAGE", "FINALIZED", plus(m2, 24), ["calls: 2000 x 1 = 2000", "Prepaid applied = -2000"]],
      ["USAGE", "DRAFT", undefined, ["calls: 0 x 1 = 0"]],
    ]);
    await server.setClock(m3);
    expect((await showBalances(customerId))[1]).toEqual([
      [6_000],
      0,
      ["SEGMENT_START 6000", "AUTOMATED_INVOICE_DEDUCTION -2000", "EXPIRATION -4000"],
    ]);
  });

  test("commits, promises and credits move by their fractions; nothing left, nothing moves", async () => {
    const [m0 = "", m1 = "", m2 = ""] = await beginMonths(2);
    const cases = [
      { fraction: 0.5, used: 10_000, moved: 0, expired: 0 },
      { fraction: 0.5, used: 9_000, moved: 1_000, expired: 0 },
      { fraction: 0, used: 2_000, moved: null, expired: -8_000 },
      { fraction: 1, used: 2_000, moved: 8_000, expired: 0 },
      { fraction: 0.25, used: 2_000, moved: 2_500, expired: -5_500 },
    ];
    const signed = [];
    for (const { fraction, used } of cases) {
      const { customerId, contractId } = await sign(m0, {
        credits: [part("Gift", 10_000, m0, m1, { rollover_fraction: fraction })],
      });
      await use(server.metronome, customerId, "calls", m0, used);
      await follow(customerId, contractId, m1, { ending_before: m2 });
      signed.push(customerId);
    }
    await server.setClock(plus(m1, 24));
    for (const [n, { used, moved, expired }] of cases.entries()) {
      const [source, carried] = await showBalances(signed[n] ?? "");
      expect(source?.[2]).toEqual([
        "CREDIT_SEGMENT_START 10000",
        `CREDIT_AUTOMATED_INVOICE_DEDUCTION -${used}`,
        ...(moved ? [`CREDIT_ROLLOVER -${moved}`] : []),
        ...(expired === 0 ? [] : [`CREDIT_EXPIRATION ${expired}`]),
      ]);
      expect(carried?.slice(0, 2)).toEqual(moved === null ? undefined : [[moved], moved]);
    }
    const [gift, carried] = await balances(signed[3] ?? "");
    expect(carried).toMatchObject({
      type: "CREDIT",
      rolled_over_from: { credit_id: gift?.id, contract_id: gift?.contract?.id },
    });
  });

  test("what a promise leaves is owed on the next contract, not by the old true-up", async () => {
    const [m0 = "", m1 = "", m2 = ""] = await beginMonths(3);
    const { customerId, contractId } = await sign(m0, {
      commits: [postpaid(10_000, m0, m1, { rollover_fraction: 0.5 })],
    });
    await use(server.metronome, customerId, "calls", m0, 2_000);
    const next = await follow(customerId, contractId, m1, { ending_before: m2 });
    await server.setClock(m1);
    await use(server.metronome, customerId, "calls", m1, 1_000);
    // As drafts and for good: 10,000 - 2,000 used - 5,000 moved = 3,000, and 5,000 - 1,000 = 4,000.
    const trueUps = [
      [["Promise true-up: 1 x 3000 = 3000"], contractId],
      [["Promise true-up: 1 x 4000 = 4000"], next],
    ] as const;
    const scheduled = async (contract_id: string) =>
      (await listInvoices(server.metronome, customerId, { contract_id, type: "SCHEDULED" })).map(
        ({ status, line_items }) => [status, line_items.map(showLine)],
      );
    for (const [lines, id] of trueUps) expect(await scheduled(id)).toEqual([["DRAFT", lines]]);
    await server.setClock(plus(m1, 24));
    expect(await scheduled(contractId)).toEqual([["FINALIZED", trueUps[0][0]]]);
    await server.setClock(plus(m2, 24));
    expect(await scheduled(next)).toEqual([["FINALIZED", trueUps[1][0]]]);
    expect((await showBalances(customerId)).map((row) => row[2])).toEqual([
      [
        "INITIAL_BALANCE 10000",
        "AUTOMATED_INVOICE_DEDUCTION -2000",
        "TRUEUP -3000",
        "ROLLOVER -5000",
      ],
      ["INITIAL_BALANCE 5000", "AUTOMATED_INVOICE_DEDUCTION -1000", "TRUEUP -4000"],
    ]);
  });

  test("two renewals in a row carry on what the first one brought", async () => {
    const [m0 = "", m1 = "", m2 = "", m3 = ""] = await beginMonths(3);
    const { customerId, contractId } = await sign(m0, {
      commits: [prepaid(100_000, m0, m1, { rollover_fraction: 0.5 })],
    });
    await use(server.metronome, customerId, "calls", m0, 20_000);
    const second = await follow(customerId, contractId, m1, { ending_before: m2 });
    await follow(customerId, second, m2, { ending_before: m3 });
    // All three from the start: 80,000 left, 50,000 move, 25,000 of them move on.
    const granted = async () => (await showBalances(customerId)).map((row) => row[0]);
    expect(await granted()).toEqual([[100_000], [50_000], [25_000]]);
    await server.setClock(m1);
    await use(server.metronome, customerId, "calls", m1, 40_000);
    expect(await granted()).toEqual([[100_000], [50_000], [10_000]]);
    await server.setClock(plus(m2, 24));
    expect(await showBalances(customerId)).toEqual([
      [
        [100_000],
        0,
        [
          "SEGMENT_START 100000",
          "AUTOMATED_INVOICE_DEDUCTION -20000",
          "ROLLOVER -50000",
          "EXPIRATION -30000",
        ],
      ],
      [
        [50_000],
        0,
        ["SEGMENT_START 50000", "AUTOMATED_INVOICE_DEDUCTION -40000", "ROLLOVER -10000"],
      ],
      [[10_000], 10_000, ["SEGMENT_START 10000"]],
    ]);
  });

  test("an edit of the old contract's commit changes what rolls over until that is final", async () => {
    const [m0 = "", m1 = "", m2 = ""] = await beginMonths(2);
    const { customerId, contractId } = await sign(m0, {
      commits: [prepaid(1_000, m0, m1, { rollover_fraction: 1 })],
    });
    await follow(customerId, contractId, m1, { ending_before: m2 });
    const [source] = await balances(customerId);
    const segment = source?.access_schedule?.schedule_items[0]?.id ?? "";
    await server.metronome.v2.contracts.editCommit({
      customer_id: customerId,
      commit_id: source?.id ?? "",
      name: "Larger",
      access_schedule: { update_schedule_items: [{ id: segment, amount: 1_500 }] },
    });
    const [, larger] = await balances(customerId);
    expect(larger).toMatchObject({
      name: "Larger",
      access_schedule: { schedule_items: [{ amount: 1_500 }] },
    });
    await server.metronome.v2.contracts.edit({
      customer_id: customerId,
      contract_id: contractId,
      update_commits: [{ commit_id: source?.id ?? "", rollover_fraction: 0.5 }],
    });
    expect((await showBalances(customerId)).map(([granted]) => granted)).toEqual([[1_500], [750]]);
    await server.metronome.post("/v2/contracts/commits/archive", {
      body: { customer_id: customerId, commit_id: source?.id },
    });
    expect((await showBalances(customerId)).map(([, balance]) => balance)).toEqual([]);
  });

  test("a contract that bills no usage leaves its rest as the next one begins", async () => {
    const [m0 = "", m1 = "", m2 = ""] = await beginMonths(2);
    const customerId = await createCustomer(server.metronome);
    const { data } = await contracts().create({
      customer_id: customerId,
      starting_at: m0,
      commits: [prepaid(700, m0, m1, { rollover_fraction: 1 })],
    });
    await follow(customerId, data.id, m1, { ending_before: m2 });
    await server.setClock(m1);
    expect(await showBalances(customerId)).toEqual([
      [[700], 0, ["SEGMENT_START 700", "ROLLOVER -700"]],
      [[700], 700, ["SEGMENT_START 700"]],
    ]);
    const [, carried] = await balances(customerId);
    // It is final: a correction by hand is possible now.
    await contracts().addManualBalanceEntry({
      customer_id: customerId,
      id: carried?.id ?? "",
      segment_id: carried?.access_schedule?.schedule_items[0]?.id ?? "",
      amount: -200,
      reason: "Goodwill taken back",
    });
    expect((await balances(customerId))[1]?.balance).toBe(500);
  });

  test("the next contract's invoice waits for the old one's, however their grace differs", async () => {
    const [m0 = "", m1 = "", m2 = ""] = await beginMonths(2);
    const grace = (grace_period_hours: number) =>
      server.metronome.patch("/v1/settings/invoicing", { body: { grace_period_hours } });
    await grace(72);
    const turn = plus(m1, -48);
    const { customerId, contractId } = await sign(m0, {
      commits: [prepaid(10_000, m0, m1, { rollover_fraction: 1 })],
    });
    const next = await follow(customerId, contractId, turn, { ending_before: m2 });
    await server.setClock(turn);
    await use(server.metronome, customerId, "calls", turn, 3_000);
    await grace(0);
    await server.setClock(m1);
    expect((await showInvoices(customerId, next))[0]?.[1]).toBe("DRAFT");
    await use(server.metronome, customerId, "calls", plus(turn, -1), 8_000);
    await server.setClock(plus(turn, 72));
    expect((await showInvoices(customerId, next))[0]).toEqual([
      "USAGE",
      "FINALIZED",
      m1,
      ["calls: 2000 x 1 = 2000", "Prepaid applied = -2000", "calls: 1000 x 1 = 1000"],
    ]);
    await grace(24);
  });
});

describe("what becomes of the old contract's schedules", () => {
  test.each<[Behaviour, string[]]>([
    [{ type: "RENEWAL" }, ["Fee", "Prepaid", "Promise true-up"]],
    [{ type: "RENEWAL", trueup: "REMOVE" }, ["Fee", "Prepaid"]],
    [{ type: "SUPERSEDE" }, ["Promise true-up"]],
    [{ type: "SUPERSEDE", trueup: "AS_IS" }, ["Promise true-up"]],
    [{ type: "SUPERSEDE", trueup: "REMOVE" }, []],
  ])("%j leaves %j", async (behaviour, left) => {
    const [m0 = "", m1 = "", m2 = "", m3 = ""] = await beginMonths(3);
    const dates = [m0, m1, m2].map((timestamp) => ({ timestamp, unit_price: 100, quantity: 1 }));
    const { customerId, contractId } = await sign(m0, {
      scheduled_charges: [{ name: "Fee", product_id: fixed, schedule: { schedule_items: dates } }],
      commits: [
        prepaid(900, m0, m3, {
          invoice_schedule: { schedule_items: dates },
          rollover_fraction: 1,
        }),
        postpaid(5_000, m0, m3),
      ],
    });
    await follow(customerId, contractId, plus(m1, -24), {}, behaviour);
    await server.setClock(m0);
    const invoices = await listInvoices(server.metronome, customerId, {
      contract_id: contractId,
      type: "SCHEDULED",
      status: "DRAFT",
    });
    const names = invoices.flatMap(({ line_items }) => line_items.map(({ name }) => name));
    expect([...new Set(names)].sort()).toEqual(left);
    const { commits = [] } = await get(customerId, contractId);
    expect(commits[0]?.invoice_schedule?.schedule_items?.length).toBe(
      behaviour.type === "RENEWAL" ? 3 : 1,
    );
    const carried = (await balances(customerId)).filter((balance) => "rolled_over_from" in balance);
    expect(carried.length).toBe(behaviour.type === "RENEWAL" ? 1 : 0);
  });
});

describe("what a transition refuses", () => {
  test("contracts that cannot be followed, and changes that would undo what was moved", async () => {
    const [m0 = "", m1 = "", m2 = "", m3 = ""] = await beginMonths(3);
    const { customerId, contractId } = await sign(m0, {
      commits: [prepaid(1_000, m0, m1, { rollover_fraction: 1 })],
    });
    const other = await sign(m0);
    const euro = (
      await contracts().rateCards.create({
        name: "Euro",
        fiat_credit_type_id: await euroId(),
      })
    ).data.id;
    const inEuro = await createContract(server.metronome, customerId, euro, { starting_at: m0 });
    const archived = await createContract(server.metronome, customerId, card, { starting_at: m0 });
    await contracts().archive({
      customer_id: customerId,
      contract_id: archived,
      void_invoices: false,
    });
    const try_ = (from: string, starting_at: string, more: object = {}) =>
      contracts().create({
        customer_id: customerId,
        rate_card_id: card,
        starting_at,
        transition: { ...transitionFrom(from), ...more },
      });
    const field = "transition.from_contract_id";
    await expect(try_(NOWHERE, m1)).rejects.toThrow(/404 Contract .* not found/);
    await expect(try_(other.contractId, m1)).rejects.toThrow(/404 Contract .* not found/);
    await expect(try_(archived, m1)).rejects.toThrow(
      `400 ${field}: contract ${archived} is archived`,
    );
    await expect(try_(inEuro, m1)).rejects.toThrow("is in another currency");
    await expect(try_(contractId, m0)).rejects.toThrow("which is not before starting_at");
    await expect(try_(contractId, m1, { type: "MERGE" })).rejects.toThrow(
      "transition.type must be one of RENEWAL, SUPERSEDE",
    );
    await expect(try_(contractId, m1, { from_contract_id: "mine" })).rejects.toThrow(
      `${field} must be a uuid`,
    );
    await expect(
      try_(contractId, m1, { future_invoice_behavior: { trueup: "LATER" } }),
    ).rejects.toThrow("trueup must be one of AS_IS, REMOVE");
    await expect(
      try_(contractId, m1, { future_invoice_behavior: { charges: "REMOVE" } }),
    ).rejects.toThrow("unknown field");
    for (const [fraction, rule] of [
      [-0.1, "must be at least 0"],
      [1.5, "must be at most 1"],
    ] as const) {
      await expect(
        sign(m0, { commits: [prepaid(1, m0, m1, { rollover_fraction: fraction })] }),
      ).rejects.toThrow(`commits[0].rollover_fraction ${rule}`);
    }
    expect(await get(customerId, contractId)).not.toHaveProperty("ending_before");

    const next = await follow(customerId, contractId, m1, { ending_before: m3 });
    await expect(try_(contractId, m2)).rejects.toThrow(`is followed by contract ${next} already`);
    await expect(
      contracts().updateEndDate({
        customer_id: customerId,
        contract_id: contractId,
        ending_before: m2,
      }),
    ).rejects.toThrow(`400 ending_before cannot be after ${m1}: contract ${next} follows then`);
    const [source, carried] = await balances(customerId);
    const commit = { customer_id: customerId, commit_id: carried?.id ?? "" };
    const noEdit = /400 Commit .* was rolled over from .* and cannot be edited/;
    const v2 = server.metronome.v2.contracts;
    await expect(v2.editCommit({ ...commit, name: "Mine" })).rejects.toThrow(noEdit);
    await expect(
      contracts().addManualBalanceEntry({
        customer_id: customerId,
        id: commit.commit_id,
        segment_id: carried?.access_schedule?.schedule_items[0]?.id ?? "",
        amount: 1,
        reason: "More",
      }),
    ).rejects.toThrow("is not final before the last invoice");
    const archive = (contract_id: string) =>
      contracts().archive({ customer_id: customerId, contract_id, void_invoices: false });
    await expect(archive(contractId)).rejects.toThrow(`Contract ${next} takes over`);

    await server.setClock(plus(m1, 24));
    await expect(
      server.metronome.post("/v2/contracts/commits/archive", {
        body: { customer_id: customerId, commit_id: source?.id },
      }),
    ).rejects.toThrow(`The commit has rolled over to contract ${next}`);
    // Once the contract that followed is archived, another one may follow.
    await archive(next);
    await expect(try_(contractId, plus(m1, -24))).rejects.toThrow("which is after starting_at");
    await follow(customerId, contractId, m2);
  });
});

const euroId = async (): Promise<string> => {
  for await (const type of server.metronome.v1.pricingUnits.list()) {
    if (type.name?.startsWith("EUR")) return type.id ?? "";
  }
  throw new Error("There is a euro");
};
