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
  listInvoices,
  type NewContract,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog, type WebhookLog } from "../support/webhook-log.ts";

type Gate = Metronome.PaymentGateConfig;
/** The official client has forgotten that creating a contract takes gates as well. */
type NewCommit = NonNullable<NewContract["commits"]>[number] & { payment_gate_config?: Gate };

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
  card = await createRateCard(server.metronome, [[tokens, 2]]);
  fixed = await createFixedProduct(server.metronome, "Prepaid credits");
});
afterAll(async () => {
  await server?.close();
  await log?.close();
});

/** Every test has a day of its own. */
async function nextDay(): Promise<void> {
  day += 1;
  await settle();
  log.clear();
}

const commitOf = (gate: Gate | undefined, extra: Partial<NewCommit> = {}): NewCommit =>
  ({
    type: "PREPAID",
    product_id: fixed,
    name: "Top-up",
    access_schedule: {
      schedule_items: [
        { amount: 10_000, starting_at: dayStart(), ending_before: "2025-01-01T00:00:00Z" },
      ],
    },
    invoice_schedule: { schedule_items: [{ timestamp: dayStart(), amount: 8000 }] },
    ...(gate === undefined ? {} : { payment_gate_config: gate }),
    ...extra,
  }) as NewCommit;

interface Buyer extends BilledCustomer {
  readonly contract: string;
}

/** A customer who buys one commit through this gate, and has used 30 dollars of tokens. */
async function buy(
  gate: Gate | undefined,
  paymentMethod?: string,
  extra: Partial<NewCommit> = {},
): Promise<Buyer> {
  await nextDay();
  const customer = await createBilledCustomer(server, { paymentMethod });
  const contract = await createContract(server.metronome, customer.id, card, {
    starting_at: dayStart(),
    commits: [commitOf(gate, extra)],
  });
  await use(server.metronome, customer.id, "tokens", dayStart(), 1500);
  return { ...customer, contract };
}

async function commitsOf({ id, contract }: Buyer) {
  const { data } = await server.metronome.v2.contracts.retrieve({
    customer_id: id,
    contract_id: contract,
    include_balance: true,
    include_ledgers: true,
  });
  return data.commits ?? [];
}

const balanceOf = async ({ id }: Buyer) =>
  (await server.metronome.v1.contracts.getNetBalance({ customer_id: id })).data.balance;

const purchaseOf = async ({ id }: Buyer) => {
  const [invoice, ...more] = (await listInvoices(server.metronome, id)).filter(
    ({ type }) => type === "SCHEDULED",
  );
  expect(more).toEqual([]);
  if (invoice === undefined) throw new Error("no purchase");
  return invoice;
};

const workflowOf = () =>
  String(log.messages("payment_gate.external_initiate")[0]?.properties.workflow_id);

const release = (workflow_id: string, outcome: string) =>
  server.send("POST", "/v1/contracts/commits/threshold-billing/release", { workflow_id, outcome });

describe("an EXTERNAL gate", () => {
  test("asks somebody else to collect, and gives access when they have", async () => {
    const buyer = await buy({ payment_gate_type: "EXTERNAL" });
    expect(await commitsOf(buyer)).toEqual([]);
    expect(await balanceOf(buyer)).toBe(0);
    const invoice = await purchaseOf(buyer);
    expect(invoice).toMatchObject({ status: "FINALIZED", total: 8000, external_invoice: null });
    await settle();
    expect(log.messages("payment_gate.external_initiate")).toEqual([
      {
        id: expect.any(String),
        type: "payment_gate.external_initiate",
        properties: {
          workflow_type: "manual_commit",
          workflow_id: expect.any(String),
          customer_id: buyer.id,
          contract_id: buyer.contract,
          timestamp: dayStart(),
          invoice_id: invoice.id,
          invoice_total: 8000,
          invoice_currency: "USD",
        },
      },
    ]);
    const workflow = workflowOf();
    expect((await release(workflow, "paid")).status).toBe(200);
    expect(await balanceOf(buyer)).toBe(7000);
    expect((await release(workflow, "PAID")).status).toBe(200);
    expect((await release(workflow, "FAILED")).status).toBe(409);
    expect(await balanceOf(buyer)).toBe(7000);
    const [commit] = await commitsOf(buyer);
    expect(commit?.ledger?.map((entry) => [entry.type, "amount" in entry && entry.amount])).toEqual(
      [
        ["PREPAID_COMMIT_SEGMENT_START", 10_000],
        ["PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION", -3000],
      ],
    );
    await settle();
    expect(log.messages("payment_gate.payment_status").map(({ properties }) => properties)).toEqual(
      [
        {
          workflow_type: "manual_commit",
          customer_id: buyer.id,
          contract_id: buyer.contract,
          invoice_id: invoice.id,
          payment_status: "paid",
          timestamp: dayStart(),
        },
      ],
    );
    expect(await listProviderInvoices(server.stripe, buyer.payer)).toEqual([]);
  });

  test("leaves no commit when they could not collect", async () => {
    const buyer = await buy({ payment_gate_type: "EXTERNAL" });
    await settle();
    const workflow = workflowOf();
    expect((await release(workflow, "FAILED")).status).toBe(200);
    expect((await release(workflow, "failed")).status).toBe(200);
    expect((await release(workflow, "PAID")).status).toBe(409);
    expect(await commitsOf(buyer)).toEqual([]);
    expect(await balanceOf(buyer)).toBe(0);
    expect((await purchaseOf(buyer)).status).toBe("VOID");
    await settle();
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      { properties: { payment_status: "failed" } },
    ]);
  });

  test("carries a tax that was computed before, exactly", async () => {
    const buyer = await buy({
      payment_gate_type: "EXTERNAL",
      tax_type: "PRECALCULATED",
      precalculated_tax_config: { tax_amount: 660.5, tax_name: "Sales tax" },
    });
    const invoice = await purchaseOf(buyer);
    expect(invoice.total).toBe(8660.5);
    expect(invoice.line_items.map(({ name, type, total }) => [name, type, total])).toEqual([
      ["Top-up", "commit_purchase", 8000],
      ["Sales tax", "scheduled", 660.5],
    ]);
  });
});

const byInvoice: Gate = {
  payment_gate_type: "STRIPE",
  stripe_config: { payment_type: "INVOICE", invoice_metadata: { order: "A-7" } },
};

describe("a STRIPE gate by invoice", () => {
  test("charges at once, and gives access when the money is there", async () => {
    const buyer = await buy(byInvoice);
    expect(await balanceOf(buyer)).toBe(0);
    await settle();
    const [theirs] = await listProviderInvoices(server.stripe, buyer.payer);
    const ours = await purchaseOf(buyer);
    expect(theirs).toMatchObject({
      status: "paid",
      total: 8000,
      auto_advance: false,
      collection_method: "charge_automatically",
      metadata: { order: "A-7", ledgerline_invoice_id: ours.id },
    });
    expect(ours.external_invoice).toMatchObject({
      invoice_id: theirs?.id,
      external_status: "PAID",
      invoiced_total: 8000,
      external_payment_id: expect.stringMatching(/^pi_/),
    });
    expect(await balanceOf(buyer)).toBe(7000);
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      {
        properties: {
          workflow_type: "manual_commit",
          invoice_id: ours.id,
          payment_status: "paid",
          billing_provider: {
            type: "stripe",
            stripe: { payment_intent_id: ours.external_invoice?.external_payment_id },
          },
        },
      },
    ]);
  });

  test("carries the tax to the cent", async () => {
    const buyer = await buy({
      payment_gate_type: "STRIPE",
      tax_type: "PRECALCULATED",
      precalculated_tax_config: { tax_amount: 660, tax_name: "Sales tax" },
    });
    await settle();
    const [theirs] = await listProviderInvoices(server.stripe, buyer.payer);
    expect([theirs?.status, theirs?.total]).toEqual(["paid", 8660]);
    expect(theirs?.lines.data.map(({ description, amount }) => [description, amount])).toEqual([
      ["Top-up", 8000],
      ["Sales tax", 660],
    ]);
    expect(await balanceOf(buyer)).toBe(7000);
  });

  test("voids the invoice on both sides when the card is declined; nobody tries again", async () => {
    const buyer = await buy(byInvoice, "pm_card_chargeCustomerFail");
    await settle();
    const [theirs, ...more] = await listProviderInvoices(server.stripe, buyer.payer);
    expect(more).toEqual([]);
    expect(theirs).toMatchObject({ status: "void", attempt_count: 1, amount_paid: 0 });
    const ours = await purchaseOf(buyer);
    expect([ours.status, ours.external_invoice?.external_status]).toEqual(["VOID", "VOID"]);
    expect(await commitsOf(buyer)).toEqual([]);
    expect(await balanceOf(buyer)).toBe(0);
    const messages = log.messages("payment_gate.payment_status");
    expect(messages).toMatchObject([
      {
        properties: {
          payment_status: "failed",
          error_message: "Your card was declined.",
          billing_provider: {
            type: "stripe",
            stripe: { error: { code: "card_declined", decline_code: "generic_decline" } },
          },
        },
      },
    ]);
    await nextDay();
    const charges = await server.stripe.charges.list({ customer: buyer.payer });
    expect(charges.data.map(({ status }) => status)).toEqual(["failed"]);
  });

  test("waits for a payer who must act, and gives access when they have", async () => {
    const buyer = await buy(byInvoice, "pm_card_authenticationRequired");
    await settle();
    const [theirs] = await listProviderInvoices(server.stripe, buyer.payer);
    expect(theirs?.status).toBe("open");
    expect(log.messages("payment_gate.payment_pending_action_required")).toMatchObject([
      {
        properties: {
          workflow_type: "manual_commit",
          error_message: expect.stringContaining("requires authentication"),
          billing_provider: { type: "stripe" },
        },
      },
    ]);
    expect(await balanceOf(buyer)).toBe(0);
    const { id } = await server.stripe.paymentMethods.attach("pm_card_visa", {
      customer: buyer.payer,
    });
    await server.stripe.invoices.pay(theirs?.id ?? "", { payment_method: id });
    await settle();
    expect(await balanceOf(buyer)).toBe(7000);
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      { properties: { payment_status: "paid" } },
    ]);
  });

  test("fails when the invoice is voided at the provider while the payer must act", async () => {
    const buyer = await buy(byInvoice, "pm_card_authenticationRequired");
    await settle();
    const [theirs] = await listProviderInvoices(server.stripe, buyer.payer);
    await server.stripe.invoices.voidInvoice(theirs?.id ?? "");
    await settle();
    expect((await purchaseOf(buyer)).status).toBe("VOID");
    expect(await balanceOf(buyer)).toBe(0);
  });

  test("fails at once when the provider refuses the amount", async () => {
    const buyer = await buy(byInvoice, undefined, {
      invoice_schedule: { schedule_items: [{ timestamp: dayStart(), amount: 49 }] },
    });
    await settle();
    expect(await listProviderInvoices(server.stripe, buyer.payer)).toEqual([]);
    expect((await purchaseOf(buyer)).status).toBe("VOID");
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      { properties: { payment_status: "failed", error_message: expect.stringContaining("49") } },
    ]);
  });
});

describe("a STRIPE gate by payment intent", () => {
  const byIntent = (on_session_payment: boolean): Gate =>
    ({
      payment_gate_type: "STRIPE",
      stripe_config: { payment_type: "PAYMENT_INTENT", on_session_payment },
    }) as Gate;

  const intentsOf = async ({ payer }: Buyer) =>
    (await server.stripe.paymentIntents.list({ customer: payer })).data;

  test("takes the money without an invoice at the provider", async () => {
    const buyer = await buy(byIntent(false));
    await settle();
    const [intent, ...more] = await intentsOf(buyer);
    const ours = await purchaseOf(buyer);
    expect(more).toEqual([]);
    expect(intent).toMatchObject({
      status: "succeeded",
      amount: 8000,
      currency: "usd",
      description: "Top-up",
      metadata: { ledgerline_invoice_id: ours.id },
    });
    expect(await listProviderInvoices(server.stripe, buyer.payer)).toEqual([]);
    expect(ours.external_invoice).toMatchObject({
      external_status: "PAID",
      external_payment_id: intent?.id,
      invoiced_total: 8000,
    });
    expect(ours.external_invoice).not.toHaveProperty("invoice_id");
    expect(await balanceOf(buyer)).toBe(7000);
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      {
        properties: {
          payment_status: "paid",
          billing_provider: { type: "stripe", stripe: { payment_intent_id: intent?.id } },
        },
      },
    ]);
  });

  test.each([
    ["pm_card_chargeCustomerFail", "card_declined", "generic_decline"],
    ["pm_card_authenticationRequired", "authentication_required", "authentication_required"],
  ])("%s: canceled on both sides, and no commit", async (card, code, decline_code) => {
    const buyer = await buy(byIntent(false), card);
    await settle();
    const intents = await intentsOf(buyer);
    expect(intents.map(({ status }) => status)).toEqual(["canceled"]);
    const ours = await purchaseOf(buyer);
    expect([ours.status, ours.external_invoice?.external_status]).toEqual(["VOID", "VOID"]);
    expect(await commitsOf(buyer)).toEqual([]);
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      {
        properties: {
          payment_status: "failed",
          billing_provider: { stripe: { error: { type: "card_error", code, decline_code } } },
        },
      },
    ]);
    const charges = await server.stripe.charges.list({ customer: buyer.payer });
    expect(charges.data.map(({ status }) => status)).toEqual(["failed"]);
  });

  test("waits for a payer who is there, and gives access when they have confirmed", async () => {
    const buyer = await buy(byIntent(true), "pm_card_authenticationRequired");
    await settle();
    const [intent] = await intentsOf(buyer);
    expect(intent?.status).toBe("requires_action");
    expect(log.messages("payment_gate.payment_pending_action_required")).toHaveLength(1);
    expect(await balanceOf(buyer)).toBe(0);
    await server.stripe.paymentIntents.confirm(intent?.id ?? "", {
      payment_method: "pm_card_visa",
    });
    await settle();
    expect(await balanceOf(buyer)).toBe(7000);
  });

  test("fails when the payment is canceled at the provider instead", async () => {
    const buyer = await buy(byIntent(true), "pm_card_authenticationRequired");
    await settle();
    const [intent] = await intentsOf(buyer);
    await server.stripe.paymentIntents.cancel(intent?.id ?? "");
    await settle();
    expect((await purchaseOf(buyer)).status).toBe("VOID");
    expect(log.messages("payment_gate.payment_status")).toMatchObject([
      { properties: { payment_status: "failed" } },
    ]);
  });
});

describe("a gate that cannot be", () => {
  const external = { payment_gate_type: "EXTERNAL" };
  test.each([
    ["another kind of gate", { payment_gate_type: "PAYPAL" }, {}, "must be one of"],
    ["a tax that nobody computes here", { ...external, tax_type: "STRIPE" }, {}, "not supported"],
    ["a tax without its amount", { ...external, tax_type: "PRECALCULATED" }, {}, "needs it"],
    [
      "an amount of tax without its type",
      { ...external, precalculated_tax_config: { tax_amount: 1 } },
      {},
      "is for tax_type PRECALCULATED",
    ],
    [
      "a tax below zero",
      {
        ...external,
        tax_type: "PRECALCULATED",
        precalculated_tax_config: { tax_amount: -1 },
      },
      {},
      "at least 0",
    ],
    [
      "a provider's settings for a gate without one",
      { ...external, stripe_config: { payment_type: "INVOICE" } },
      {},
      "is for payment_gate_type STRIPE",
    ],
    [
      "metadata that is ours",
      { payment_gate_type: "STRIPE", stripe_config: { invoice_metadata: { metronome_id: "x" } } },
      {},
      "set by the server",
    ],
    [
      "invoice metadata of a payment without invoice",
      {
        payment_gate_type: "STRIPE",
        stripe_config: { payment_type: "PAYMENT_INTENT", invoice_metadata: { a: "b" } },
      },
      {},
      "is for payment_type INVOICE",
    ],
    ["an unknown field", { ...external, gateway: "x" }, {}, "unknown field"],
    ["a free commit", external, { invoice_schedule: undefined }, "exactly one date"],
    [
      "two dates",
      external,
      {
        invoice_schedule: {
          schedule_items: [
            { timestamp: "2024-01-01T00:00:00Z", amount: 1 },
            { timestamp: "2024-01-02T00:00:00Z", amount: 1 },
          ],
        },
      },
      "exactly one date",
    ],
    [
      "a purchase that is not invoiced",
      external,
      {
        invoice_schedule: {
          do_not_invoice: true,
          schedule_items: [{ timestamp: "2024-01-01T00:00:00Z", amount: 1 }],
        },
      },
      "exactly one date",
    ],
    [
      "a date to come",
      external,
      { invoice_schedule: { schedule_items: [{ timestamp: "2030-01-01T00:00:00Z", amount: 1 }] } },
      "must not lie in the future",
    ],
    [
      "nothing to pay",
      external,
      { invoice_schedule: { schedule_items: [{ timestamp: "2024-01-01T00:00:00Z", amount: 0 }] } },
      "more than 0",
    ],
    [
      "a provider that the invoices do not go to",
      { payment_gate_type: "STRIPE" },
      {},
      "needs a billing provider configuration",
    ],
  ])("%s is refused", async (_what, gate, extra, message) => {
    const { data: customer } = await server.metronome.v1.customers.create({ name: "Acme" });
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id: customer.id,
      rate_card_id: card,
      starting_at: dayStart(),
      commits: [{ ...commitOf(undefined), payment_gate_config: gate, ...extra }],
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await listInvoices(server.metronome, customer.id)).toEqual([]);
  });

  test.each([
    ["an unknown workflow", { workflow_id: crypto.randomUUID(), outcome: "PAID" }, 404],
    ["another outcome", { workflow_id: crypto.randomUUID(), outcome: "MAYBE" }, 400],
    ["no outcome", { workflow_id: crypto.randomUUID() }, 400],
    ["no uuid", { workflow_id: "x", outcome: "PAID" }, 400],
  ])("the release of %s is refused", async (_what, body, status) => {
    const path = "/v1/contracts/commits/threshold-billing/release";
    expect((await server.send("POST", path, body)).status).toBe(status);
  });
});
