import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fewAtATime } from "../../src/platform/few-at-a-time.ts";
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
import { listInvoices } from "../support/billing.ts";
import {
  findFreePort,
  type Intercept,
  type InterceptBefore,
  type ProviderProxy,
  type ProxiedCall,
  providerError,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Every call of a delivery that is mailed, in order; the reads come between the writes. */
const CALLS = {
  create: /^POST \/v1\/invoices$/,
  read: /^GET \/v1\/invoices\/in_\w+$/,
  "add lines": /^POST \/v1\/invoices\/in_\w+\/add_lines$/,
  finalize: /^POST \/v1\/invoices\/in_\w+\/finalize$/,
  send: /^POST \/v1\/invoices\/in_\w+\/send$/,
  "follow up": /^POST \/v1\/invoices\/in_\w+$/,
} as const;
type CallName = keyof typeof CALLS;

interface Fault {
  readonly when: "before" | "after";
  readonly intercept: InterceptBefore;
  /** A broken connection is tried once more by the client itself, under the same key. */
  readonly times?: number;
}

/** How long the product waits for an answer here: much longer than any takes. */
const PATIENCE_MS = 4000;

const reset: Intercept = async () => "reset";
/** No answer comes before the product has given the call up. */
const silence: Intercept = async () => {
  await new Promise((resolve) => setTimeout(resolve, 2 * PATIENCE_MS));
  return "reset";
};
const error500: Intercept = async () => providerError(500);
const page: Intercept = async () => ({
  status: 502,
  headers: { "content-type": "text/html" },
  body: "<html><h1>Bad gateway</h1></html>",
});
const limited = { type: "rate_limit_error", code: "rate_limit" };
const locked = { type: "rate_limit_error", code: "lock_timeout" };
const inUse = { type: "idempotency_error", code: "idempotency_key_in_use" };

const FAULTS: Readonly<Record<string, Fault>> = {
  "reset before it arrives": { when: "before", intercept: reset, times: 2 },
  "reset after the effect": { when: "after", intercept: reset, times: 2 },
  "no answer after the effect": { when: "after", intercept: silence },
  "500 before": { when: "before", intercept: error500 },
  "500 after the effect": { when: "after", intercept: error500 },
  "an HTML page": { when: "before", intercept: page },
  "passed on twice": { when: "before", intercept: async () => "twice" },
  "429 with Retry-After": {
    when: "before",
    intercept: async () => providerError(429, limited, { "retry-after": "1" }),
  },
  "429 without Retry-After": { when: "before", intercept: async () => providerError(429, limited) },
  lock_timeout: { when: "before", intercept: async () => providerError(429, locked) },
  "409": { when: "before", intercept: async () => providerError(409, inUse) },
};

interface Cell {
  readonly call: CallName;
  readonly fault: string;
}
const CELLS: readonly Cell[] = (Object.keys(CALLS) as CallName[]).flatMap((call) =>
  Object.keys(FAULTS).map((fault) => ({ call, fault })),
);

let server: TestServer;
let proxy: ProviderProxy;
let plan: Plan;

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  const hosts = { override: proxy.url, collect: () => undefined, timeoutMs: PATIENCE_MS };
  server = await startTestServer(
    { collectPort, stripeApiBase: proxy.url },
    { stripe: stripeProvider(hosts) },
  );
  await server.setClock(monthStart(0));
  plan = await createPlan(server);
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});

/** Whose delivery a call belongs to, by the payer in a creation, and by the invoice's id ever after. */
function payerFinder() {
  const payers = new Map<string, string>();
  const payerOf = ({ path, body }: ProxiedCall): string | undefined =>
    path === "/v1/invoices"
      ? (new URLSearchParams(body).get("customer") ?? undefined)
      : payers.get(path.split("/")[3] ?? "");
  return {
    payerOf,
    learn(call: ProxiedCall, reply: string): void {
      const payer = payerOf(call);
      if (call.method !== "POST" || call.path !== "/v1/invoices" || payer === undefined) return;
      const { id } = JSON.parse(reply) as { id?: string };
      if (id !== undefined) payers.set(id, payer);
    },
  };
}

async function newCustomer(month: number): Promise<BilledCustomer> {
  const customer = await createBilledCustomer(server, { collectionMethod: "send_invoice" });
  await signMonth(server, plan, customer.id, month);
  await useSome(server, plan, customer.id, monthStart(month));
  return customer;
}

const AT_ONCE = 8;

const later = (month: number, hours: number): string =>
  new Date(Date.parse(monthBilledAt(month)) + hours * 3_600_000).toISOString();

/** One invoice there with both lines, mailed once, and ours knows it. */
async function outcomeOf({ id, payer }: BilledCustomer) {
  const theirs = await listProviderInvoices(server.stripe, payer);
  const [ours] = await listInvoices(server.metronome, id);
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${ours?.id}`);
  return {
    theirs: theirs.map((invoice) => [
      invoice.status,
      invoice.total,
      invoice.lines.data.length,
      invoice.auto_advance,
    ]),
    ours: [ours?.external_invoice?.external_status, ours?.external_invoice?.invoice_id],
    run: [body.data.length, body.data[0]?.status, body.data[0]?.error],
    expectedId: theirs[0]?.id,
  };
}

const RIGHT = {
  theirs: [["open", 2034, 2, true]],
  run: [1, "SENT", null],
};

async function countMails(): Promise<ReadonlyMap<string, number>> {
  const mails = new Map<string, number>();
  for await (const event of server.stripe.events.list({ type: "invoice.sent", limit: 100 })) {
    const { id } = event.data.object as Stripe.Invoice;
    mails.set(id ?? "", (mails.get(id ?? "") ?? 0) + 1);
  }
  return mails;
}

describe("whatever happens to a call, in the end there is one right invoice:", () => {
  const hit = new Set<string>();
  const outcomes = new Map<string, Awaited<ReturnType<typeof outcomeOf>>>();
  let mails: ReadonlyMap<string, number>;

  /** All of them at once: each cell is a customer of its own. */
  beforeAll(async () => {
    const cells = new Map<string, Cell & { left: number }>();
    const customers = new Map<Cell, BilledCustomer>();
    await fewAtATime(AT_ONCE, CELLS, async (cell) => {
      const customer = await newCustomer(0);
      customers.set(cell, customer);
      cells.set(customer.payer, { ...cell, left: FAULTS[cell.fault]?.times ?? 1 });
    });
    const finder = payerFinder();
    const disturb = (when: Fault["when"], call: ProxiedCall) => {
      const cell = cells.get(finder.payerOf(call) ?? "");
      const fault = cell && FAULTS[cell.fault];
      if (cell === undefined || fault?.when !== when || cell.left === 0) return undefined;
      if (!CALLS[cell.call].test(`${call.method} ${call.path}`)) return undefined;
      cell.left -= 1;
      hit.add(`${cell.call} ${cell.fault}`);
      return fault.intercept(call);
    };
    proxy.before = async (call) => disturb("before", call);
    proxy.after = async (call, reply) => {
      finder.learn(call, reply.body);
      const answer = await disturb("after", call);
      return answer === "twice" ? undefined : answer;
    };
    await server.setClock(monthBilledAt(0));
    await server.setClock(later(0, 2));
    proxy.before = undefined;
    proxy.after = undefined;
    await fewAtATime(AT_ONCE, [...customers], async ([{ call, fault }, customer]) => {
      outcomes.set(`${call} ${fault}`, await outcomeOf(customer));
    });
    mails = await countMails();
  }, 360_000);

  test.each(CELLS)("$call: $fault", ({ call, fault }) => {
    const name = `${call} ${fault}`;
    expect(hit.has(name), "it happened").toBe(true);
    const { theirs, ours, run, expectedId } = outcomes.get(name) ?? {};
    expect({ theirs, run }).toEqual(RIGHT);
    expect(ours).toEqual(["FINALIZED", expectedId]);
    expect(mails.get(expectedId ?? ""), "mailed once").toBe(1);
  });
});
