import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  type NewContract,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Changes of recurring commits and of the contracts that have them; what is refused. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const NOWHERE = "00000000-0000-4000-8000-000000000000";

type NewRecurringCommit = NonNullable<NewContract["recurring_commits"]>[number];
type Edit = Omit<
  Parameters<Metronome["v2"]["contracts"]["edit"]>[0],
  "customer_id" | "contract_id"
>;

interface Keys {
  readonly customerId: string;
  readonly contractId: string;
}

let server: TestServer;
let fixed: string;
let tokens: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-04-10T00:00:00Z");
  fixed = await createFixedProduct(server.metronome, "Included usage");
  tokens = await createUsageProduct(server.metronome, "tokens");
  card = await createRateCard(server.metronome, [[tokens, 100]]);
});

afterAll(async () => {
  await server.close();
});

/** 3,000 a month from April 1, free. */
const monthly = (terms: Partial<NewRecurringCommit> = {}): NewRecurringCommit => ({
  product_id: fixed,
  access_amount: { unit_price: 1500, quantity: 2, credit_type_id: USD },
  priority: 10,
  commit_duration: { value: 1 },
  starting_at: "2024-04-01T00:00:00Z",
  ...terms,
});

const sign = async (terms: Partial<NewContract>): Promise<Keys> => {
  const customerId = await createCustomer(server.metronome);
  const contractId = await createContract(server.metronome, customerId, card, {
    starting_at: "2024-04-01T00:00:00Z",
    ...terms,
  });
  return { customerId, contractId };
};

const edit = async ({ customerId, contractId }: Keys, changes: Edit) =>
  server.metronome.v2.contracts.edit({
    customer_id: customerId,
    contract_id: contractId,
    ...changes,
  });

const readContract = async ({ customerId, contractId }: Keys) => {
  const { data } = await server.metronome.v2.contracts.retrieve({
    customer_id: customerId,
    contract_id: contractId,
  });
  return data;
};

const recurringId = async (keys: Keys): Promise<string> => {
  const { recurring_commits, recurring_credits } = await readContract(keys);
  return [...(recurring_commits ?? []), ...(recurring_credits ?? [])][0]?.id ?? "";
};

/** "2024-04-01..2024-05-01 = 3000 (LIST_RATE)" of each commit and credit, with what is billed. */
const children = async (keys: Keys): Promise<string[]> => {
  const { commits, credits } = await readContract(keys);
  return [...(commits ?? []), ...(credits ?? [])].map((child) => {
    const [segment] = child.access_schedule?.schedule_items ?? [];
    const window = [segment?.starting_at, segment?.ending_before].map((at) => at?.slice(0, 10));
    const billed = "invoice_schedule" in child ? child.invoice_schedule?.schedule_items : undefined;
    const price = billed?.map(({ quantity, unit_price: unit }) => `, billed ${quantity} x ${unit}`);
    const rate = "rate_type" in child ? child.rate_type : undefined;
    return `${window.join("..")} = ${segment?.amount} (${rate})${price ?? ""}`;
  });
};

const purchases = async ({ customerId }: Keys): Promise<string[]> =>
  (await listInvoices(server.metronome, customerId))
    .filter(({ type }) => type === "SCHEDULED")
    .map(({ status, total }) => `${status} ${total}`);

describe("on April 10", () => {
  test("new amounts reach the child of May, with its draft, and leave April's alone", async () => {
    const invoice = { unit_price: 1000, quantity: 2, credit_type_id: USD };
    const keys = await sign({ recurring_commits: [monthly({ invoice_amount: invoice })] });
    await server.setClock("2024-04-10T00:00:00Z");
    expect(await purchases(keys)).toEqual(["FINALIZED 2000", "DRAFT 2000"]);
    const update = {
      recurring_commit_id: await recurringId(keys),
      access_amount: { unit_price: 2000 },
      invoice_amount: { quantity: 3 },
      rate_type: "COMMIT_RATE",
    } as const;
    const { data } = await edit(keys, { update_recurring_commits: [update] });
    expect(await children(keys)).toEqual([
      "2024-04-01..2024-05-01 = 3000 (LIST_RATE), billed 2 x 1000",
      "2024-05-01..2024-06-01 = 4000 (COMMIT_RATE), billed 3 x 1000",
    ]);
    expect(await purchases(keys)).toEqual(["FINALIZED 2000", "DRAFT 3000"]);
    const { recurring_commit_id: id, ...changes } = update;
    expect(data.edit?.update_recurring_commits).toEqual([{ id, ...changes }]);
    expect((await readContract(keys)).recurring_commits).toMatchObject([
      { access_amount: { unit_price: 2000, quantity: 2 }, invoice_amount: { quantity: 3 } },
    ]);
  });

  test("an end takes the child of May and its draft away; taking the end back, it returns", async () => {
    const invoice = { unit_price: 1000, quantity: 2, credit_type_id: USD };
    const keys = await sign({ recurring_commits: [monthly({ invoice_amount: invoice })] });
    const { commits: before } = await readContract(keys);
    const id = await recurringId(keys);
    const end = (ending_before: string | null) =>
      edit(keys, { update_recurring_commits: [{ recurring_commit_id: id, ending_before }] });
    await end("2024-04-20T00:00:00Z");
    // April's child has started: it keeps its amount and its access.
    expect(await children(keys)).toEqual([
      "2024-04-01..2024-05-01 = 3000 (LIST_RATE), billed 2 x 1000",
    ]);
    expect(await purchases(keys)).toHaveLength(1);
    await end(null);
    const { commits: after } = await readContract(keys);
    expect(after?.map((commit) => commit.id)).toEqual(before?.map((commit) => commit.id));
    expect(await purchases(keys)).toHaveLength(2);
  });

  test("recurring credits are added to a contract and begin where they say", async () => {
    const keys = await sign({});
    const { data } = await edit(keys, {
      add_recurring_credits: [monthly({ starting_at: "2024-04-16T00:00:00Z", name: "Extra" })],
    });
    // 15 of 30 days.
    expect(await children(keys)).toEqual([
      "2024-04-16..2024-05-01 = 1500 (LIST_RATE)",
      "2024-05-01..2024-06-01 = 3000 (LIST_RATE)",
    ]);
    const id = await recurringId(keys);
    expect(data.edit?.add_recurring_credits).toMatchObject([{ id, name: "Extra", priority: 10 }]);
    const { data: history } = await server.metronome.v2.contracts.getEditHistory({
      customer_id: keys.customerId,
      contract_id: keys.contractId,
    });
    expect(history).toMatchObject([{ add_recurring_credits: [{ id }] }]);
  });

  test("a child that was edited by hand stays so until the terms change", async () => {
    const keys = await sign({ recurring_credits: [monthly()] });
    const may = (await readContract(keys)).credits?.[1];
    const segment = may?.access_schedule?.schedule_items[0]?.id ?? "";
    await server.metronome.v2.contracts.editCredit({
      customer_id: keys.customerId,
      credit_id: may?.id ?? "",
      access_schedule: { update_schedule_items: [{ id: segment, amount: 7000 }] },
    });
    await server.setClock("2024-04-10T00:00:00Z");
    await edit(keys, { add_recurring_credits: [monthly({ name: "Another" })] });
    expect((await children(keys))[1]).toBe("2024-05-01..2024-06-01 = 7000 (LIST_RATE)");
    await edit(keys, {
      update_recurring_credits: [
        { recurring_credit_id: await recurringId(keys), access_amount: { quantity: 1 } },
      ],
    });
    expect((await children(keys))[1]).toBe("2024-05-01..2024-06-01 = 1500 (LIST_RATE)");
  });

  test("a contract that ends earlier cuts the child ahead; prolonged, it is whole again", async () => {
    const keys = await sign({ recurring_credits: [monthly()] });
    const end = (ending_before?: string) =>
      server.metronome.v1.contracts.updateEndDate({
        customer_id: keys.customerId,
        contract_id: keys.contractId,
        ...(ending_before === undefined ? {} : { ending_before }),
      });
    await end("2024-05-11T00:00:00Z");
    // 3,000 x 10 / 31.
    expect((await children(keys))[1]).toBe("2024-05-01..2024-05-11 = 967.741935483871 (LIST_RATE)");
    await end("2024-04-20T00:00:00Z");
    // The end cuts the access that runs, as it does of every commit, and nothing of its amount.
    expect(await children(keys)).toEqual(["2024-04-01..2024-04-20 = 3000 (LIST_RATE)"]);
    await end();
    expect((await children(keys))[1]).toBe("2024-05-01..2024-06-01 = 3000 (LIST_RATE)");
  });

  test("a renewal takes over a part of the child ahead, and nothing when that goes", async () => {
    const keys = await sign({ recurring_credits: [monthly({ rollover_fraction: 0.5 })] });
    const next = await createContract(server.metronome, keys.customerId, card, {
      starting_at: "2024-05-11T00:00:00Z",
      transition: { type: "RENEWAL", from_contract_id: keys.contractId },
    });
    const taken = { customerId: keys.customerId, contractId: next };
    expect(await children(keys)).toHaveLength(2);
    expect(await children(taken)).toHaveLength(1);
    await edit(keys, {
      update_recurring_credits: [
        { recurring_credit_id: await recurringId(keys), ending_before: "2024-04-20T00:00:00Z" },
      ],
    });
    expect(await children(keys)).toEqual(["2024-04-01..2024-05-01 = 3000 (LIST_RATE)"]);
    expect(await children(taken)).toEqual([]);
  });

  test("an archived contract spawns no more, and its children are archived with it", async () => {
    const keys = await sign({ recurring_credits: [monthly()] });
    await server.metronome.v1.contracts.archive({
      customer_id: keys.customerId,
      contract_id: keys.contractId,
      void_invoices: false,
    });
    const { credits } = await readContract(keys);
    expect(credits?.map(({ archived_at }) => archived_at)).toEqual(
      Array(2).fill("2024-04-10T00:00:00Z"),
    );
  });
});

describe("refusals name the field and the rule, and nothing is created", () => {
  const cases: [string, Record<string, unknown>, string][] = [
    [
      "a price below 0",
      { access_amount: { unit_price: -1, quantity: 1, credit_type_id: USD } },
      "recurring_commits[0].access_amount.unit_price must be at least 0",
    ],
    [
      "a quantity below 0",
      { access_amount: { unit_price: 1, quantity: -1, credit_type_id: USD } },
      "recurring_commits[0].access_amount.quantity must be at least 0",
    ],
    [
      "no quantity and no subscription",
      { access_amount: { unit_price: 1, credit_type_id: USD } },
      "recurring_commits[0].access_amount.quantity is required without subscription_config",
    ],
    [
      "another currency",
      {
        access_amount: {
          unit_price: 1,
          quantity: 1,
          credit_type_id: "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c",
        },
      },
      "recurring_commits[0].access_amount.credit_type_id must be the contract's currency",
    ],
    [
      "a pricing unit that is not there",
      { access_amount: { unit_price: 1, quantity: 1, credit_type_id: NOWHERE } },
      "recurring_commits[0].access_amount.credit_type_id is neither a currency nor a pricing unit",
    ],
    [
      "no period",
      { commit_duration: { value: 0 } },
      "recurring_commits[0].commit_duration.value must be",
    ],
    [
      "half a period",
      { commit_duration: { value: 1.5 } },
      "recurring_commits[0].commit_duration.value must be",
    ],
    [
      "another unit of duration",
      { commit_duration: { value: 1, unit: "DAYS" } },
      "recurring_commits[0].commit_duration.unit must be",
    ],
    [
      "a frequency that does not exist",
      { recurrence_frequency: "HOURLY" },
      "recurring_commits[0].recurrence_frequency must be",
    ],
    [
      "more than all of it rolls over",
      { rollover_fraction: 1.5 },
      "recurring_commits[0].rollover_fraction must be at most 1",
    ],
    [
      "an end that is not after the start",
      { ending_before: "2024-04-01T00:00:00Z" },
      "recurring_commits[0].ending_before must be after starting_at",
    ],
    [
      "a start before the contract",
      { starting_at: "2024-03-31T00:00:00Z" },
      "recurring_commits[0].starting_at must not be before the contract's start",
    ],
    [
      "a start between two hours",
      { starting_at: "2024-04-01T00:30:00Z" },
      "recurring_commits[0].starting_at must be on the hour",
    ],
    [
      "a product that is not sold by itself",
      { product_id: "TOKENS" },
      "recurring_commits[0].product_id must be of a FIXED product",
    ],
    [
      "specifiers beside products",
      { applicable_product_ids: ["TOKENS"], specifiers: [{ product_id: "TOKENS" }] },
      "recurring_commits[0].specifiers cannot be used with applicable_product_ids",
    ],
    [
      "an unknown subscription",
      {
        access_amount: { unit_price: 1, credit_type_id: USD },
        subscription_config: {
          subscription_id: NOWHERE,
          apply_seat_increase_config: { is_prorated: true },
        },
      },
      "recurring_commits[0].subscription_config.subscription_id must be of a subscription of the contract",
    ],
    [
      "a quantity beside a subscription",
      {
        subscription_config: {
          subscription_id: NOWHERE,
          apply_seat_increase_config: { is_prorated: true },
        },
      },
      "recurring_commits[0].access_amount.quantity is the subscription's under a subscription_config",
    ],
    [
      "what rolls over of an allocation to each seat",
      {
        rollover_fraction: 0.5,
        access_amount: { unit_price: 1, credit_type_id: USD },
        subscription_config: {
          subscription_id: NOWHERE,
          allocation: "INDIVIDUAL",
          apply_seat_increase_config: { is_prorated: true },
        },
      },
      "recurring_commits[0].rollover_fraction is not for allocation INDIVIDUAL",
    ],
    [
      "a field that is known and not done",
      { hierarchy_configuration: { child_access: { type: "ALL" } } },
      "recurring_commits[0].hierarchy_configuration is not supported",
    ],
    ["a field that nobody knows", { renewal: true }, "recurring_commits[0].renewal"],
  ];
  test.each(cases)("%s", async (_what, terms, message) => {
    const customer_id = await createCustomer(server.metronome);
    const text = JSON.stringify({ ...monthly(), ...terms }).replaceAll('"TOKENS"', `"${tokens}"`);
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id,
      rate_card_id: card,
      starting_at: "2024-04-01T00:00:00Z",
      recurring_commits: [JSON.parse(text)],
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    const { data } = await server.metronome.v2.contracts.list({ customer_id });
    expect(data).toEqual([]);
  });

  test("a daily one from 1990 on", async () => {
    const customer_id = await createCustomer(server.metronome);
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id,
      starting_at: "1990-01-01T00:00:00Z",
      recurring_credits: [
        { ...monthly({ recurrence_frequency: "DAILY" }), starting_at: "1990-01-01T00:00:00Z" },
      ],
    });
    expect([status, body.message]).toEqual([
      400,
      "recurring_credits[0].starting_at must not be more than 1000 periods ago",
    ]);
  });

  test("a credit is not billed", async () => {
    const customer_id = await createCustomer(server.metronome);
    const invoice_amount = { unit_price: 1, quantity: 1, credit_type_id: USD };
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id,
      rate_card_id: card,
      starting_at: "2024-04-01T00:00:00Z",
      recurring_credits: [{ ...monthly(), invoice_amount }],
    });
    expect([status, body.message]).toEqual([
      400,
      expect.stringContaining("recurring_credits[0].invoice_amount"),
    ]);
  });

  const updates: [string, Record<string, unknown>, string][] = [
    ["nothing", {}, "update_recurring_commits[0] changes nothing"],
    [
      "half a price where nothing is billed",
      { invoice_amount: { quantity: 1 } },
      "update_recurring_commits[0].invoice_amount must have unit_price and quantity",
    ],
    [
      "an end before the start",
      { ending_before: "2024-04-01T00:00:00Z" },
      "update_recurring_commits[0].ending_before must be after starting_at",
    ],
    ["another priority", { priority: 5 }, "update_recurring_commits[0].priority"],
  ];
  test.each(updates)("an update with %s", async (_what, terms, message) => {
    const keys = await sign({ recurring_commits: [monthly()] });
    const before = await children(keys);
    const { status, body } = await server.send("POST", "/v2/contracts/edit", {
      customer_id: keys.customerId,
      contract_id: keys.contractId,
      update_recurring_commits: [{ recurring_commit_id: await recurringId(keys), ...terms }],
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await children(keys)).toEqual(before);
  });

  test("an update of a credit as a commit finds nothing", async () => {
    const keys = await sign({ recurring_credits: [monthly()] });
    await expect(
      edit(keys, {
        update_recurring_commits: [
          { recurring_commit_id: await recurringId(keys), rate_type: "COMMIT_RATE" },
        ],
      }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining("not found") });
  });
});
