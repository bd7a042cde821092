import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPayer } from "../support/billed-customer.ts";
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

/** Changing contracts of which something is invoiced: March is finalized, April runs. */
let server: TestServer;
let card: string;
let tokens: string;
let fee: string;
let seats: string;

type Keys = { customer_id: string; contract_id: string };
type Edit = Omit<Parameters<TestServer["metronome"]["v2"]["contracts"]["edit"]>[0], keyof Keys>;

const MARCH = { starting_at: "2024-03-01T00:00:00Z", ending_before: "2024-04-01T00:00:00Z" };
const YEAR = { starting_at: "2024-03-01T00:00:00Z", ending_before: "2025-03-01T00:00:00Z" };

const sign = async (terms: Partial<NewContract> = {}): Promise<Keys> => {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: MARCH.starting_at,
    ...terms,
  });
  return { customer_id, contract_id };
};
const edit = async (keys: Keys, changes: Edit) =>
  (await server.metronome.v2.contracts.edit({ ...keys, ...changes })).data;
const read = async (keys: Keys) => (await server.metronome.v2.contracts.retrieve(keys)).data;
const invoices = ({ customer_id }: Keys, query = {}) =>
  listInvoices(server.metronome, customer_id, query);
const billed = async (keys: Keys): Promise<string[]> =>
  (await invoices(keys)).map((invoice) => {
    const day = (invoice.end_timestamp ?? invoice.issued_at ?? "").slice(5, 10);
    const lines = invoice.line_items.map(showLine).join(", ");
    return `${invoice.type} ${invoice.status} ${day}: ${lines}`.replace(" :", ":");
  });

const months = (from: number, to: number, amount: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => ({
    timestamp: `2024-${String(from + n).padStart(2, "0")}-15T00:00:00Z`,
    amount,
  }));

let busy: Keys;
let plain: Keys;
let ending: Keys;
let riding: Keys;
let routed: Keys;
let first: string;
let second: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-01T00:00:00Z");
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
  const prepaid: NonNullable<NewContract["commits"]>[number] = {
    type: "PREPAID",
    product_id: fee,
    name: "Prepaid",
    access_schedule: { schedule_items: [{ amount: 10_000, ...YEAR }] },
    invoice_schedule: { schedule_items: months(3, 8, 2000) },
  };
  busy = await sign({
    net_payment_terms_days: 30,
    commits: [prepaid],
    scheduled_charges: [
      { product_id: fee, name: "Monthly", schedule: { schedule_items: months(3, 5, 300) } },
    ],
  });
  plain = await sign();
  ending = await sign({
    ending_before: YEAR.ending_before,
    commits: [
      prepaid,
      {
        ...prepaid,
        type: "POSTPAID",
        name: "Postpaid",
        access_schedule: { schedule_items: [{ amount: 500, ...YEAR }] },
        invoice_schedule: { schedule_items: [{ timestamp: YEAR.ending_before, amount: 500 }] },
      },
    ],
    credits: [
      {
        product_id: fee,
        name: "Later",
        access_schedule: {
          schedule_items: [
            {
              amount: 1,
              starting_at: "2024-09-01T00:00:00Z",
              ending_before: "2024-10-01T00:00:00Z",
            },
          ],
        },
      },
    ],
    scheduled_charges: [
      { product_id: fee, name: "Monthly", schedule: { schedule_items: months(3, 8, 300) } },
    ],
    subscriptions: [
      {
        subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
        collection_schedule: "ADVANCE",
        proration: { is_prorated: true },
        initial_quantity: 1,
      },
    ],
    overrides: [{ type: "MULTIPLIER", multiplier: 0.5, product_id: tokens, ...YEAR }],
  });
  riding = await sign({
    ending_before: YEAR.ending_before,
    scheduled_charges_on_usage_invoices: "ALL",
    scheduled_charges: [
      {
        product_id: fee,
        name: "Monthly",
        schedule: {
          schedule_items: ["05", "06", "07"].map((month) => ({
            timestamp: `2024-${month}-01T00:00:00Z`,
            amount: 300,
          })),
        },
      },
    ],
  });
  routed = await sign();
  const configured = await metronome.v1.customers.setBillingConfigurations({
    data: await Promise.all(
      [0, 1].map(async () => ({
        customer_id: routed.customer_id,
        billing_provider: "stripe" as const,
        delivery_method: "direct_to_billing_provider" as const,
        configuration: {
          stripe_customer_id: await createPayer(server),
          stripe_collection_method: "charge_automatically",
        },
      })),
    ),
  });
  [first = "", second = ""] = (configured.data ?? []).map(({ id }) => id ?? "");
  for (const { customer_id } of [busy, plain, ending, riding, routed]) {
    await use(metronome, customer_id, "tokens", "2024-03-01T06:00:00Z", 10);
  }
  await server.setClock("2024-04-10T00:00:00Z");
  for (const { customer_id } of [busy, plain, ending, riding, routed]) {
    await use(metronome, customer_id, "tokens", "2024-04-05T06:00:00Z", 5);
  }
});

afterAll(async () => {
  await server.close();
});

describe("what is finalized", () => {
  test("stays, whatever changes; the draft follows", async () => {
    const before = await invoices(busy, { status: "FINALIZED" });
    expect(before.map(({ net_payment_terms_days: days }) => days)).toEqual([30, 30]);
    await edit(busy, {
      update_net_payment_terms_days: 60,
      update_contract_name: "Renamed",
      add_overrides: [
        { type: "MULTIPLIER", multiplier: 0.5, product_id: tokens, starting_at: MARCH.starting_at },
      ],
      add_credits: [
        {
          product_id: fee,
          priority: 1,
          access_schedule: { schedule_items: [{ amount: 100, ...YEAR }] },
        },
      ],
    });
    expect(await invoices(busy, { status: "FINALIZED" })).toEqual(before);
    // 5 tokens at half price are 250: the credit pays 100 / 50 = 2 of them, the commit the other 3.
    const [draft] = await invoices(busy, { status: "DRAFT", type: "USAGE" });
    expect(draft?.line_items.map(showLine)).toEqual([
      "tokens: 2 x 50 = 100",
      "tokens: 3 x 50 = 150",
      "Fee applied = -100",
      "Prepaid applied = -150",
    ]);
    expect(draft?.net_payment_terms_days).toBe(60);
  });

  test("is not taken back by a change: each refusal names its place, and nothing is changed", async () => {
    const { commits, scheduled_charges: charges } = await read(busy);
    const commit_id = commits[0]?.id ?? "";
    const segment = commits[0]?.access_schedule?.schedule_items[0]?.id ?? "";
    const march = commits[0]?.invoice_schedule?.schedule_items?.[0]?.id ?? "";
    const charge = charges[0]?.id ?? "";
    const item = charges[0]?.schedule.schedule_items?.[0]?.id ?? "";
    const before = JSON.stringify([await read(busy), await billed(busy)]);
    const refused: [Edit, string][] = [
      [
        {
          update_commits: [
            { commit_id, invoice_schedule: { remove_schedule_items: [{ id: march }] } },
          ],
        },
        "update_commits[0].invoice_schedule item",
      ],
      [
        {
          update_commits: [
            { commit_id, invoice_schedule: { update_schedule_items: [{ id: march, amount: 1 }] } },
          ],
        },
        "is invoiced already",
      ],
      [
        {
          update_commits: [
            { commit_id, access_schedule: { remove_schedule_items: [{ id: segment }] } },
          ],
        },
        "was used and cannot be removed",
      ],
      [
        {
          update_commits: [
            {
              commit_id,
              access_schedule: { update_schedule_items: [{ id: segment, amount: 999 }] },
            },
          ],
        },
        "cannot be smaller than what is used of it",
      ],
      [
        { archive_commits: [{ id: commit_id }] },
        "archive_commits[0]: The commit was applied to invoice",
      ],
      [
        {
          update_scheduled_charges: [
            {
              scheduled_charge_id: charge,
              invoice_schedule: { remove_schedule_items: [{ id: item }] },
            },
          ],
        },
        "update_scheduled_charges[0].invoice_schedule item",
      ],
      [
        {
          update_contract_end_date: "2024-03-20T00:00:00Z",
          allow_contract_ending_before_finalized_invoice: false,
        },
        "up to which usage is invoiced already",
      ],
    ];
    for (const [changes, message] of refused) {
      await expect(edit(busy, changes)).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining(message),
      });
    }
    expect(JSON.stringify([await read(busy), await billed(busy)])).toBe(before);
  });

  test("an archived charge keeps what it billed, and bills nothing more", async () => {
    const { scheduled_charges: charges } = await read(busy);
    await edit(busy, { archive_scheduled_charges: [{ id: charges[0]?.id ?? "" }] });
    const lines = (await billed(busy)).filter((invoice) => invoice.includes("Monthly"));
    expect(lines).toEqual([
      "SCHEDULED FINALIZED 03-15: Monthly: 1 x 300 = 300, Prepaid: 1 x 2000 = 2000",
    ]);
  });
});

describe("a subscription that is added when March is invoiced", () => {
  const seat = (collection_schedule: "ADVANCE" | "ARREARS", terms: object = {}) => ({
    subscription_rate: { billing_frequency: "MONTHLY" as const, product_id: seats },
    collection_schedule,
    proration: { is_prorated: true },
    initial_quantity: 1,
    ...terms,
  });
  const seatLines = async (keys: Keys) =>
    (await billed(keys)).filter((invoice) => invoice.includes("Seat"));

  test("is billed for April in advance on an invoice of its own, for May with the usage", async () => {
    await edit(plain, {
      add_subscriptions: [seat("ADVANCE", { starting_at: "2024-04-01T00:00:00Z" })],
    });
    await server.setClock("2024-04-10T00:00:00Z");
    expect(await seatLines(plain)).toEqual([
      "SCHEDULED FINALIZED 04-10: Seat: 1 x 3000 = 3000",
      "USAGE DRAFT 05-01: tokens: 5 x 100 = 500, Seat: 1 x 3000 = 3000",
    ]);
  });

  test("in arrears from March on, March is on an invoice of its own too", async () => {
    const keys = routed;
    await edit(keys, { add_subscriptions: [seat("ARREARS")] });
    await server.setClock("2024-04-10T00:00:00Z");
    expect(await seatLines(keys)).toEqual([
      "SCHEDULED FINALIZED 04-10: Seat: 1 x 3000 = 3000",
      "USAGE DRAFT 05-01: tokens: 5 x 100 = 500, Seat: 1 x 3000 = 3000",
    ]);
  });
});

describe("an end that moves", () => {
  test("cuts the terms; a later one brings nothing back", async () => {
    await server.metronome.v1.contracts.updateEndDate({
      ...ending,
      ending_before: "2024-06-01T00:00:00Z",
    });
    const cut = await read(ending);
    const dates = (items: { timestamp: string }[] | undefined) =>
      items?.map(({ timestamp }) => timestamp.slice(5, 10));
    expect(cut.ending_before).toBe("2024-06-01T00:00:00Z");
    const [prepaid, postpaid] = cut.commits;
    expect(prepaid?.access_schedule?.schedule_items.map((item) => item.ending_before)).toEqual([
      "2024-06-01T00:00:00Z",
    ]);
    expect(dates(prepaid?.invoice_schedule?.schedule_items)).toEqual(["03-15", "04-15", "05-15"]);
    // What was promised is owed all the same.
    expect(dates(postpaid?.invoice_schedule?.schedule_items)).toEqual(["03-01"]);
    expect(cut.credits?.[0]?.archived_at).toBeDefined();
    expect(dates(cut.scheduled_charges[0]?.schedule.schedule_items)).toEqual([
      "03-15",
      "04-15",
      "05-15",
    ]);
    expect(cut.overrides[0]?.ending_before).toBe("2024-06-01T00:00:00Z");

    await edit(ending, { update_contract_end_date: null });
    const prolonged = await read(ending);
    expect(prolonged.ending_before).toBeUndefined();
    expect(prolonged.commits).toEqual(cut.commits);
    expect(prolonged.scheduled_charges).toEqual(cut.scheduled_charges);
    // Collected in advance, it is not prolonged with the contract.
    expect(prolonged.subscriptions?.[0]?.ending_before).toBe("2024-06-01T00:00:00Z");
    const { data } = await server.metronome.v2.contracts.getEditHistory(ending);
    expect(data.map((made) => made.update_contract_end_date)).toEqual([
      "2024-06-01T00:00:00Z",
      null,
    ]);
  });

  test("a charge that rides on the last usage invoice is kept", async () => {
    await edit(riding, { update_contract_end_date: "2024-06-01T00:00:00Z" });
    const { scheduled_charges: charges } = await read(riding);
    expect(charges[0]?.schedule.schedule_items?.map(({ timestamp }) => timestamp)).toEqual([
      "2024-05-01T00:00:00Z",
      "2024-06-01T00:00:00Z",
    ]);
  });

  test("may be before what is invoiced, which stays", async () => {
    const before = await invoices(plain, { status: "FINALIZED" });
    await edit(plain, { update_contract_end_date: "2024-03-20T00:00:00Z" });
    expect(await invoices(plain)).toEqual(before);
  });
});

describe("another way for the contract's invoices", () => {
  test("from the current period on: the next usage invoice is the first one that takes it", async () => {
    expect(first).not.toBe("");
    await edit(routed, {
      add_billing_provider_configuration_update: {
        billing_provider_configuration: { billing_provider_configuration_id: second },
        schedule: { effective_at: "START_OF_CURRENT_PERIOD" },
      },
    });
    const shown = (await read(routed)).billing_provider_configuration_schedule;
    expect(shown).toMatchObject([
      { billing_provider_configuration: { id: second }, effective_at: "2024-04-01T00:00:00Z" },
    ]);
    await edit(routed, {
      add_billing_provider_configuration_update: {
        billing_provider_configuration: { billing_provider_configuration_id: first },
        schedule: { effective_at: "START_OF_NEXT_PERIOD" },
      },
    });
    const later = await read(routed);
    expect(later.customer_billing_provider_configuration?.id).toBe(second);
    expect(later.billing_provider_configuration_schedule).toMatchObject([
      { effective_at: "2024-04-01T00:00:00Z", effective_until: "2024-05-01T00:00:00Z" },
      { effective_at: "2024-05-01T00:00:00Z" },
    ]);
    await server.setClock("2024-06-02T01:00:00Z");
    const external = (await invoices(routed, { type: "USAGE", status: "FINALIZED" })).map(
      ({ end_timestamp, external_invoice: sent }) =>
        `${end_timestamp?.slice(5, 10)} ${sent?.external_status ?? "not sent"}`,
    );
    // March was finalized when the customer had two configurations and the contract none.
    expect(external).toEqual(["04-01 not sent", "05-01 PAID", "06-01 PAID"]);
    const { data: runs } = (await server.send("GET", "/v1/runs")).body;
    expect(runs.length).toBeGreaterThanOrEqual(2);
  });

  test.each([
    [{ billing_provider: "stripe" }, "must have billing_provider_configuration_id"],
    [
      { billing_provider: "stripe", delivery_method: "direct_to_billing_provider" },
      "matches several configurations",
    ],
    [{ billing_provider_configuration_id: "00000000-0000-4000-8000-000000000000" }, "not found"],
  ] as const)("not %j: %s", async (configuration, message) => {
    await expect(
      edit(routed, {
        add_billing_provider_configuration_update: {
          billing_provider_configuration: configuration,
          schedule: { effective_at: "START_OF_CURRENT_PERIOD" },
        },
      }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining(message) });
  });
});
