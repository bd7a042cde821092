import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listProviderInvoices } from "../support/billed-customer.ts";
import { openRoutingWorld, type RoutingWorld } from "../support/integrations.ts";
import { readReconciliation } from "../support/reconciled.ts";

/* External mappings of products, as the lines of invoices at Stripe use them. A month comes to 2,000 and 34 cents. */

let world: RoutingWorld;
let tokens: string;
let calls: string;

beforeAll(async () => {
  world = await openRoutingWorld();
  const { metronome } = world.server;
  for await (const { id, current } of metronome.v1.contracts.products.list()) {
    if (current.name === world.plan.tokens) tokens = id;
    if (current.name === world.plan.calls) calls = id;
  }
  await metronome.v1.customFields.addKey({
    entity: "contract_product",
    key: "stripe_product_id",
    enforce_uniqueness: false,
  });
}, 60_000);
afterAll(() => world?.close());
beforeEach(async () => {
  world.proxy.before = undefined;
  const { body } = await world.call("GET", "integrationconfigs");
  for (const { id } of body.data) await world.call("DELETE", `integrationconfigs/${id}`);
  const mappings = await world.call("GET", "externalmappings");
  for (const { id } of mappings.body.data) await world.call("DELETE", `externalmappings/${id}`);
  await putRules([]);
  await world.nextMonth();
});

const putRules = (data: readonly object[]) =>
  world.server.send("PUT", "/v1/settings/stripe/entity-mappings", { data });

const addProduct = async (name: string) => (await world.main.stripe.products.create({ name })).id;

/** A request to the integrations API that must succeed. */
async function ask(method: string, path: string, json?: unknown) {
  const { status, body } = await world.call(method, path, json);
  expect([status, body.message]).toEqual([200, undefined]);
  return body;
}

const map = (id: string, externalId: string, rule?: string) =>
  ask("POST", "externalmappings", {
    m3terEntity: "Product",
    m3terId: id,
    externalSystem: "STRIPE_TEST",
    externalTable: "Product",
    externalId,
    ...(rule === undefined ? {} : { integrationConfigId: rule }),
  });

/** An integration over Stripe for some accounts. */
const addRule = async (accountIds: readonly string[], configData: object = {}): Promise<string> =>
  (
    await ask("POST", "integrationconfigs", {
      entityType: "Bill",
      destination: "STRIPE_TEST",
      name: "Products",
      integrationCredentialsId: world.main.connectionId,
      configData: { accountIds, ...configData },
    })
  ).id;

interface Signed {
  readonly account: string;
  readonly payer: string;
}

async function sign(name: string): Promise<Signed> {
  const account = await world.sign(name);
  return { account, payer: await world.addPayer(world.main, account) };
}

/** Gives a customer a billing configuration, which no integration is asked for. */
async function bill({ account, payer }: Signed): Promise<void> {
  const { status } = await world.server.send(
    "POST",
    "/v1/setCustomerBillingProviderConfigurations",
    {
      data: [
        {
          customer_id: account,
          billing_provider: "stripe",
          delivery_method: "direct_to_billing_provider",
          configuration: { stripe_customer_id: payer },
        },
      ],
    },
  );
  expect(status).toBe(200);
}

async function invoiceOf({ payer }: Signed): Promise<Stripe.Invoice> {
  const [invoice, ...more] = await listProviderInvoices(world.main.stripe, payer);
  if (invoice === undefined || more.length > 0) throw new Error("not one invoice");
  return invoice;
}

const productsIn = ({ data }: Stripe.ApiList<Stripe.InvoiceLineItem>) =>
  data.map(({ pricing }) => pricing?.price_details?.product);

const productsOf = async (signed: Signed) => productsIn((await invoiceOf(signed)).lines);

const setField = (product: string, id: string) =>
  world.server.metronome.v1.customFields.setValues({
    entity: "contract_product",
    entity_id: product,
    custom_fields: { stripe_product_id: id },
  });

/** Lets Stripe answer 503 to what begins an invoice until `proxy.before` is taken away. */
function holdBack(): void {
  const headers = { "content-type": "application/json" };
  world.proxy.before = async ({ method, path }) =>
    method === "POST" && path === "/v1/invoices" ? { status: 503, headers, body: "{}" } : undefined;
}

async function findingsOf(signed: Signed) {
  const made = await world.server.send("POST", "/v1/reconciliations", {});
  await world.later(24);
  const { findings } = await readReconciliation(world.server, made.body.data.id);
  const bill = await world.billOf(signed.account);
  return findings.filter(({ invoice_id: id }) => id === bill);
}

/** The products that a preview names, by line. */
async function previewed({ account }: Signed) {
  const path = `/v1/invoices/${await world.billOf(account)}/provider-requests`;
  const { body } = await world.server.send("POST", path);
  const { lines } = body.data.find((each: { path: string }) =>
    each.path.endsWith("/add_lines"),
  ).params;
  return lines.map((line: { price_data?: { product?: string } }) => line.price_data?.product);
}

const runOf = async ({ account }: Signed) => {
  const [run] = await world.runsOf(account);
  const { body } = await world.server.send("GET", `/v1/runs/${run.id}`);
  return body.data;
};

test("a line's price belongs to the product that its product is mapped to", async () => {
  const [there, everything] = [await addProduct("Tokens there"), await addProduct("Everything")];
  await map(tokens, there);
  const [plain, shared] = [await sign("Mapped"), await sign("Mapped, and one for the rest")];
  await addRule([plain.account]);
  await addRule([shared.account], { priceDataProductId: everything });
  const own = await sign("Over its own billing configuration");
  await bill(own);
  await world.endMonth();
  expect((await productsOf(own))[0]).toBe(there);
  expect((await invoiceOf(plain)).total).toBe(2034);
  // The other line's product was made with it, if it has a price at all.
  const [first, second] = await productsOf(plain);
  expect([first, [there, everything].includes(String(second))]).toEqual([there, false]);
  expect(await productsOf(shared)).toEqual([there, everything]);
  expect(await previewed(shared)).toEqual([there, everything]);
});

test("of the integration first, then of all, then the mapping rule's, then the integration's one product", async () => {
  const [ofAll, ofRule, ofField, rest] = [
    await addProduct("Of all"),
    await addProduct("Of the integration"),
    await addProduct("Of the field"),
    await addProduct("The rest"),
  ];
  await putRules([
    { entity: "contract_product", key: "stripe_product_id", target: "invoiceitem.price" },
  ]);
  for (const product of [tokens, calls]) await setField(product, ofField);
  const signed = [await sign("One"), await sign("Two"), await sign("Three")] as const;
  const [one, two, three] = signed;
  const options = { priceDataProductId: rest };
  await addRule([one.account], options);
  const second = await addRule([two.account], options);
  await addRule([three.account], options);
  await map(tokens, ofAll);
  await map(tokens, ofRule, second);
  await world.endMonth();
  expect(await productsOf(one)).toEqual([ofAll, ofField]);
  expect(await productsOf(two)).toEqual([ofRule, ofField]);
  expect(await previewed(two)).toEqual([ofRule, ofField]);
  // The value of the field is the frozen one, and a mapping is read as it stands.
  await setField(calls, ofRule);
  await map(calls, ofAll);
  expect(await previewed(three)).toEqual([ofAll, ofAll]);
  expect(await productsOf(three)).toEqual([ofAll, ofField]);
  expect(await findingsOf(three)).toEqual([]);
});

test("as it is when the invoice is delivered, whatever it was when it was finalized", async () => {
  const [before, after] = [await addProduct("Before"), await addProduct("After")];
  const { id, version, ...mapping } = await map(tokens, before);
  const signed = await sign("Changed between");
  await addRule([signed.account]);
  holdBack();
  await world.endMonth();
  expect(await listProviderInvoices(world.main.stripe, signed.payer)).toEqual([]);
  await ask("PUT", `externalmappings/${id}`, { ...mapping, id, version, externalId: after });
  world.proxy.before = undefined;
  await world.later(2);
  expect((await productsOf(signed))[0]).toBe(after);
  // A mapping that changes once more is no difference, and neither is one that is gone.
  await ask("DELETE", `externalmappings/${id}`);
  expect(await findingsOf(signed)).toEqual([]);
});

test("to a product that Stripe does not have: the run says what to correct, and a retry sends once", async () => {
  const { id, version, ...mapping } = await map(tokens, "prod_nobody");
  const signed = await sign("Unknown product");
  await addRule([signed.account]);
  await world.endMonth();
  const failed = await runOf(signed);
  expect(failed).toMatchObject({ status: "FAILED", error: { code: "resource_missing" } });
  expect(failed.error.message).toMatch(/prod_nobody.*external mapping.*retry/);
  const there = await addProduct("There");
  await ask("PUT", `externalmappings/${id}`, { ...mapping, id, version, externalId: there });
  await ask("POST", `integrationruns/${failed.id}/retry`);
  await world.later(2);
  expect(await runOf(signed)).toMatchObject({ status: "SENT" });
  expect((await invoiceOf(signed)).total).toBe(2034);
  expect((await productsOf(signed))[0]).toBe(there);
});

test("to one that Stripe does not have, of an item that waits: what to correct is said too", async () => {
  await map(tokens, "prod_nobody");
  const signed = await sign("Unknown product of an item");
  await addRule([signed.account], { createStripeInvoice: false });
  await world.endMonth();
  const { error } = await runOf(signed);
  expect(error.message).toMatch(/prod_nobody.*external mapping.*retry/);
});

test("that is no id of a product is refused before anything is sent", async () => {
  await map(tokens, "no id");
  const signed = await sign("No id");
  await addRule([signed.account]);
  await world.endMonth();
  expect((await runOf(signed)).error).toMatchObject({
    code: "mapped_value_invalid",
    message: expect.stringContaining(tokens),
  });
  expect(await listProviderInvoices(world.main.stripe, signed.payer)).toEqual([]);
});

test("counts for drafts, which follow a changed mapping, and for items that wait", async () => {
  const [first, second] = [await addProduct("First"), await addProduct("Second")];
  const { id, version, ...mapping } = await map(tokens, first);
  const [drafted, waiting] = [await sign("Drafted"), await sign("Waiting")];
  await addRule([drafted.account]);
  await addRule([waiting.account], { createStripeInvoice: false });
  const recalculate = async () => {
    const billIds = [await world.billOf(drafted.account)];
    await ask("POST", "billjobs/recalculate", { billIds });
    const { body } = await world.server.send("GET", "/v1/sandbox/clock");
    await world.server.setClock(body.data.now);
  };
  await recalculate();
  expect((await productsOf(drafted))[0]).toBe(first);
  await ask("PUT", `externalmappings/${id}`, { ...mapping, id, version, externalId: second });
  await world.endMonth();
  const [invoice] = await listProviderInvoices(world.main.stripe, drafted.payer);
  expect([invoice?.status, invoice?.total]).toEqual(["paid", 2034]);
  expect((await productsOf(drafted))[0]).toBe(second);
  const items = await world.main.stripe.invoiceItems.list({ customer: waiting.payer });
  const found = items.data.find(({ amount }) => amount === 2000);
  expect(found?.pricing?.price_details?.product).toBe(second);
});
