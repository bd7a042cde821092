import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Payer,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { type Invoice, listInvoices } from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/* Rules by which custom fields go to the provider, and what its official client finds there. */

const URL = "/v1/settings/stripe/entity-mappings";

let server: TestServer;
let plan: Plan;
let productIds: Record<string, string>;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
let month = -2;

const KEYS = [
  ["contract", "name"],
  ["rate_card", "plan"],
  ["customer", "segment"],
  ["invoice", "note"],
  ["contract_product", "stripe_product_id"],
  ["contract_product", "region"],
  ["contract_product", "tax_code"],
] as const;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
  productIds = {};
  for await (const product of server.metronome.v1.contracts.products.list()) {
    productIds[product.current.name] = product.id;
  }
  for (const [entity, key] of KEYS) {
    await server.metronome.v1.customFields.addKey({ entity, key, enforce_uniqueness: false });
  }
  await setFields("rate_card", plan.card, { plan: "Gold" });
});
afterAll(() => server?.close());

type Entity = (typeof KEYS)[number][0];
const setFields = (entity: Entity, id: string, custom_fields: Record<string, string>) =>
  server.metronome.v1.customFields.setValues({ entity, entity_id: id, custom_fields });

const rule = (text: string) => {
  const [entity, key, ...target] = text.split(" ");
  return { entity, key, target: target.join(" ") };
};
const put = (rules: readonly string[]) => server.send("PUT", URL, { data: rules.map(rule) });
const read = async () => (await server.send("GET", URL)).body.data;

interface Made {
  readonly id: string;
  readonly contract: string;
  readonly payer: string;
}

/** A customer with a month of usage of its own, before it is billed. */
async function prepare(payer: Payer = {}, terms = {}): Promise<Made> {
  month += 2;
  await server.setClock(monthStart(month));
  const customer = await createBilledCustomer(server, payer);
  const contract = await signMonth(server, plan, customer.id, month, terms);
  await useSome(server, plan, customer.id, monthStart(month));
  return { ...customer, contract };
}

const endMonth = () => server.setClock(monthBilledAt(month));

async function ours({ id }: Made): Promise<Invoice> {
  const [invoice] = await listInvoices(server.metronome, id);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

async function theirs({ payer }: Made): Promise<Stripe.Invoice> {
  const [invoice, ...more] = await listProviderInvoices(server.stripe, payer);
  if (invoice === undefined || more.length > 0) throw new Error(`${more.length} more`);
  return invoice;
}

const productOf = (line: Stripe.InvoiceLineItem | undefined) =>
  line?.pricing?.price_details?.product;

describe("the rules", () => {
  test("are replaced as a whole", async () => {
    expect(await read()).toEqual([]);
    const rules = [
      "contract name invoice.custom_field.Contract name",
      "contract_product region invoiceitem.metadata.region",
    ];
    const { status, body } = await put(rules);
    expect([status, body.data]).toEqual([200, rules.map(rule)]);
    expect(await read()).toEqual(rules.map(rule));
    // They are no setting, and survive a change of one.
    await server.send("PATCH", "/v1/settings/stripe", { days_until_due: 14 });
    const settings = await server.send("GET", "/v1/settings/stripe");
    expect(settings.body.data).not.toHaveProperty("entity_mappings");
    expect(await read()).toEqual(rules.map(rule));
    await put([]);
    expect(await read()).toEqual([]);
  });

  test.each<[string[], RegExp]>([
    [["contract unknown invoice.metadata.a"], /^data\[0\]\.key must be a custom field of contract/],
    [["contract region invoice.metadata.a"], /^data\[0\]\.key must be a custom field of contract/],
    [["charge name invoice.metadata.a"], /^data\[0\]\.entity must be one of/],
    [["contract name invoice.name"], /^data\[0\]\.target must be/],
    [["contract name invoice.metadata.metronome_id"], /must not name metronome_id/],
    [["contract_product region invoice.metadata.region"], /must be on invoiceitem/],
    [["contract name invoiceitem.price"], /must not be invoiceitem\.price for contract/],
    [
      ["contract name invoice.metadata.a", "customer segment invoice.metadata.a"],
      /^data\[1\]\.target must be another/,
    ],
    [
      ["A", "B", "C", "D", "E"].map((name) => `contract name invoice.custom_field.${name}`),
      /at most 4 rules to invoice\.custom_field\./,
    ],
  ])("%j are refused and change nothing", async (rules, message) => {
    const { status, body } = await put(rules);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
    expect(await read()).toEqual([]);
  });

  test.each<[unknown, RegExp]>([
    [{}, /data/],
    [{ data: {} }, /data/],
    [{ data: [{ entity: "planet", key: "name", target: "invoice.metadata.a" }] }, /entity/],
    [{ data: [{ entity: "contract", target: "invoice.metadata.a" }] }, /key/],
    [{ data: [{ ...rule("contract name invoice.metadata.a"), colour: "red" }] }, /colour/],
  ])("%j is refused", async (body, message) => {
    const reply = await server.send("PUT", URL, body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test("know of values that are too long already", async () => {
    const customer = await prepare();
    await setFields("contract", customer.contract, { name: "n".repeat(141) });
    const { status, body } = await put(["contract name invoice.custom_field.Contract"]);
    expect([status, body.message]).toEqual([
      400,
      `data[0].key must hold at most 140 characters for invoice.custom_field.Contract: contract ${customer.contract} has 141`,
    ]);
    expect((await put(["contract name invoice.metadata.contract"])).status).toBe(200);
    await setFields("contract", customer.contract, { name: "short" });
  });

  test("keep the keys that they use from being removed", async () => {
    const removeKey = (entity: Entity) =>
      server.metronome.v1.customFields.removeKey({ entity, key: "name" });
    await put(["contract name invoice.custom_field.Contract name"]);
    await expect(removeKey("contract")).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(
        /"name" of contract is sent to invoice\.custom_field\.Contract name by a mapping rule of the stripe account/,
      ),
    });
    // The same name at another kind of thing is another key.
    await expect(removeKey("customer")).rejects.toMatchObject({ status: 404 });
    await put([]);
    await removeKey("contract");
    expect((await put(["contract name invoice.metadata.a"])).status).toBe(400);
    await server.metronome.v1.customFields.addKey({
      entity: "contract",
      key: "name",
      enforce_uniqueness: false,
    });
  });

  test("are of an account of this environment", async () => {
    const headers = { authorization: `Bearer ${server.productionToken}` };
    const none = await server.send("PUT", URL, { data: [] }, headers);
    expect(none.status).toBe(409);
    expect((await server.send("GET", URL, undefined, headers)).body.data).toEqual([]);
  });
});

describe("an invoice", () => {
  test("carries what the rules say, with every line at its own product", async () => {
    const product = await server.stripe.products.create({ name: "Tokens of the year" });
    await setFields("contract_product", productIds[plan.tokens] ?? "", {
      stripe_product_id: product.id,
      region: "eu",
      tax_code: "T1",
    });
    const { status } = await put([
      "contract name invoice.custom_field.Contract",
      "rate_card plan invoice.custom_field.Plan",
      "customer segment invoice.metadata.segment",
      "contract_product stripe_product_id invoiceitem.price",
      "contract_product region invoiceitem.metadata.region",
      "contract_product tax_code invoiceitem.price.metadata.tax_code",
      "customer segment invoiceitem.metadata.segment",
    ]);
    expect(status).toBe(200);
    const customer = await prepare();
    await setFields("contract", customer.contract, { name: "Frame 7" });
    await setFields("customer", customer.id, { segment: "smb" });
    await endMonth();

    // What was frozen with the invoice counts, not what is set later.
    await setFields("contract", customer.contract, { name: "Frame 8" });
    const [invoice, { id }] = [await theirs(customer), await ours(customer)];
    expect(invoice.custom_fields).toEqual([
      { name: "Contract", value: "Frame 7" },
      { name: "Plan", value: "Gold" },
    ]);
    expect(invoice.metadata).toEqual({
      segment: "smb",
      metronome_id: id,
      ledgerline_invoice_id: id,
      ledgerline_environment: "SANDBOX",
    });
    const [tokens, calls] = invoice.lines.data;
    expect(tokens).toMatchObject({ quantity: 1000, amount: 2000, metadata: { region: "eu" } });
    expect(tokens?.metadata.segment).toBe("smb");
    expect(calls?.metadata).toEqual({ segment: "smb", ledgerline_line_key: expect.any(String) });
    expect(productOf(tokens)).toBe(product.id);
    expect(productOf(calls)).not.toBe(product.id);
    const preview = await server.send("POST", `/v1/invoices/${id}/provider-requests`);
    expect(preview.body.data[0].params.custom_fields[0]).toEqual({
      name: "Contract",
      value: "Frame 7",
    });
  });

  test("always gets the same product, however often it is billed", async () => {
    const invoices = [];
    for (const _ of [1, 2]) {
      const customer = await prepare();
      await endMonth();
      invoices.push(await theirs(customer));
    }
    const [first, second] = invoices.map(({ lines }) => productOf(lines.data[0]));
    expect(first).toMatch(/^prod_/);
    expect(second).toBe(first);
  });

  test("keeps its product when it is sent in one piece", async () => {
    const customer = await prepare();
    await server.metronome.v1.usage.ingest({
      usage: [
        {
          transaction_id: `half ${month}`,
          customer_id: customer.id,
          event_type: plan.tokens,
          timestamp: monthStart(month),
          properties: { value: "0.5" },
        },
      ],
    });
    await endMonth();
    const [line] = (await theirs(customer)).lines.data;
    expect(line).toMatchObject({
      description: `${plan.tokens} (1000.5 x $0.02)`,
      quantity: 1,
      amount: 2001,
    });
    const { stripe_product_id } = await fieldsOfTokens();
    expect(productOf(line)).toBe(stripe_product_id);
  });

  test("is refused when a value became too long, and goes out when that is put right", async () => {
    await put(["contract name invoice.custom_field.Contract"]);
    const customer = await prepare();
    await setFields("contract", customer.contract, { name: "n".repeat(141) });
    await endMonth();
    const refused = await ours(customer);
    expect(refused.external_invoice).toMatchObject({
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error:
        "The rule from contract.name to invoice.custom_field.Contract found a value of 141 characters; Stripe takes 140.",
    });
    expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
    const { body } = await server.send("GET", `/v1/runs?invoice_id=${refused.id}`);
    expect(body.data[0].error.code).toBe("mapped_value_too_long");
    await put([]);
    await server.send("POST", `/v1/runs/${body.data[0].id}/retry`);
    await endMonth();
    expect(await theirs(customer)).toMatchObject({ status: "paid", custom_fields: null });
  });

  test("for a product that is not there is refused by the provider", async () => {
    await put(["contract_product stripe_product_id invoiceitem.price"]);
    const { stripe_product_id } = await fieldsOfTokens();
    const id = productIds[plan.tokens] ?? "";
    await setFields("contract_product", id, { stripe_product_id: "prod_gone" });
    const customer = await prepare();
    await endMonth();
    expect((await ours(customer)).external_invoice).toMatchObject({
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error: expect.stringContaining("No such product: 'prod_gone'"),
    });
    await setFields("contract_product", id, { stripe_product_id: stripe_product_id ?? "" });
  });
});

async function fieldsOfTokens(): Promise<Record<string, string>> {
  const { data } = await server.metronome.v1.contracts.products.retrieve({
    id: productIds[plan.tokens] ?? "",
  });
  return data.custom_fields ?? {};
}

describe("what an integration adds", () => {
  /** As a rule over accounts will write it: a customer's own configuration cannot say it. */
  const route = ({ id, payer }: Made, options: Record<string, unknown>) =>
    server.db
      .updateTable("customer_billing_configurations")
      .set({
        configuration: JSON.stringify({
          stripe_customer_id: payer,
          stripe_collection_method: "send_invoice",
          ...options,
        }),
      })
      .where("customer_id", "=", id)
      .execute();

  const order = (made: Made, number: string) =>
    server.db
      .insertInto("contract_details")
      .values({
        contract_id: made.contract,
        purchase_order_number: number,
        updated_at: monthStart(0),
        updated_by: "test",
      })
      .execute();

  const account = (made: Made, details: { days?: number; order?: string }) =>
    server.db
      .insertInto("account_details")
      .values({
        customer_id: made.id,
        environment_id: environmentId,
        purchase_order_number: details.order ?? null,
        days_before_bill_due: details.days ?? null,
        updated_at: monthStart(0),
        updated_by: "test",
      })
      .execute();
  let environmentId: string;

  beforeAll(async () => {
    const row = await server.db
      .selectFrom("environments")
      .select("id")
      .where("name", "=", "SANDBOX")
      .executeTakeFirstOrThrow();
    environmentId = row.id;
  });

  test("one product for the lines that have none of their own, order number and due date", async () => {
    const shared = await server.stripe.products.create({ name: "Everything" });
    const customer = await prepare({ collectionMethod: "send_invoice" });
    await account(customer, { days: 10, order: "of the account" });
    await order(customer, "PO 4711");
    await route(customer, {
      price_data_product_id: shared.id,
      po_number_custom_field: "PO Number",
      send_due_date: true,
    });
    await endMonth();
    const [invoice, { issued_at: issuedAt }] = [await theirs(customer), await ours(customer)];
    expect(invoice.custom_fields).toEqual([{ name: "PO Number", value: "PO 4711" }]);
    const issued = Date.parse(issuedAt ?? "") / 1000;
    expect(invoice.due_date).toBe(issued + 10 * 24 * 3600);
    const [tokens, calls] = invoice.lines.data;
    expect(productOf(tokens)).toBe((await fieldsOfTokens()).stripe_product_id);
    expect(productOf(calls)).toBe(shared.id);
  });

  test("the account's number, and the contract's days, where nothing else is told", async () => {
    const customer = await prepare({}, { net_payment_terms_days: 45 });
    await account(customer, { order: "of the account" });
    await route(customer, { po_number_custom_field: "PO", send_due_date: true });
    await endMonth();
    const [invoice, { issued_at: issuedAt }] = [await theirs(customer), await ours(customer)];
    expect(invoice.custom_fields).toEqual([{ name: "PO", value: "of the account" }]);
    expect(invoice.due_date).toBe(Date.parse(issuedAt ?? "") / 1000 + 45 * 24 * 3600);
  });

  test("no due date that has passed", async () => {
    const customer = await prepare({}, { net_payment_terms_days: 0 });
    await route(customer, { send_due_date: true });
    await endMonth();
    expect((await ours(customer)).external_invoice).toMatchObject({
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error: expect.stringContaining("Stripe takes only due dates to come"),
    });
    expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
  });
});
