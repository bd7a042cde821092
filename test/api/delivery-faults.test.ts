import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stripeProvider } from "../../src/providers/stripe/provider.ts";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Plan,
  signMonth,
  useSome,
} from "../support/billed-customer.ts";
import { type Invoice, listInvoices } from "../support/billing.ts";
import {
  findFreePort,
  type Intercept,
  type ProviderProxy,
  type ProxiedCall,
  providerError,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let proxy: ProviderProxy;
let plan: Plan;
/** Every test bills a month of its own; a month's grace reaches into the next one. */
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
beforeEach(() => {
  proxy.before = undefined;
  proxy.after = undefined;
  proxy.calls.length = 0;
});

const CREATE = "POST /v1/invoices";
const READ = "GET /v1/invoices/{id}";
const ADD_LINES = "POST /v1/invoices/{id}/add_lines";
const FINALIZE = "POST /v1/invoices/{id}/finalize";

const kindOf = ({ method, path }: ProxiedCall): string =>
  `${method} ${path.replace(/in_\w+/, "{id}")}`;

/** Disturbs the first so many calls of this kind, and no others. */
function disturb(times: number, kind: string, fault: Intercept): Intercept {
  let left = times;
  return async (call) => {
    if (left === 0 || kindOf(call) !== kind) return undefined;
    left -= 1;
    return fault(call);
  };
}

const once = (kind: string, fault: Intercept): Intercept => disturb(1, kind, fault);

/** So many hours after the month was billed. */
const later = (hours: number): string =>
  new Date(Date.parse(monthBilledAt(month)) + hours * 3_600_000).toISOString();

/** A customer with a month of usage, billed while the proxy disturbs it. */
async function bill(): Promise<BilledCustomer> {
  month += 2;
  await server.setClock(monthStart(month));
  const customer = await createBilledCustomer(server);
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  await server.setClock(monthBilledAt(month));
  return customer;
}

async function ourInvoice({ id }: BilledCustomer): Promise<Invoice> {
  const [invoice, ...more] = await listInvoices(server.metronome, id);
  expect(more).toEqual([]);
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

async function theirInvoice({ payer }: BilledCustomer): Promise<Stripe.Invoice> {
  const [invoice, ...more] = await listProviderInvoices(server.stripe, payer);
  expect(more).toEqual([]);
  if (invoice === undefined) throw new Error("no invoice at the provider");
  return invoice;
}

async function expectPaidOnce(customer: BilledCustomer): Promise<void> {
  const [ours, theirs] = [await ourInvoice(customer), await theirInvoice(customer)];
  expect(ours.external_invoice).toMatchObject({
    invoice_id: theirs.id,
    external_status: "PAID",
    invoiced_total: 2034,
  });
  expect([theirs.status, theirs.total, theirs.lines.data.length]).toEqual(["paid", 2034, 2]);
}

interface Run {
  readonly id: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly steps: readonly {
    readonly step: string;
    readonly outcome: string | null;
    readonly request: { readonly idempotency_key: string };
  }[];
}

async function runOf(customer: BilledCustomer): Promise<Run> {
  const { id } = await ourInvoice(customer);
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${id}`);
  expect(body.data).toHaveLength(1);
  return (await server.send("GET", `/v1/runs/${body.data[0].id}`)).body.data;
}

const retry = async ({ id }: Run): Promise<void> => {
  expect((await server.send("POST", `/v1/runs/${id}/retry`)).status).toBe(200);
};

/** "create-0 retry": the end of the key and what came of it. */
async function journalOf(customer: BilledCustomer): Promise<string[]> {
  const { steps } = await runOf(customer);
  return steps.map(
    ({ step, outcome, request }) =>
      `${step}${request.idempotency_key.match(/-\d+$/)?.[0]} ${outcome}`,
  );
}

const WRITES: readonly (readonly [kind: string, step: string])[] = [
  [CREATE, "create"],
  [ADD_LINES, "lines-0"],
  [FINALIZE, "finalize"],
];
const outOfOrder: Intercept = async () => providerError(500);
/** What something between us and the provider says, in JSON as well. */
const notTheProvider: Intercept = async () => ({
  status: 503,
  headers: {},
  body: '{"message":"no healthy upstream"}',
});
/** What a proxy without a route says, in the words of a common framework. */
const noRoute: Intercept = async () => ({
  status: 404,
  headers: {},
  body: '{"status":404,"error":"Not Found"}',
});
/** What a page of signing in, put before the provider, says. */
const elsewhere: Intercept = async () => ({
  status: 302,
  headers: { location: "/login" },
  body: '{"message":"moved"}',
});
const reset: Intercept = async () => "reset";
/** A broken connection is tried once more by the client itself, under the same key. */
const timesOf = (fault: Intercept): number => (fault === reset ? 2 : 1);
const REPLAYED = { "idempotent-replayed": "true" };

/** The journal when one step has these entries and the others went through. */
const withStep = (disturbed: string, entries: readonly string[]): string[] =>
  WRITES.flatMap(([, step]) =>
    step === disturbed ? entries.map((entry) => `${step}-${entry}`) : [`${step}-0 accepted`],
  );

describe.each(WRITES)("%s", (kind, step) => {
  test.each<[string, "before" | "after", Intercept, string[]]>([
    [
      "answers 500 and did nothing: the same key again",
      "before",
      outOfOrder,
      ["0 retry", "0 accepted"],
    ],
    ["answers 500 and did it all: it is found", "after", outOfOrder, ["0 retry"]],
    [
      "breaks the connection and did nothing: the same key again",
      "before",
      reset,
      ["0 retry", "0 accepted"],
    ],
    ["breaks the connection and did it all: it is found", "after", reset, ["0 retry"]],
    [
      "fails in words that are not the provider's and did nothing: the same key again",
      "before",
      notTheProvider,
      ["0 retry", "0 accepted"],
    ],
    ["fails in such words and did it all: it is found", "after", notTheProvider, ["0 retry"]],
    ["is not found by a proxy: the same key again", "before", noRoute, ["0 retry", "0 accepted"]],
    ["is sent elsewhere: the same key again", "before", elsewhere, ["0 retry", "0 accepted"]],
    [
      "repeats a stored 500: look, then the next key",
      "before",
      async () => providerError(500, {}, REPLAYED),
      ["0 retry", "1 accepted"],
    ],
    [
      "answers with a lock timeout, which is stored: look, then the next key",
      "before",
      async () => providerError(429, { type: "rate_limit_error", code: "lock_timeout" }),
      ["0 retry", "1 accepted"],
    ],
  ])("%s", async (_what, when, fault, entries) => {
    proxy[when] = disturb(timesOf(fault), kind, fault);
    const customer = await bill();
    expect((await runOf(customer)).status, "waits on the sandbox's clock").toBe("RUNNING");
    // What was finalized all the same is paid, and that is told by the provider's event.
    const seen = kind === FINALIZE && when === "after" ? "PAID" : "QUEUED";
    expect((await ourInvoice(customer)).external_invoice?.external_status).toBe(seen);
    await server.setClock(later(1));
    await expectPaidOnce(customer);
    expect(await journalOf(customer)).toEqual(withStep(step, entries));
  });

  test("asks to wait: that is real time, within the same advance", async () => {
    const limit = providerError(429, { type: "rate_limit_error" }, { "retry-after": "1" });
    proxy.before = once(kind, async () => limit);
    const customer = await bill();
    await expectPaidOnce(customer);
    expect(await journalOf(customer)).toEqual(withStep(step, ["0 retry", "0 accepted"]));
  });

  test("repeats a stored refusal: look, then the next key at once", async () => {
    const refusal = providerError(400, { type: "invalid_request_error", code: "x" }, REPLAYED);
    proxy.before = once(kind, async () => refusal);
    const customer = await bill();
    await expectPaidOnce(customer);
    expect(await journalOf(customer)).toEqual(withStep(step, ["0 rejected", "1 accepted"]));
  });
});

describe("a read", () => {
  test.each<[string, Intercept]>([
    ["answers 500", outOfOrder],
    ["breaks the connection", reset],
    ["answers what is no JSON", async () => ({ status: 200, headers: {}, body: "<html>" })],
    ["answers for somebody else", async () => ({ status: 404, headers: {}, body: "{}" })],
  ])("that %s is made again, and nothing is written twice", async (_what, fault) => {
    proxy.before = disturb(timesOf(fault), READ, fault);
    const customer = await bill();
    await server.setClock(later(1));
    await expectPaidOnce(customer);
    expect(await journalOf(customer)).toEqual(withStep("", []));
  });
});

test("a provider that stays away ends the run visibly; a retry finishes it", async () => {
  proxy.before = async (call) => (kindOf(call) === FINALIZE ? providerError(503) : undefined);
  const customer = await bill();
  await server.setClock(later(24));
  const given = await runOf(customer);
  expect(given).toMatchObject({ status: "FAILED", error: { code: "provider_unavailable" } });
  expect((await ourInvoice(customer)).external_invoice).toMatchObject({
    external_status: "INVALID_REQUEST_ERROR",
    billing_provider_error: expect.stringContaining("Out of order"),
  });
  expect((await theirInvoice(customer)).status, "the draft is kept").toBe("draft");
  proxy.before = undefined;
  await retry(given);
  await server.setClock(later(25));
  await expectPaidOnce(customer);
});

test("a creation of unknown outcome whose key is forgotten is looked for, and never made again", async () => {
  let created = 0;
  proxy.before = async ({ method }) =>
    created > 0 && method === "GET" ? providerError(503) : undefined;
  proxy.after = once(CREATE, async () => {
    created += 1;
    return providerError(500);
  });
  const customer = await bill();
  await server.setClock(later(26));
  const failed = await runOf(customer);
  expect(failed).toMatchObject({ status: "FAILED", external_id: null });
  proxy.before = undefined;
  // More than a day later nobody remembers the key.
  await sql`delete from collect.idempotency_keys`.execute(server.db);
  await retry(failed);
  await server.setClock(later(27));
  await expectPaidOnce(customer);
  expect(await journalOf(customer)).toEqual([
    "create-0 retry",
    "lines-0-0 accepted",
    "finalize-0 accepted",
  ]);
}, 90_000);

describe("a draft that somebody touches at the provider", () => {
  /** Does something to the draft right after the first call of this kind. */
  const meddle = (kind: string, work: (invoice: string) => Promise<unknown>): void => {
    proxy.after = once(kind, async () => {
      const all = await server.stripe.invoices.list({ status: "draft", limit: 1 });
      await work(all.data[0]?.id ?? "");
      return undefined;
    });
  };

  test("is kept, reported and never finalized; deleted and retried it is made anew", async () => {
    meddle(CREATE, (id) =>
      server.stripe.invoices.addLines(id, { lines: [{ amount: 1, description: "foreign" }] }),
    );
    const customer = await bill();
    const kept = await theirInvoice(customer);
    expect([kept.status, kept.total], "ours were added, then all was read back").toEqual([
      "draft",
      2035,
    ]);
    const failed = await runOf(customer);
    expect(failed).toMatchObject({ status: "FAILED", error: { code: "provider_invoice_differs" } });
    expect((await ourInvoice(customer)).external_invoice).toMatchObject({
      invoice_id: kept.id,
      external_status: "INVALID_REQUEST_ERROR",
      billing_provider_error: expect.stringContaining("is not ours"),
    });
    await retry(failed);
    await server.setClock(later(1));
    expect((await runOf(customer)).status, "nothing has changed").toBe("FAILED");

    await server.stripe.invoices.del(kept.id ?? "");
    await server.setClock(later(2));
    expect((await ourInvoice(customer)).external_invoice?.external_status).toBe("DELETED");
    await retry(failed);
    await server.setClock(later(3));
    await expectPaidOnce(customer);
    expect(await journalOf(customer)).toEqual([
      "create-0 accepted",
      "lines-0-0 accepted",
      "create-1 accepted",
      "lines-0-1 accepted",
      "finalize-0 accepted",
    ]);
  });

  test("stays deleted when it was deleted half-way, until somebody retries", async () => {
    meddle(ADD_LINES, (id) => server.stripe.invoices.del(id));
    const customer = await bill();
    expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
    expect((await ourInvoice(customer)).external_invoice?.external_status).toBe("DELETED");
    await retry(await runOf(customer));
    await server.setClock(later(1));
    await expectPaidOnce(customer);
  });

  test("stays deleted when that was done before its lines were added", async () => {
    meddle(CREATE, (id) => server.stripe.invoices.del(id));
    const customer = await bill();
    expect((await ourInvoice(customer)).external_invoice?.external_status).toBe("DELETED");
    expect(await journalOf(customer)).toEqual(["create-0 accepted", "lines-0-0 rejected"]);
    await retry(await runOf(customer));
    await server.setClock(later(1));
    await expectPaidOnce(customer);
  });

  test("that loses a line gets it again", async () => {
    meddle(ADD_LINES, async (id) => {
      const [line] = (await server.stripe.invoices.retrieve(id)).lines.data;
      await server.stripe.invoices.removeLines(id, {
        lines: [{ id: line?.id ?? "", behavior: "delete" }],
      });
    });
    const customer = await bill();
    await expectPaidOnce(customer);
    expect(await journalOf(customer)).toEqual(withStep("lines-0", ["0 accepted", "1 accepted"]));
  });
});

test("a key the provider does not know fails the run; disconnected, Collect takes over", async () => {
  const connect = (key: string) =>
    server.send("POST", "/v1/client/billing-config/stripe", { stripe_api_key: key });
  const live = await connect("sk_live_of_somebody");
  expect([live.status, live.body.message]).toEqual([
    400,
    expect.stringContaining("live mode key; the SANDBOX environment takes test mode keys"),
  ]);
  expect((await connect("sk_test_of_nobody_here")).status).toBe(200);
  const customer = await bill();
  const failed = await runOf(customer);
  expect(failed).toMatchObject({
    status: "FAILED",
    error: { message: expect.stringMatching(/Invalid API Key/i) },
  });
  expect(await listProviderInvoices(server.stripe, customer.payer)).toEqual([]);
  const gone = await server.send("DELETE", "/v1/client/billing-config/stripe");
  expect(gone.status).toBe(200);
  await retry(failed);
  await server.setClock(later(1));
  await expectPaidOnce(customer);
});

test("a call that takes too long has an unknown outcome", async () => {
  const provider = stripeProvider({ override: proxy.url, collect: () => undefined, timeoutMs: 50 });
  const answered = new Promise<undefined>((resolve) => {
    proxy.before = () =>
      new Promise((answer) => setTimeout(() => answer(resolve(undefined) ?? "reset"), 500));
  });
  const connection = {
    id: "connection",
    environment: "SANDBOX",
    builtIn: true,
    credential: { api_key: server.collectKey },
    settings: {},
  } as const;
  const request = { method: "POST", path: "/v1/invoices", params: {} } as const;
  expect(await provider.execute(connection, request, "key")).toMatchObject({
    outcome: "retry",
    newKey: false,
  });
  await answered;
});
