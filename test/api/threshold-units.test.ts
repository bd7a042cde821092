import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  listProviderInvoices,
} from "../support/billed-customer.ts";
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
import { startWebhookLog, type WebhookLog } from "../support/webhook-log.ts";

type Gate = Metronome.PaymentGateConfig;
type Threshold = NonNullable<NewContract["prepaid_balance_threshold_configuration"]>;

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const NOW = "2024-01-15T00:00:00Z";
const [START, END] = ["2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z"];
const NONE: Gate = { payment_gate_type: "NONE" };
const EXTERNAL: Gate = { payment_gate_type: "EXTERNAL" };
const STRIPE: Gate = { payment_gate_type: "STRIPE" };

let server: TestServer;
let log: WebhookLog;
let fixed: string;
let gpu: string;
let tokens: { id: string; name: string };
let card: string;

const createUnit = async (name: string): Promise<string> =>
  (await server.send("POST", "/v1/credit-types/create", { name })).body.data.id;

/** A card on which one of the unit costs as much, and one use of gpu costs one of the unit. */
async function createUnitCard(unitId: string, cents: number): Promise<string> {
  const { rateCards } = server.metronome.v1.contracts;
  const { data } = await rateCards.create({
    name: "Prices in a unit",
    credit_type_conversions: [{ custom_credit_type_id: unitId, fiat_per_custom_credit: cents }],
  });
  await rateCards.rates.add({
    rate_card_id: data.id,
    product_id: gpu,
    starting_at: START,
    entitled: true,
    rate_type: "FLAT",
    price: 1,
    credit_type_id: unitId,
  });
  return data.id;
}

const settle = () => server.setClock(NOW);

beforeAll(async () => {
  server = await startTestServer();
  await settle();
  log = await startWebhookLog(server);
  fixed = await createFixedProduct(server.metronome, "Prepaid tokens");
  gpu = await createUsageProduct(server.metronome, "gpu");
  tokens = { id: await createUnit("Tokens"), name: "Tokens" };
  card = await createUnitCard(tokens.id, 10);
});
beforeEach(() => log.clear());
afterAll(async () => {
  await server?.close();
  await log?.close();
});

/** Recharges to 500 tokens when 50 are left. */
const rechargeAt50 = (gate: Gate, extra: Partial<Threshold> = {}): Threshold => ({
  is_enabled: true,
  custom_credit_type_id: tokens.id,
  threshold_amount: 50,
  recharge_to_amount: 500,
  commit: { product_id: fixed, name: "Recharge" },
  payment_gate_config: gate,
  ...extra,
});

const gift = (amount: number, creditTypeId: string) => ({
  product_id: fixed,
  name: "Gift",
  access_schedule: {
    credit_type_id: creditTypeId,
    schedule_items: [{ amount, starting_at: START, ending_before: END }],
  },
});

interface Subscriber extends BilledCustomer {
  readonly contract: string;
}

async function subscribe(terms: Partial<NewContract>, cardId = card): Promise<Subscriber> {
  const customer = await createBilledCustomer(server);
  const contract = await createContract(server.metronome, customer.id, cardId, {
    starting_at: START,
    ...terms,
  });
  await settle();
  return { ...customer, contract };
}

async function useGpu({ id }: Subscriber, quantity: number): Promise<void> {
  await use(server.metronome, id, "gpu", NOW, quantity);
  await settle();
}

const balanceOf = async ({ id }: Subscriber, unitId = tokens.id) =>
  (
    await server.metronome.v1.contracts.getNetBalance({
      customer_id: id,
      credit_type_id: unitId,
    })
  ).data.balance;

const purchasesOf = ({ id }: Subscriber) =>
  listInvoices(server.metronome, id, { type: "SCHEDULED" });

async function contractOf({ id, contract }: Subscriber) {
  const { data } = await server.metronome.v2.contracts.retrieve({
    customer_id: id,
    contract_id: contract,
  });
  return data;
}

const edit = (subscriber: Subscriber, changes: object) =>
  server.send("POST", "/v2/contracts/edit", {
    customer_id: subscriber.id,
    contract_id: subscriber.contract,
    ...changes,
  });

describe("a threshold in tokens of 10 cents", () => {
  test("at 50 of 500 tokens, 450 are bought for 45 dollars", async () => {
    const subscriber = await subscribe({
      credits: [gift(500, tokens.id), gift(90_000, USD)],
      prepaid_balance_threshold_configuration: rechargeAt50(NONE),
    });
    await useGpu(subscriber, 449);
    expect([await balanceOf(subscriber), await purchasesOf(subscriber)]).toEqual([51, []]);
    await useGpu(subscriber, 1);
    // (500 - 50) x 10 cents = 4,500 cents.
    const purchases = await purchasesOf(subscriber);
    expect(purchases.map(({ line_items: lines }) => lines.map(showLine))).toEqual([
      ["Recharge: 1 x 4500 = 4500"],
    ]);
    expect(purchases).toMatchObject([
      { total: 4500, credit_type: { id: USD }, external_invoice: { invoiced_total: 4500 } },
    ]);
    expect([await balanceOf(subscriber), await balanceOf(subscriber, USD)]).toEqual([500, 90_000]);
    expect((await contractOf(subscriber)).commits).toMatchObject([
      {
        name: "Recharge",
        access_schedule: { credit_type: tokens, schedule_items: [{ amount: 450 }] },
        invoice_schedule: { credit_type: { id: USD }, schedule_items: [{ amount: 4500 }] },
      },
    ]);
    await useGpu(subscriber, 60);
    expect(await balanceOf(subscriber)).toBe(440);
    expect(await purchasesOf(subscriber)).toHaveLength(1);
    const [draft] = await listInvoices(server.metronome, subscriber.id, { type: "USAGE" });
    expect(draft?.total).toBe(0);
  });

  test("the provider collects what a discount leaves of the price", async () => {
    const subscriber = await subscribe({
      credits: [gift(90_000, USD)],
      prepaid_balance_threshold_configuration: rechargeAt50(STRIPE, {
        discount_configuration: { payment_fraction: 0.85 },
      }),
    });
    // Nothing to begin with: 500 x 10 cents x 0.85.
    expect((await purchasesOf(subscriber)).map(({ total }) => total)).toEqual([4250]);
    const theirs = await listProviderInvoices(server.stripe, subscriber.payer);
    expect(theirs).toMatchObject([{ status: "paid", total: 4250 }]);
    expect(await balanceOf(subscriber)).toBe(500);
  });

  test("what is collected elsewhere is asked for in money, and granted in tokens", async () => {
    const subscriber = await subscribe({
      credits: [gift(500, tokens.id)],
      prepaid_balance_threshold_configuration: rechargeAt50(EXTERNAL),
    });
    await useGpu(subscriber, 470);
    expect(await balanceOf(subscriber)).toBe(30);
    const [message, ...more] = log.messages("payment_gate.external_initiate");
    expect(more).toEqual([]);
    expect(message?.properties).toMatchObject({ invoice_total: 4700, invoice_currency: "USD" });
    const released = await server.send("POST", "/v1/contracts/commits/threshold-billing/release", {
      workflow_id: String(message?.properties.workflow_id),
      outcome: "PAID",
    });
    expect(released.status).toBe(200);
    await settle();
    expect(await balanceOf(subscriber)).toBe(500);
  });

  test("goes on when the unit is archived, which no other threshold may have then", async () => {
    const old = await createUnit("Old tokens");
    const oldCard = await createUnitCard(old, 100);
    const threshold = rechargeAt50(NONE, { is_enabled: false, custom_credit_type_id: old });
    const terms = { prepaid_balance_threshold_configuration: threshold };
    const subscriber = await subscribe(terms, oldCard);
    const late = await subscribe({}, oldCard);
    await server.send("POST", "/v1/credit-types/archive", { id: old });
    const { status } = await edit(subscriber, {
      update_prepaid_balance_threshold_configuration: { is_enabled: true },
    });
    expect(status).toBe(200);
    await settle();
    expect((await purchasesOf(subscriber)).map(({ total }) => total)).toEqual([50_000]);
    expect(await balanceOf(subscriber, old)).toBe(500);
    const added = await edit(late, { add_prepaid_balance_threshold_configuration: threshold });
    expect([added.status, added.body.message]).toEqual([
      400,
      "add_prepaid_balance_threshold_configuration.custom_credit_type_id is an archived pricing unit",
    ]);
  });
});

describe("the unit of a threshold", () => {
  const field = "prepaid_balance_threshold_configuration";
  const shownIn = async (subscriber: Subscriber) => {
    const { data } = await server.metronome.v1.contracts.retrieve({
      customer_id: subscriber.id,
      contract_id: subscriber.contract,
    });
    const second = (await contractOf(subscriber))[field];
    expect(second).toEqual(data.current[field]);
    const { custom_credit_type_id: unit, threshold_amount: at } = second ?? {};
    return [unit, at, second?.recharge_to_amount];
  };

  test("is added, changed and cleared by edits, and shown by every read", async () => {
    const off = rechargeAt50(NONE, { is_enabled: false });
    const subscriber = await subscribe({});
    expect((await edit(subscriber, { [`add_${field}`]: off })).status).toBe(200);
    expect(await shownIn(subscriber)).toEqual([tokens.id, 50, 500]);
    const inCents = await edit(subscriber, {
      [`update_${field}`]: { custom_credit_type_id: null },
    });
    expect([inCents.status, inCents.body.message]).toEqual([
      400,
      `update_${field}.threshold_amount must be at least 500 in the unit of USD (cents)`,
    ]);
    expect(await shownIn(subscriber)).toEqual([tokens.id, 50, 500]);
    const amounts = { threshold_amount: 5000, recharge_to_amount: 50_000 };
    const cleared = await edit(subscriber, {
      [`update_${field}`]: { custom_credit_type_id: null, ...amounts },
    });
    expect(cleared.status).toBe(200);
    expect(await shownIn(subscriber)).toEqual([undefined, 5000, 50_000]);
    const again = { custom_credit_type_id: tokens.id, threshold_amount: 60, is_enabled: true };
    expect((await edit(subscriber, { [`update_${field}`]: again })).status).toBe(200);
    await settle();
    expect(await shownIn(subscriber)).toEqual([tokens.id, 60, 50_000]);
    expect(await balanceOf(subscriber)).toBe(50_000);
  });

  test("comes with a package, whose card has to have it", async () => {
    const { metronome } = server;
    const body = { name: "Token plan", [field]: rechargeAt50(NONE) };
    const { data } = await metronome.v1.packages.create({ ...body, rate_card_id: card });
    const { id } = await createBilledCustomer(server);
    const made = await metronome.v1.contracts.create({
      customer_id: id,
      starting_at: START,
      package_id: data.id,
    });
    await settle();
    const subscriber = { id, payer: "", contract: made.data.id };
    expect(await shownIn(subscriber)).toEqual([tokens.id, 50, 500]);
    expect(await balanceOf(subscriber)).toBe(500);
    const other = await createRateCard(metronome, []);
    const refused = await server.send("POST", "/v1/packages/create", {
      ...body,
      rate_card_id: other,
    });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringContaining(`${field}.custom_credit_type_id must be a pricing unit`),
    ]);
  });

  const conversion = "custom_credit_type_id must be a pricing unit that the contract's rate card";
  const cards = {
    tokens: async () => card,
    free: () => createUnitCard(tokens.id, 0),
    other: () => createRateCard(server.metronome, []),
    none: async () => undefined,
  };
  test.each<[string, keyof typeof cards, object, string]>([
    ["of which the card has no conversion", "other", {}, conversion],
    ["without a card", "none", {}, conversion],
    ["that is a currency", "tokens", { custom_credit_type_id: USD }, conversion],
    [
      "that nobody has made",
      "tokens",
      { custom_credit_type_id: crypto.randomUUID() },
      "custom_credit_type_id is neither a currency nor a pricing unit",
    ],
    ["that is no id", "tokens", { custom_credit_type_id: "tokens" }, "custom_credit_type_id"],
    ["that costs nothing", "free", {}, "custom_credit_type_id costs nothing"],
    [
      "of which 49 are 4.90 dollars",
      "tokens",
      { threshold_amount: 49 },
      "threshold_amount must be worth, at 10 each, at least 500 in the unit of USD (cents)",
    ],
    [
      "of which 99 more are 9.90 dollars",
      "tokens",
      { recharge_to_amount: 149 },
      "recharge_to_amount must be worth, at 10 each, at least 1500 in the unit of USD (cents)",
    ],
  ])("%s is refused", async (_what, kind, change, message) => {
    const id = await createCustomer(server.metronome);
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id: id,
      rate_card_id: await cards[kind](),
      starting_at: START,
      [field]: { ...rechargeAt50(NONE), ...change },
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining(`${field}.${message}`)]);
    const contracts = await server.metronome.v1.contracts.list({ customer_id: id });
    expect(contracts.data).toEqual([]);
  });

  test("of a spend threshold is no field", async () => {
    const id = await createCustomer(server.metronome);
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id: id,
      rate_card_id: card,
      starting_at: START,
      spend_threshold_configuration: {
        is_enabled: true,
        threshold_amount: 5000,
        custom_credit_type_id: tokens.id,
        commit: { product_id: fixed },
        payment_gate_config: NONE,
      },
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining("unknown field")]);
  });
});
