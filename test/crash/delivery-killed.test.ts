import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Metronome from "@metronome/sdk";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BilledCustomer,
  createBilledCustomer,
  createPlan,
  listProviderInvoices,
  monthBilledAt,
  monthStart,
  type Plan,
  useSome,
} from "../support/billed-customer.ts";
import { createContract, listInvoices } from "../support/billing.ts";
import { type Child, spawnNode } from "../support/child.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import {
  findFreePort,
  type ProviderProxy,
  type ProxiedCall,
  startProviderProxy,
} from "../support/provider-proxy.ts";

const TOKEN = "token-of-the-killed-server";
const KEY = "sk_test_of_the_killed_server";
/** A killed server starts again before its delivery goes on. */
const TIMEOUT_MS = 120_000;

let database: TestDatabase;
let proxy: ProviderProxy;
let collectPort: number;
let child: Child;
let metronome: Metronome;
let stripe: Stripe;
let customer: BilledCustomer;
let plan: Plan;
let month = 0;
/** How often the server was killed in this month. */
let deaths = 0;

const env = () => ({
  ...process.env,
  PORT: "0",
  COLLECT_PORT: String(collectPort),
  DATABASE_URL: database.url,
  CREDENTIALS_KEY: credentialsKey,
  SANDBOX_API_TOKEN: TOKEN,
  COLLECT_SECRET_KEY: KEY,
  STRIPE_API_BASE: proxy.url,
  LOG_LEVEL: "fatal",
  // Half of a start is reading the sources; a process that ends by itself leaves that to the next.
  NODE_COMPILE_CACHE: compileCache,
});
const credentialsKey = randomBytes(32).toString("base64");
const compileCache = mkdtempSync(join(tmpdir(), "ledgerline-compile-cache-"));

/** Starts the server; its own port is a new one each time, as after a move. */
async function start(): Promise<void> {
  child = spawnNode(["src/main.ts"], env());
  const baseURL = (await child.line()).replace("core ", "");
  metronome = new Metronome({ baseURL, bearerToken: TOKEN, maxRetries: 0 });
}

/** Moves the clock; undefined when the server died of it. */
async function setClock(now: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${metronome.baseURL}/v1/sandbox/clock`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ now }),
    });
    return response.status;
  } catch {
    return undefined;
  }
}

/**
 * Sends the instant until the advance, whoever resumed it, has arrived there. False when the server
 * died on the way.
 */
async function finishAdvance(now: string): Promise<boolean> {
  const deadline = Date.now() + TIMEOUT_MS / 2;
  for (;;) {
    const status = await setClock(now);
    if (status === 200 || status === undefined) return status === 200;
    expect([status, Date.now() < deadline]).toEqual([409, true]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  await start();
  await child.kill("SIGTERM");
  await start();
  stripe = new Stripe(KEY, {
    host: "127.0.0.1",
    port: collectPort,
    protocol: "http",
    telemetry: false,
  });
  await setClock(monthStart(0));
  plan = await createPlan({ metronome, stripe });
  customer = await createBilledCustomer({ metronome, stripe });
  await createContract(metronome, customer.id, plan.card, { starting_at: monthStart(0) });
}, TIMEOUT_MS);

afterAll(async () => {
  await child?.kill("SIGKILL");
  await proxy?.close();
  await database?.drop();
  rmSync(compileCache, { recursive: true, force: true });
});

const kindOf = ({ method, path }: ProxiedCall): string =>
  `${method} ${path.replace(/in_\w+/, "{id}")}`;

interface Point {
  readonly when: "before" | "after";
  readonly kind: string;
  readonly nth: number;
}

/** Kills the server at the nth call of this kind from now on, once. */
function killAt({ when, kind, nth }: Point): void {
  let count = 0;
  proxy[when] = async (call) => {
    if (kindOf(call) !== kind) return undefined;
    count += 1;
    if (count < nth) return undefined;
    proxy[when] = undefined;
    deaths += 1;
    await child.kill("SIGKILL");
    return "reset";
  };
}

/** Bills the next month, starting the server again as often as it dies on the way. */
async function billMonth(points: readonly Point[]): Promise<void> {
  deaths = 0;
  await useSome({ metronome, stripe }, plan, customer.id, monthStart(month));
  const billedAt = monthBilledAt(month);
  month += 1;
  for (const point of points) {
    killAt(point);
    if (!(await finishAdvance(billedAt))) await start();
  }
  expect(await finishAdvance(billedAt)).toBe(true);
  expect(deaths).toBe(points.length);
}

async function checkAll(): Promise<void> {
  const ours = await listInvoices(metronome, customer.id, { status: "FINALIZED" });
  const theirs = await listProviderInvoices(stripe, customer.payer);
  expect(
    theirs.map(({ id, metadata, status, total, lines }) => [
      metadata?.ledgerline_invoice_id,
      id,
      status,
      total,
      lines.data.length,
    ]),
  ).toEqual(
    ours.map((invoice) => [
      invoice.id,
      invoice.external_invoice?.invoice_id,
      "paid",
      invoice.external_invoice?.invoiced_total,
      2,
    ]),
  );
  expect(ours.map((invoice) => [invoice.total, invoice.external_invoice])).toEqual(
    Array.from({ length: month }, () => [
      2033.633,
      expect.objectContaining({ external_status: "PAID", invoiced_total: 2034 }),
    ]),
  );
}

const CREATE = "POST /v1/invoices";
const SEARCH = "GET /v1/invoices";
const READ = "GET /v1/invoices/{id}";
const ADD_LINES = "POST /v1/invoices/{id}/add_lines";
const FINALIZE = "POST /v1/invoices/{id}/finalize";

test("a month is billed in three writes", async () => {
  proxy.calls.length = 0;
  await billMonth([]);
  await checkAll();
  const calls = proxy.calls.map(kindOf).filter((kind) => kind.includes("/v1/invoices"));
  expect(calls.filter((kind) => kind.startsWith("POST"))).toEqual([CREATE, ADD_LINES, FINALIZE]);
});

describe.each(["before", "after"] as const)("killed with -9 %s the provider has it", (when) => {
  test.each([
    [CREATE, 1],
    [ADD_LINES, 1],
    [FINALIZE, 1],
    // The delivery reads everything back once; the event of the payment brings a further read.
    [READ, 1],
    [READ, 2],
  ])(
    "%s, number %i: one invoice on each side",
    async (kind, nth) => {
      await billMonth([{ when, kind, nth }]);
      await checkAll();
    },
    TIMEOUT_MS,
  );

  test(
    "again while it looks for what the first death left: one invoice on each side",
    async () => {
      await billMonth([
        { when: "after", kind: CREATE, nth: 1 },
        { when, kind: SEARCH, nth: 1 },
        { when, kind: FINALIZE, nth: 1 },
      ]);
      await checkAll();
    },
    TIMEOUT_MS,
  );
});
