import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
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
import { createFixedProduct, listInvoices, type NewContract } from "../support/billing.ts";
import {
  findFreePort,
  type ProviderProxy,
  type ProxiedCall,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let proxy: ProviderProxy;
let plan: Plan;
let month = -2;

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  server = await startTestServer({ collectPort, stripeApiBase: proxy.url });
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});

const set = async (settings: object): Promise<void> => {
  expect((await server.send("PATCH", "/v1/settings/stripe", settings)).status).toBe(200);
};
beforeEach(async () => {
  await set({ leave_invoices_in_draft: null, days_until_due: null, line_limit_behavior: null });
  month += 2;
  await server.setClock(monthStart(month));
});

interface Preview {
  readonly method: string;
  readonly path: string;
  readonly params: Record<string, unknown>;
  readonly idempotency_key: string;
}

const preview = async (invoice: string): Promise<Preview[]> => {
  const { status, body } = await server.send("POST", `/v1/invoices/${invoice}/provider-requests`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data;
};

async function invoicesOf({ id }: BilledCustomer) {
  return (await listInvoices(server.metronome, id)).filter(({ status }) => status !== "VOID");
}

/** A parameter as Stripe's form bodies write it, by the rules of their documentation and not by the client's code. */
function toForm(params: unknown, name = ""): string[] {
  if (params === undefined) return [];
  const into = (key: string) => (name === "" ? key : `${name}[${key}]`);
  if (typeof params === "object" && params !== null) {
    return Object.entries(params).flatMap(([key, value]) => toForm(value, into(key)));
  }
  return [`${name}=${String(params)}`];
}

const toParts = (body: string): string[] =>
  body === "" ? [] : body.split("&").map((part) => decodeURIComponent(part.replaceAll("+", " ")));

/** What went over the wire, and what the preview comes to there once Stripe's id stands in it. */
const ofCall = ({ method, path, body, headers }: ProxiedCall) => ({
  method,
  path,
  form: toParts(body),
  key: headers["idempotency-key"],
});

const ofPreview = (requests: readonly Preview[], { id }: Stripe.Invoice) =>
  (JSON.parse(JSON.stringify(requests).replaceAll("{invoice.id}", id ?? "")) as Preview[]).map(
    ({ method, path, params, idempotency_key: key }) => ({
      method,
      path,
      form: toForm(params),
      key,
    }),
  );

const writesOf = (keyPrefix: string): ProxiedCall[] =>
  proxy.calls.filter(({ headers }) =>
    String(headers["idempotency-key"] ?? "").startsWith(keyPrefix),
  );

/** Bills the month, and compares what was shown of the draft, what is shown now and what was sent. */
async function expectSame(customer: BilledCustomer): Promise<string[]> {
  const [draft] = await invoicesOf(customer);
  const id = draft?.id ?? "";
  const early = await preview(id);
  const calls = proxy.calls.length;
  expect((await invoicesOf(customer))[0]?.status, "nothing was frozen").toBe("DRAFT");
  expect(calls).toBe(proxy.calls.length);
  expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
  await server.setClock(monthBilledAt(month));
  const [theirs] = await listProviderInvoices(server.stripe, customer.payer);
  if (theirs === undefined) throw new Error("no invoice at the provider");
  const sent = writesOf(`ledgerline-${id}-`).map(ofCall);
  expect(ofPreview(await preview(id), theirs)).toEqual(sent);
  expect(ofPreview(early, theirs), "as it was shown of the draft").toEqual(sent);
  return sent.map(({ path }) => path.split("/")[4] ?? "create");
}

async function sign(payer: Payer = {}, terms: Partial<NewContract> = {}): Promise<BilledCustomer> {
  const customer = await createBilledCustomer(server, payer);
  await signMonth(server, plan, customer.id, month, terms);
  await useSome(server, plan, customer.id, monthStart(month));
  return customer;
}

describe("what is shown beforehand is what is then sent, byte for byte,", () => {
  test("for an invoice that is charged", async () => {
    expect(await expectSame(await sign())).toEqual(["create", "add_lines", "finalize"]);
  });

  test("for one that is mailed", async () => {
    await set({ days_until_due: 14 });
    const customer = await sign({ collectionMethod: "send_invoice" });
    const writes = ["create", "add_lines", "finalize", "send", "create"];
    expect(await expectSame(customer)).toEqual(writes);
  });

  test("for one that is left as a draft", async () => {
    await set({ leave_invoices_in_draft: true });
    expect(await expectSame(await sign())).toEqual(["create", "add_lines"]);
  });

  test("for one of more than a hundred lines", async () => {
    const customer = await createBilledCustomer(server);
    const product = await createFixedProduct(server.metronome, `seats ${month}`);
    const at = `${monthStart(month).slice(0, 8)}15T00:00:00Z`;
    await signMonth(server, plan, customer.id, month, {
      scheduled_charges: Array.from({ length: 120 }, (_, index) => ({
        product_id: product,
        name: `Seats of team ${index}`,
        schedule: { schedule_items: [{ timestamp: at, unit_price: 1000 + index, quantity: 1 }] },
      })),
    });
    const drafts = await invoicesOf(customer);
    const scheduled = drafts.find(({ type }) => type === "SCHEDULED");
    const id = scheduled?.id ?? "";
    const early = await preview(id);
    await server.setClock(monthBilledAt(month));
    const theirs = (await listProviderInvoices(server.stripe, customer.payer)).find(
      ({ metadata }) => metadata?.ledgerline_invoice_id === id,
    );
    if (theirs === undefined) throw new Error("no invoice at the provider");
    const sent = writesOf(`ledgerline-${id}-`).map(ofCall);
    expect(sent.map(({ path }) => path.split("/")[4] ?? "create")).toEqual([
      "create",
      "add_lines",
      "add_lines",
      "finalize",
    ]);
    expect(ofPreview(early, theirs)).toEqual(sent);
    expect(ofPreview(await preview(id), theirs)).toEqual(sent);
  });
});

test("a draft follows its usage until it is finalized", async () => {
  const customer = await sign();
  const id = (await invoicesOf(customer))[0]?.id ?? "";
  const before = await preview(id);
  await useSome(server, plan, customer.id, monthStart(month));
  const after = await preview(id);
  expect(after[0]).toEqual(before[0]);
  const quantities = (requests: Preview[]) =>
    (requests[1]?.params.lines as { quantity: number }[] | undefined)?.map(
      ({ quantity }) => quantity,
    );
  expect([quantities(before), quantities(after)]).toEqual([
    [1000, 101],
    [2000, 202],
  ]);
});

test("a draft that goes nowhere has nothing to show", async () => {
  const { data } = await server.metronome.v1.customers.create({ name: "Nowhere" });
  await signMonth(server, plan, data.id, month);
  const [draft] = await listInvoices(server.metronome, data.id);
  const { status, body } = await server.send("POST", `/v1/invoices/${draft?.id}/provider-requests`);
  expect([status, body.message]).toEqual([400, expect.stringContaining("goes to no provider")]);
});
