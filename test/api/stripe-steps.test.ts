import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProviderRequest } from "../../src/providers/delivery-step.ts";
import type { ProviderConnection } from "../../src/providers/provider-connection.ts";
import type { StripeDocument } from "../../src/providers/stripe/document.ts";
import { stripeProvider } from "../../src/providers/stripe/provider.ts";
import { createPayer } from "../support/billed-customer.ts";
import { sampleDocument, sampleKnown } from "../support/sample-delivery.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let connection: ProviderConnection;
let payer: string;
let provider: ReturnType<typeof stripeProvider>;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-02-02T00:00:00Z");
  provider = stripeProvider({ override: server.collectUrl, collect: () => undefined });
  connection = {
    id: "connection",
    environment: "SANDBOX",
    builtIn: true,
    credential: { api_key: server.collectKey },
    settings: {},
  };
  payer = await createPayer(server);
});
afterAll(() => server?.close());

let deliveries = 0;

/** A delivery to the built-in service by the provider's own steps, without our invoice behind it. */
function deliver() {
  deliveries += 1;
  const invoiceId = `6a0bd4f5-9a4a-4f3e-8a70-${String(deliveries).padStart(12, "0")}`;
  const begun: ProviderRequest[] = [];
  let externalId: string | undefined;
  return async (wanted: StripeDocument) => {
    const document = {
      ...wanted,
      invoiceId,
      customer: payer,
      metadata: { ...wanted.metadata, ledgerline_invoice_id: invoiceId },
    };
    const names: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      const known = sampleKnown({ externalId, begun, accepted: begun });
      const observed = await provider.observe(connection, document, known);
      const step = provider.nextStep(document, observed);
      if (step.step !== "write") return { names, step };
      for (const { name, request } of [step, ...(step.more ?? [])]) {
        const result = await provider.execute(connection, request, `${invoiceId}-${begun.length}`);
        expect(result, name).toMatchObject({ outcome: "accepted" });
        if (result.outcome === "accepted" && request.method === "POST") {
          externalId ??= result.externalId;
        }
        begun.push(request);
        names.push(name.replace(/-[0-9a-f]{16}$/, ""));
      }
    }
    throw new Error(`does not converge: ${names.join(", ")}`);
  };
}

const withAmounts = (document: StripeDocument, ...minor: bigint[]): StripeDocument => ({
  ...document,
  lines: document.lines.map((line, index) => ({ ...line, amountMinor: minor[index] ?? 0n })),
  totalMinor: minor.reduce((total, amount) => total + amount, 0n),
});

const showLines = async (invoice: string): Promise<string[]> => {
  const { data } = await server.stripe.invoices.listLineItems(invoice, { limit: 100 });
  return data.map(({ description, amount }) => `${description} ${amount}`).sort();
};

test("prices get metadata before the invoice is finalized", async () => {
  const [line] = sampleDocument(["a"]).lines;
  const priced = { unitAmountDecimal: "50", quantity: "2" };
  const document = sampleDocument(["a"], {
    lines: [
      { ...(line as StripeDocument["lines"][number]), priced, priceMetadata: { plan: "gold" } },
    ],
  });
  const { names, step } = await deliver()(document);
  expect(names).toEqual(["create", "lines-0", "price-0", "finalize"]);
  const id = step.step === "done" ? step.external.externalId : "";
  const { data } = await server.stripe.invoices.listLineItems(id);
  const price = data[0]?.pricing?.price_details?.price;
  const { metadata } = await server.stripe.prices.retrieve(String(price));
  expect(metadata).toEqual({ plan: "gold" });
});

test("a draft is revised in place until it is the invoice", async () => {
  const run = deliver();
  const draft = sampleDocument(["a", "b", "c"], { revises: true, leaveAsDraft: true });
  const first = await run(draft);
  expect(first.names).toEqual(["create", "lines-0"]);
  const id = first.step.step === "done" ? first.step.external.externalId : "";
  const changed: StripeDocument = {
    ...withAmounts(sampleDocument(["a", "c", "d"], draft), 100n, 5n, 7n),
    lines: withAmounts({ ...draft, lines: sampleDocument(["a", "c", "d"]).lines }, 100n, 5n, 7n)
      .lines,
    collectionMethod: "send_invoice",
    daysUntilDue: 9,
  };
  const second = await run(changed);
  expect(second.names).toEqual(["revise", "remove", "update", "lines-2"]);
  expect(await showLines(id)).toEqual(["a 100", "c 5", "d 7"]);
  const theirs: Stripe.Invoice = await server.stripe.invoices.retrieve(id);
  expect([theirs.status, theirs.total, theirs.collection_method]).toEqual([
    "draft",
    112,
    "send_invoice",
  ]);
  expect((theirs.due_date ?? 0) - theirs.created).toBe(9 * 24 * 3600);
  const last = await run({ ...changed, leaveAsDraft: false });
  expect(last.names).toEqual(["finalize"]);
  expect((await server.stripe.invoices.retrieve(id)).status).toBe("open");
  expect((await server.stripe.invoices.list({ customer: payer, status: "draft" })).data).toEqual(
    [],
  );
});

test("pending items are made anew while they wait, and never once an invoice has them", async () => {
  const run = deliver();
  const items = sampleDocument(["a", "b"], { pendingItems: { subscription: undefined } });
  const first = await run(items);
  expect(first.names).toEqual(["item-0", "item-1"]);
  expect(first.step).toMatchObject({ step: "done", external: { status: null } });
  const externalId = first.step.step === "done" ? first.step.external.externalId : "";
  expect(externalId).toMatch(/^ii_/);
  expect((await run(items)).names).toEqual([]);
  const changed = await run(withAmounts(items, 100n, 250n));
  expect(changed.names).toEqual([expect.stringMatching(/^delete-ii_/), "item-1"]);

  const invoice = await server.stripe.invoices.create({
    customer: payer,
    pending_invoice_items_behavior: "include",
  });
  expect(invoice.total).toBe(350);
  expect((await run(withAmounts(items, 100n, 250n))).step).toMatchObject({
    step: "done",
    external: { externalId, status: null, details: { external_invoice_id: invoice.id } },
  });
  await server.stripe.invoices.finalizeInvoice(invoice.id);
  expect(await provider.fetch(connection, externalId)).toMatchObject({ status: "FINALIZED" });
  await server.stripe.invoices.pay(invoice.id);
  expect((await run(withAmounts(items, 100n, 250n))).step).toMatchObject({
    step: "done",
    external: { status: "PAID" },
  });
  expect((await run(withAmounts(items, 100n, 300n))).step).toMatchObject({
    step: "refuse",
    code: "items_already_invoiced",
  });
});
