import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
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

/** Changing contracts through the official client; the figures are derived by hand in the comments. */
let server: TestServer;
let card: string;
let tokens: string;
let fee: string;
let seats: string;

type Keys = { customer_id: string; contract_id: string };
type Edit = Omit<Parameters<TestServer["metronome"]["v2"]["contracts"]["edit"]>[0], keyof Keys>;

const MARCH = { starting_at: "2024-03-01T00:00:00Z", ending_before: "2024-04-01T00:00:00Z" };
const APRIL = { starting_at: "2024-04-01T00:00:00Z", ending_before: "2024-05-01T00:00:00Z" };

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-01T12:00:00Z");
  const { metronome } = server;
  tokens = await createUsageProduct(metronome, "tokens");
  card = await createRateCard(metronome, [[tokens, 100]]);
  fee = await createFixedProduct(metronome, "Fee");
  seats = (await metronome.v1.contracts.products.create({ name: "Seat", type: "SUBSCRIPTION" }))
    .data.id;
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: seats,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 3000,
    billing_frequency: "MONTHLY",
  });
});

afterAll(async () => {
  await server.close();
});

/** A contract from March 1 on, with ten tokens used on its first day: 1000 cents. */
const sign = async (terms: Partial<NewContract> = {}): Promise<Keys> => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: MARCH.starting_at,
    ...terms,
  });
  await use(server.metronome, customer_id, "tokens", "2024-03-01T06:00:00Z", 10);
  return { customer_id, contract_id };
};

const edit = async (keys: Keys, changes: Edit) =>
  (await server.metronome.v2.contracts.edit({ ...keys, ...changes })).data;

const read = async (keys: Keys) => (await server.metronome.v2.contracts.retrieve(keys)).data;

const history = async (keys: Keys) =>
  (await server.metronome.v2.contracts.getEditHistory(keys)).data;

/** "USAGE DRAFT 04-01: tokens: 10 x 100 = 1000" by the end of the period or the date of issue. */
const billed = async ({ customer_id }: Keys): Promise<string[]> =>
  (await listInvoices(server.metronome, customer_id)).map((invoice) => {
    const day = (invoice.end_timestamp ?? invoice.issued_at ?? "").slice(5, 10);
    const lines = invoice.line_items.map(showLine).join(", ");
    return `${invoice.type} ${invoice.status} ${day}: ${lines}`.replace(" :", ":");
  });

const credit = (amount: number, dates = MARCH) => ({
  product_id: fee,
  name: "Credit",
  access_schedule: { schedule_items: [{ amount, ...dates }] },
});

const half = {
  type: "MULTIPLIER",
  multiplier: 0.5,
  starting_at: MARCH.starting_at,
} as const;

describe("an edit", () => {
  let keys: Keys;
  beforeEach(async () => {
    keys = await sign();
  });

  test("adds parts of every kind at once; drafts follow, and the reply says what was added", async () => {
    const made = await edit(keys, {
      uniqueness_key: `upsell ${keys.contract_id}`,
      update_contract_name: "Upsold",
      update_net_payment_terms_days: 45,
      update_contract_end_date: "2024-12-01T00:00:00Z",
      add_overrides: [{ ...half, product_id: tokens }],
      add_credits: [credit(200)],
      add_commits: [
        {
          type: "PREPAID",
          product_id: fee,
          name: "April",
          access_schedule: { schedule_items: [{ amount: 1000, ...APRIL }] },
          invoice_schedule: {
            schedule_items: [{ timestamp: "2024-03-20T00:00:00Z", amount: 500 }],
          },
        },
      ],
      add_scheduled_charges: [
        {
          product_id: fee,
          name: "Set-up",
          schedule: { schedule_items: [{ timestamp: "2024-03-20T00:00:00Z", amount: 700 }] },
        },
      ],
      add_subscriptions: [
        {
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
          collection_schedule: "ARREARS",
          proration: { is_prorated: true },
          initial_quantity: 2,
        },
      ],
    });
    // Half price: 50. The credit pays 200 / 50 = 4 of the 10 tokens; two seats cost 6000 for March.
    expect(await billed(keys)).toEqual([
      "SCHEDULED DRAFT: Set-up: 1 x 700 = 700, April: 1 x 500 = 500",
      "USAGE DRAFT 04-01: tokens: 4 x 50 = 200, Credit applied = -200, tokens: 6 x 50 = 300, Seat: 2 x 3000 = 6000",
    ]);
    const contract = await read(keys);
    expect(contract).toMatchObject({
      name: "Upsold",
      net_payment_terms_days: 45,
      ending_before: "2024-12-01T00:00:00Z",
    });
    expect(await history(keys)).toEqual([made.edit]);
    expect(made.edit).toMatchObject({
      id: made.id,
      timestamp: "2024-03-01T12:00:00Z",
      uniqueness_key: `upsell ${keys.contract_id}`,
      update_contract_name: "Upsold",
      update_net_payment_terms_days: 45,
      update_contract_end_date: "2024-12-01T00:00:00Z",
      add_overrides: [{ id: contract.overrides[0]?.id, multiplier: 0.5 }],
      add_credits: [
        {
          id: contract.credits?.[0]?.id,
          type: "CREDIT",
          product: { id: fee, name: "Fee" },
          access_schedule: { schedule_items: [{ amount: 200 }] },
        },
      ],
      add_commits: [
        {
          id: contract.commits[0]?.id,
          type: "PREPAID",
          invoice_schedule: { schedule_items: [{ amount: 500 }] },
        },
      ],
      add_scheduled_charges: [
        { id: contract.scheduled_charges[0]?.id, schedule: { schedule_items: [{ amount: 700 }] } },
      ],
      add_subscriptions: [
        { id: contract.subscriptions?.[0]?.id, quantity_schedule: [{ quantity: 2 }] },
      ],
    });
  });

  test("overrides name commits of the same edit by temporary ids", async () => {
    await edit(keys, {
      add_overrides: [
        {
          ...half,
          is_commit_specific: true,
          override_specifiers: [{ product_id: tokens, commit_ids: ["new"] }],
        },
      ],
      add_commits: [
        {
          type: "PREPAID",
          product_id: fee,
          name: "Half",
          temporary_id: "new",
          access_schedule: { schedule_items: [{ amount: 200, ...MARCH }] },
        },
      ],
    });
    // 200 at the commit's price of 50 are 4 tokens, the other 6 cost the list price.
    expect(await billed(keys)).toEqual([
      "USAGE DRAFT 04-01: tokens: 4 x 50 = 200, Half applied = -200, tokens: 6 x 100 = 600",
    ]);
  });

  test("is whole or not at all", async () => {
    const before = [await read(keys), await billed(keys)];
    await expect(
      edit(keys, {
        update_contract_name: "Never",
        add_credits: [credit(200)],
        add_overrides: [{ ...half, product_id: fee }],
      }),
    ).rejects.toMatchObject({ status: 400 });
    expect([await read(keys), await billed(keys)]).toEqual(before);
    expect(await history(keys)).toEqual([]);
  });

  test("uses its key once for ever, and not when it fails", async () => {
    const uniqueness_key = `once ${keys.contract_id}`;
    const rename = (to: Keys, name: string) =>
      edit(to, { uniqueness_key, update_contract_name: name });
    await expect(
      edit(keys, { uniqueness_key, add_credits: [{ ...credit(1), product_id: tokens }] }),
    ).rejects.toMatchObject({ status: 400 });
    const replies = await Promise.allSettled([rename(keys, "a"), rename(keys, "a")]);
    expect(replies.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(rename(keys, "b")).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining("This uniqueness key has already been used."),
    });
    await expect(rename(await sign(), "c")).rejects.toMatchObject({ status: 409 });
    expect(await history(keys)).toHaveLength(1);
  });

  test("edits at once all count", async () => {
    await Promise.all([1, 2, 3, 4].map(() => edit(keys, { add_credits: [credit(100)] })));
    expect(await history(keys)).toHaveLength(4);
    const [invoice] = await listInvoices(server.metronome, keys.customer_id);
    expect(invoice?.total).toBe(600);
  });
});

describe("edits that commute give the same invoice", () => {
  const steps = async (keys: Keys): Promise<Record<string, Edit>> => ({
    price: { add_overrides: [{ ...half, product_id: tokens }] },
    credit: { add_credits: [credit(150)] },
    charge: {
      add_scheduled_charges: [
        {
          product_id: fee,
          schedule: { schedule_items: [{ timestamp: "2024-03-25T00:00:00Z", amount: 42 }] },
        },
      ],
    },
    end: { update_contract_end_date: "2024-06-01T00:00:00Z" },
    quantity: {
      update_subscriptions: [
        {
          subscription_id: (await read(keys)).subscriptions?.[0]?.id ?? "",
          quantity_updates: [{ starting_at: "2024-03-16T12:00:00Z", quantity_delta: 1 }],
        },
      ],
    },
  });

  test.each([
    [["price", "credit", "charge", "end", "quantity"]],
    [["quantity", "end", "charge", "credit", "price"]],
    [["charge", "price", "quantity", "end", "credit"]],
  ])("%j", async (order) => {
    const keys = await sign({
      subscriptions: [
        {
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
          collection_schedule: "ARREARS",
          proration: { is_prorated: true },
          initial_quantity: 1,
        },
      ],
    });
    const changes = await steps(keys);
    for (const name of order) await edit(keys, changes[name] ?? {});
    // 150 / 50 = 3 tokens; the second seat is there for half of March's 31 days: 1500.
    expect(await billed(keys)).toEqual([
      "SCHEDULED DRAFT: Fee: 1 x 42 = 42",
      "USAGE DRAFT 04-01: tokens: 3 x 50 = 150, Credit applied = -150, tokens: 7 x 50 = 350, Seat: 1 x 3000 = 3000, Seat: 1 x 1500 = 1500",
    ]);
  });
});

describe("changing what is there", () => {
  const monthlyFee = {
    name: "Monthly",
    schedule: {
      schedule_items: ["03-10", "03-20"].map((day) => ({
        timestamp: `2024-${day}T00:00:00Z`,
        amount: 300,
      })),
    },
  };

  test("commits, credits and charges are changed and archived, overrides removed", async () => {
    const keys = await sign({
      commits: [
        {
          type: "PREPAID",
          product_id: fee,
          name: "Old",
          access_schedule: { schedule_items: [{ amount: 100, ...MARCH }] },
        },
      ],
      credits: [{ ...credit(300), priority: 1 }],
      scheduled_charges: [
        { product_id: fee, ...monthlyFee },
        { product_id: fee, ...monthlyFee, name: "Other" },
      ],
      overrides: [{ ...half, product_id: tokens }],
    });
    const { commits, credits, scheduled_charges: charges, overrides } = await read(keys);
    const [segment] = credits?.[0]?.access_schedule?.schedule_items ?? [];
    const [first, second] = charges[0]?.schedule.schedule_items ?? [];
    const made = await edit(keys, {
      archive_commits: [{ id: commits[0]?.id ?? "" }],
      update_credits: [
        {
          credit_id: credits?.[0]?.id ?? "",
          name: "Gift",
          priority: 7,
          access_schedule: { update_schedule_items: [{ id: segment?.id ?? "", amount: 400 }] },
        },
      ],
      update_scheduled_charges: [
        {
          scheduled_charge_id: charges[0]?.id ?? "",
          invoice_schedule: {
            add_schedule_items: [{ timestamp: "2024-03-30T00:00:00Z", unit_price: 5, quantity: 3 }],
            update_schedule_items: [{ id: first?.id ?? "", amount: 310 }],
            remove_schedule_items: [{ id: second?.id ?? "" }],
          },
        },
      ],
      archive_scheduled_charges: [{ id: charges[1]?.id ?? "" }],
      remove_overrides: [{ id: overrides[0]?.id ?? "" }],
    });
    // At the list price of 100 again: the gift of 400 pays 4 of 10 tokens.
    expect(await billed(keys)).toEqual([
      "SCHEDULED DRAFT: Monthly: 1 x 310 = 310",
      "SCHEDULED DRAFT: Monthly: 3 x 5 = 15",
      "USAGE DRAFT 04-01: tokens: 4 x 100 = 400, Gift applied = -400, tokens: 6 x 100 = 600",
    ]);
    expect(made.edit).toMatchObject({
      archive_commits: [{ id: commits[0]?.id }],
      update_credits: [
        {
          id: credits?.[0]?.id,
          name: "Gift",
          priority: 7,
          access_schedule: { update_schedule_items: [{ id: segment?.id, amount: 400 }] },
        },
      ],
      update_scheduled_charges: [
        {
          id: charges[0]?.id,
          invoice_schedule: { update_schedule_items: [{ id: first?.id, amount: 310 }] },
        },
      ],
      archive_scheduled_charges: [{ id: charges[1]?.id }],
      remove_overrides: [{ id: overrides[0]?.id }],
    });
    expect((await read(keys)).overrides).toEqual([]);
    await expect(
      edit(keys, { remove_overrides: [{ id: overrides[0]?.id ?? "" }] }),
    ).rejects.toThrow("not found");
  });

  test("a subscription ends, and goes on with the contract", async () => {
    const keys = await sign({
      subscriptions: [
        {
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
          collection_schedule: "ARREARS",
          proration: { is_prorated: true },
          initial_quantity: 1,
        },
      ],
    });
    const subscription_id = (await read(keys)).subscriptions?.[0]?.id ?? "";
    const end = (ending_before: string | null) =>
      edit(keys, { update_subscriptions: [{ subscription_id, ending_before }] });
    await end("2024-03-16T12:00:00Z");
    expect((await billed(keys))[0]).toContain("Seat: 1 x 1500 = 1500");
    await end(null);
    expect((await billed(keys))[0]).toContain("Seat: 1 x 3000 = 3000");
    expect((await history(keys)).map((made) => made.update_subscriptions)).toEqual([
      [{ id: subscription_id, ending_before: "2024-03-16T12:00:00Z" }],
      [{ id: subscription_id, ending_before: null }],
    ]);
    await expect(end("2024-03-01T00:00:00Z")).rejects.toThrow("ending_before must be after");
  });
});
