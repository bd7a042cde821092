import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  listProviderInvoices,
} from "../support/billed-customer.ts";
import {
  createContract,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog, type WebhookLog } from "../support/webhook-log.ts";

type Gate = Metronome.PaymentGateConfig;
type BalanceThreshold = NonNullable<NewContract["prepaid_balance_threshold_configuration"]>;
type SpendThreshold = NonNullable<NewContract["spend_threshold_configuration"]>;

let server: TestServer;
let log: WebhookLog;
let card: string;
let fixed: string;
let day = 0;

const dayStart = (offset = 0) =>
  new Date(Date.UTC(2024, 0, 1 + day + offset)).toISOString().replace(".000Z", "Z");
const settle = () => server.setClock(dayStart());

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  log = await startWebhookLog(server);
  const tokens = await createUsageProduct(server.metronome, "tokens");
  card = await createRateCard(server.metronome, [[tokens, 10]]);
  fixed = await createFixedProduct(server.metronome, "Prepaid credits");
});
afterAll(async () => {
  await server?.close();
  await log?.close();
});

async function nextDay(): Promise<void> {
  day += 1;
  await settle();
  log.clear();
}

const NONE: Gate = { payment_gate_type: "NONE" };
const EXTERNAL: Gate = { payment_gate_type: "EXTERNAL" };
const STRIPE: Gate = { payment_gate_type: "STRIPE" };

/** Recharges to 500 dollars when 50 are left. */
const rechargeAt50 = (gate: Gate, extra: Partial<BalanceThreshold> = {}): BalanceThreshold => ({
  is_enabled: true,
  threshold_amount: 5000,
  recharge_to_amount: 50_000,
  commit: { product_id: fixed, name: "Recharge" },
  payment_gate_config: gate,
  ...extra,
});

const billAt100 = (gate: Gate, extra: Partial<SpendThreshold> = {}): SpendThreshold => ({
  is_enabled: true,
  threshold_amount: 10_000,
  commit: { product_id: fixed, name: "Current charges" },
  payment_gate_config: gate,
  ...extra,
});

/** 200 dollars to begin with, free of charge. */
const first200 = (): Pick<NewContract, "credits"> => ({
  credits: [
    {
      product_id: fixed,
      access_schedule: {
        schedule_items: [
          { amount: 20_000, starting_at: dayStart(), ending_before: "2030-01-01T00:00:00Z" },
        ],
      },
    },
  ],
});

interface Subscriber extends BilledCustomer {
  readonly contract: string;
}

async function subscribe(terms: Partial<NewContract>, paymentMethod?: string): Promise<Subscriber> {
  await nextDay();
  const customer = await createBilledCustomer(server, { paymentMethod });
  const contract = await createContract(server.metronome, customer.id, card, {
    starting_at: dayStart(),
    ...terms,
  });
  await settle();
  return { ...customer, contract };
}

/** Uses tokens of 10 cents each, and lets happen what that brings about. */
async function useTokens({ id }: Subscriber, tokens: number): Promise<void> {
  await use(server.metronome, id, "tokens", dayStart(), tokens);
  await settle();
}

const balanceOf = async ({ id }: Subscriber) =>
  (await server.metronome.v1.contracts.getNetBalance({ customer_id: id })).data.balance;

const purchasesOf = async ({ id }: Subscriber): Promise<Invoice[]> =>
  (await listInvoices(server.metronome, id)).filter(({ type }) => type === "SCHEDULED");

async function contractOf({ id, contract }: Subscriber) {
  const { data } = await server.metronome.v2.contracts.retrieve({
    customer_id: id,
    contract_id: contract,
  });
  return data;
}

const release = async (outcome: "PAID" | "FAILED") => {
  const workflow_id = String(
    log.messages("payment_gate.external_initiate").at(-1)?.properties.workflow_id,
  );
  const path = "/v1/contracts/commits/threshold-billing/release";
  const { status } = await server.send("POST", path, { workflow_id, outcome });
  await settle();
  return status;
};

describe("a balance threshold", () => {
  test("buys what is missing when the balance falls to it, in the same instant", async () => {
    const subscriber = await subscribe({
      ...first200(),
      prepaid_balance_threshold_configuration: rechargeAt50(NONE),
    });
    await useTokens(subscriber, 1499);
    expect([await balanceOf(subscriber), await purchasesOf(subscriber)]).toEqual([5010, []]);
    await useTokens(subscriber, 1);
    // 200 - 150 dollars are 50: what is missing to 500 are 450.
    expect(await balanceOf(subscriber)).toBe(50_000);
    const [purchase, ...more] = await purchasesOf(subscriber);
    expect(more).toEqual([]);
    expect(purchase?.line_items.map(showLine)).toEqual(["Recharge: 1 x 45000 = 45000"]);
    expect(purchase).toMatchObject({
      status: "FINALIZED",
      issued_at: dayStart(),
      external_invoice: { external_status: "PAID", invoiced_total: 45_000 },
    });
    const { commits } = await contractOf(subscriber);
    expect(commits).toMatchObject([
      {
        name: "Recharge",
        type: "PREPAID",
        priority: 100,
        access_schedule: {
          schedule_items: [
            { amount: 45_000, starting_at: dayStart(), ending_before: dayStart(365) },
          ],
        },
      },
    ]);
    expect(log.messages("payment_gate.threshold_reached")).toMatchObject([
      {
        properties: {
          workflow_type: "prepaid_balance_threshold",
          customer_id: subscriber.id,
          contract_id: subscriber.contract,
          timestamp: dayStart(),
        },
      },
    ]);
    await settle();
    expect(await purchasesOf(subscriber)).toHaveLength(1);
  });

  test("is shown with the contract", async () => {
    const threshold = rechargeAt50(
      {
        payment_gate_type: "STRIPE",
        stripe_config: { payment_type: "INVOICE", invoice_metadata: { plan: "pro" } },
      },
      {
        is_enabled: false,
        commit: { product_id: fixed, priority: 3, applicable_product_tags: ["ai"] },
        discount_configuration: { payment_fraction: 0.85 },
      },
    );
    const subscriber = await subscribe({ prepaid_balance_threshold_configuration: threshold });
    const shown = await contractOf(subscriber);
    expect(shown.prepaid_balance_threshold_configuration).toEqual({
      ...threshold,
      payment_gate_config: {
        payment_gate_type: "STRIPE",
        tax_type: "NONE",
        stripe_config: {
          payment_type: "INVOICE",
          invoice_metadata: { plan: "pro" },
          on_session_payment: false,
        },
      },
    });
    expect(shown.spend_threshold_configuration).toBeUndefined();
    expect(await purchasesOf(subscriber)).toEqual([]);
  });

  test("charges a fraction of what it grants", async () => {
    const subscriber = await subscribe({
      prepaid_balance_threshold_configuration: rechargeAt50(STRIPE, {
        discount_configuration: { payment_fraction: 0.85 },
      }),
    });
    // Nothing to begin with: 500 dollars are bought for 425.
    expect(await balanceOf(subscriber)).toBe(50_000);
    expect((await purchasesOf(subscriber)).map(({ total }) => total)).toEqual([42_500]);
    const [theirs] = await listProviderInvoices(server.stripe, subscriber.payer);
    expect(theirs).toMatchObject({ status: "paid", total: 42_500 });
  });

  test("gives nothing before it is paid, and buys nothing twice meanwhile", async () => {
    const subscriber = await subscribe({
      ...first200(),
      prepaid_balance_threshold_configuration: rechargeAt50(EXTERNAL),
    });
    await useTokens(subscriber, 1600);
    await useTokens(subscriber, 100);
    expect(await balanceOf(subscriber)).toBe(3000);
    expect(log.messages("payment_gate.external_initiate")).toMatchObject([
      {
        properties: {
          workflow_type: "prepaid_balance_threshold",
          invoice_total: 46_000,
          invoice_currency: "USD",
        },
      },
    ]);
    expect(await release("PAID")).toBe(200);
    expect(await balanceOf(subscriber)).toBe(49_000);
    // 490 dollars less 440 are 50 again.
    await useTokens(subscriber, 4400);
    expect(log.messages("payment_gate.external_initiate")).toHaveLength(2);
    expect((await purchasesOf(subscriber)).map(({ total }) => total)).toEqual([46_000, 45_000]);
  });

  test("is off after a payment that failed, until somebody switches it on", async () => {
    const subscriber = await subscribe(
      { prepaid_balance_threshold_configuration: rechargeAt50(STRIPE) },
      "pm_card_chargeCustomerFail",
    );
    const { prepaid_balance_threshold_configuration: threshold, commits } =
      await contractOf(subscriber);
    expect(threshold?.is_enabled).toBe(false);
    expect(commits).toEqual([]);
    expect((await purchasesOf(subscriber)).map(({ status }) => status)).toEqual(["VOID"]);
    const [theirs] = await listProviderInvoices(server.stripe, subscriber.payer);
    expect(theirs?.status).toBe("void");
    await useTokens(subscriber, 10);
    expect(await purchasesOf(subscriber)).toHaveLength(1);
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      {
        properties: { workflow_type: "prepaid_balance_threshold", payment_status: "failed" },
      },
    ]);
  });

  test("fails visibly when the provider that it needs is not configured", async () => {
    await nextDay();
    const { data: customer } = await server.metronome.v1.customers.create({ name: "Acme" });
    const contract = await createContract(server.metronome, customer.id, card, {
      starting_at: dayStart(),
      prepaid_balance_threshold_configuration: rechargeAt50(STRIPE),
    });
    await settle();
    const subscriber = { id: customer.id, payer: "", contract };
    const shown = await contractOf(subscriber);
    expect(shown.prepaid_balance_threshold_configuration?.is_enabled).toBe(false);
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      {
        properties: {
          payment_status: "failed",
          billing_provider: { stripe: { error: { code: "billing_provider_missing" } } },
        },
      },
    ]);
  });

  test("sees what time alone takes away", async () => {
    const subscriber = await subscribe({
      credits: [
        {
          product_id: fixed,
          access_schedule: {
            schedule_items: [{ amount: 6000, starting_at: dayStart(), ending_before: dayStart(2) }],
          },
        },
      ],
      prepaid_balance_threshold_configuration: rechargeAt50(NONE),
    });
    // The helper begins a day of its own: the credit ends a day after the next one begins.
    expect(await purchasesOf(subscriber)).toEqual([]);
    const endsAt = dayStart(1);
    day += 1;
    await server.setClock(endsAt);
    expect(await balanceOf(subscriber)).toBe(50_000);
    expect(await purchasesOf(subscriber)).toMatchObject([{ issued_at: endsAt, total: 50_000 }]);
  });

  test("counts what belongs to the customer, and nothing that is postpaid", async () => {
    await nextDay();
    const customer = await createBilledCustomer(server);
    await server.metronome.v1.customers.credits.create({
      customer_id: customer.id,
      product_id: fixed,
      priority: 1,
      access_schedule: {
        schedule_items: [
          { amount: 4000, starting_at: dayStart(), ending_before: "2030-01-01T00:00:00Z" },
        ],
      },
    });
    const contract = await createContract(server.metronome, customer.id, card, {
      starting_at: dayStart(),
      commits: [
        {
          type: "POSTPAID",
          product_id: fixed,
          access_schedule: {
            schedule_items: [
              { amount: 90_000, starting_at: dayStart(), ending_before: "2025-01-01T00:00:00Z" },
            ],
          },
          invoice_schedule: {
            schedule_items: [{ timestamp: "2025-01-01T00:00:00Z", amount: 90_000 }],
          },
        },
      ],
      prepaid_balance_threshold_configuration: rechargeAt50(NONE),
    });
    await settle();
    const purchases = await purchasesOf({ ...customer, contract });
    const recharges = purchases.filter(({ status }) => status === "FINALIZED");
    expect(recharges.map(({ total }) => total)).toEqual([46_000]);
  });

  test("one crossing is one purchase, whoever sees it at once", async () => {
    const subscriber = await subscribe({
      ...first200(),
      prepaid_balance_threshold_configuration: rechargeAt50(EXTERNAL),
    });
    await Promise.all(
      Array.from({ length: 20 }, () =>
        use(server.metronome, subscriber.id, "tokens", dayStart(), 100),
      ),
    );
    await settle();
    expect(await purchasesOf(subscriber)).toHaveLength(1);
    expect(log.messages("payment_gate.external_initiate")).toHaveLength(1);
  });
});

describe("an edit", () => {
  const edit = (subscriber: Subscriber, changes: object) =>
    server.send("POST", "/v2/contracts/edit", {
      customer_id: subscriber.id,
      contract_id: subscriber.contract,
      ...changes,
    });

  test("switches a threshold on again, and then it is evaluated at once", async () => {
    const subscriber = await subscribe({
      prepaid_balance_threshold_configuration: rechargeAt50(EXTERNAL),
    });
    expect(await release("FAILED")).toBe(200);
    await useTokens(subscriber, 1);
    expect(await purchasesOf(subscriber)).toHaveLength(1);
    const { status } = await edit(subscriber, {
      update_prepaid_balance_threshold_configuration: { is_enabled: true },
    });
    expect(status).toBe(200);
    await settle();
    expect((await purchasesOf(subscriber)).map(({ status: state }) => state)).toEqual([
      "VOID",
      "FINALIZED",
    ]);
    expect(await release("PAID")).toBe(200);
    expect(await balanceOf(subscriber)).toBe(49_990);
  });

  test("adds thresholds and changes what is given of them", async () => {
    const subscriber = await subscribe({});
    const added = await edit(subscriber, {
      add_prepaid_balance_threshold_configuration: rechargeAt50(NONE, { is_enabled: false }),
      add_spend_threshold_configuration: billAt100(NONE, { is_enabled: false }),
    });
    expect(added.status).toBe(200);
    const updated = await edit(subscriber, {
      update_prepaid_balance_threshold_configuration: {
        recharge_to_amount: 60_000,
        commit: { name: "Refill", priority: 7 },
      },
      update_spend_threshold_configuration: {
        threshold_amount: 20_000,
        discount_configuration: { payment_fraction: 0.5 },
      },
    });
    expect(updated.status).toBe(200);
    expect(await contractOf(subscriber)).toMatchObject({
      prepaid_balance_threshold_configuration: {
        is_enabled: false,
        threshold_amount: 5000,
        recharge_to_amount: 60_000,
        commit: { product_id: fixed, name: "Refill", priority: 7 },
      },
      spend_threshold_configuration: {
        threshold_amount: 20_000,
        commit: { name: "Current charges" },
        discount_configuration: { payment_fraction: 0.5 },
      },
    });
    const cleared = await edit(subscriber, {
      update_spend_threshold_configuration: {
        discount_configuration: null,
        commit: { name: null },
      },
    });
    expect([cleared.status, cleared.body.message]).toEqual([200, undefined]);
    const { spend_threshold_configuration: spend } = await contractOf(subscriber);
    expect(spend).not.toHaveProperty("discount_configuration");
    expect(spend?.commit).toEqual({ product_id: fixed });
  });

  test.each([
    ["a second one", { add_prepaid_balance_threshold_configuration: {} }, "has one already"],
    ["a change of none", { update_spend_threshold_configuration: {} }, "has none"],
    [
      "too small a recharge",
      { update_prepaid_balance_threshold_configuration: { recharge_to_amount: 5000 } },
      "at least 6000",
    ],
  ])("of %s is refused", async (_what, changes, message) => {
    const subscriber = await subscribe({
      prepaid_balance_threshold_configuration: rechargeAt50(NONE, { is_enabled: false }),
    });
    const [[field, value] = ["", {}]] = Object.entries(changes);
    const body = field.startsWith("add_") ? { ...rechargeAt50(NONE), ...value } : value;
    const reply = await edit(subscriber, { [field]: body });
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe("a spend threshold", () => {
  test("bills the current charges as a commit, which then covers them", async () => {
    const subscriber = await subscribe({ spend_threshold_configuration: billAt100(STRIPE) });
    await useTokens(subscriber, 999);
    expect(await purchasesOf(subscriber)).toEqual([]);
    await useTokens(subscriber, 51);
    const [purchase, ...more] = await purchasesOf(subscriber);
    expect(more).toEqual([]);
    expect(purchase?.line_items.map(showLine)).toEqual(["Current charges: 1 x 10500 = 10500"]);
    expect(purchase?.external_invoice?.external_status).toBe("PAID");
    const [draft] = await listInvoices(server.metronome, subscriber.id, { type: "USAGE" });
    expect([draft?.total, draft?.line_items.map(showLine)]).toEqual([
      0,
      ["tokens: 1050 x 10 = 10500", "Current charges applied = -10500"],
    ]);
    await useTokens(subscriber, 5);
    const [later] = await listInvoices(server.metronome, subscriber.id, { type: "USAGE" });
    expect(later?.total).toBe(50);
    expect(await purchasesOf(subscriber)).toHaveLength(1);
    expect(log.messages("payment_gate.threshold_reached")).toMatchObject([
      { properties: { workflow_type: "spend_threshold" } },
    ]);
  });

  test("leaves the usage on its invoice when the payment fails, and is off then", async () => {
    const subscriber = await subscribe({ spend_threshold_configuration: billAt100(EXTERNAL) });
    await useTokens(subscriber, 1000);
    expect(await release("FAILED")).toBe(200);
    const shown = await contractOf(subscriber);
    expect(shown.spend_threshold_configuration?.is_enabled).toBe(false);
    const [draft] = await listInvoices(server.metronome, subscriber.id, { type: "USAGE" });
    expect(draft?.total).toBe(10_000);
  });
});

describe("a threshold that cannot be", () => {
  const gate = { payment_gate_type: "NONE" };
  test.each([
    ["below 5 dollars", { threshold_amount: 499 }, "threshold_amount must be at least 500"],
    [
      "less than 10 dollars below what it recharges to",
      { recharge_to_amount: 5999 },
      "recharge_to_amount must be at least 6000",
    ],
    ["a free recharge", { discount_configuration: { payment_fraction: 0 } }, "more than 0"],
    ["an extra charge", { discount_configuration: { payment_fraction: 1.1 } }, "at most 1"],
    [
      "a discount with a cap",
      { discount_configuration: { payment_fraction: 0.9, cap: 5 } },
      "not supported",
    ],
    ["no gate", { payment_gate_config: undefined }, "payment_gate_config"],
    ["no commit", { commit: undefined }, "commit"],
    ["a commit of no product", { commit: { product_id: crypto.randomUUID() } }, "not found"],
    [
      "what burns it in two ways",
      {
        commit: (product: string) => ({
          product_id: product,
          specifiers: [{ product_tags: ["a"] }],
          applicable_product_tags: ["a"],
        }),
      },
      "cannot be used with",
    ],
    ["an unknown field", { auto: true }, "unknown field"],
    ["an amount below zero", { threshold_amount: -1 }, "at least 0"],
    ["a word for an amount", { threshold_amount: "much" }, "decimal number"],
    ["no switch", { is_enabled: undefined }, "is_enabled"],
  ])("%s is refused", async (_what, change, message) => {
    const { commit } = change as { commit?: unknown };
    const { data: customer } = await server.metronome.v1.customers.create({ name: "Acme" });
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id: customer.id,
      rate_card_id: card,
      starting_at: dayStart(),
      prepaid_balance_threshold_configuration: {
        ...rechargeAt50(gate as Gate),
        ...change,
        ...(typeof commit === "function" ? { commit: commit(fixed) } : {}),
      },
    });
    expect(body.message).toContain(message);
    expect([400, 404]).toContain(status);
    expect(await listInvoices(server.metronome, customer.id)).toEqual([]);
  });

  test("a spend of nothing is refused", async () => {
    const { data: customer } = await server.metronome.v1.customers.create({ name: "Acme" });
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id: customer.id,
      starting_at: dayStart(),
      spend_threshold_configuration: { ...billAt100(NONE), threshold_amount: 0 },
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining("more than 0")]);
  });
});
