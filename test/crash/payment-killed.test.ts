import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Metronome from "@metronome/sdk";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BilledCustomer, createBilledCustomer } from "../support/billed-customer.ts";
import {
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
} from "../support/billing.ts";
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
const TIMEOUT_MS = 120_000;
const NOW = "2024-01-01T00:00:00Z";

let database: TestDatabase;
let proxy: ProviderProxy;
let collectPort: number;
let child: Child;
let metronome: Metronome;
let stripe: Stripe;
let product: string;
let card: string;
let deaths = 0;

const credentialsKey = randomBytes(32).toString("base64");
const compileCache = mkdtempSync(join(tmpdir(), "ledgerline-compile-cache-"));

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
  NODE_COMPILE_CACHE: compileCache,
});

async function start(): Promise<void> {
  child = spawnNode(["src/main.ts"], env());
  const baseURL = (await child.line()).replace("core ", "");
  metronome = new Metronome({ baseURL, bearerToken: TOKEN, maxRetries: 0 });
}

const send = (path: string, body: unknown): Promise<Response> =>
  fetch(`${metronome.baseURL}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Lets all that is due happen; false when the server died on the way. */
async function settle(): Promise<boolean> {
  const deadline = Date.now() + TIMEOUT_MS / 2;
  for (;;) {
    const status = await send("/v1/sandbox/clock", { now: NOW }).then(
      (response) => response.status,
      () => undefined,
    );
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
  stripe = new Stripe(KEY, {
    host: "127.0.0.1",
    port: collectPort,
    protocol: "http",
    telemetry: false,
  });
  await settle();
  product = await createFixedProduct(metronome, "Prepaid credits");
  card = await createRateCard(metronome, [[await createUsageProduct(metronome, "tokens"), 2]]);
}, TIMEOUT_MS);

afterAll(async () => {
  await child?.kill("SIGKILL");
  await proxy?.close();
  await database?.drop();
  rmSync(compileCache, { recursive: true, force: true });
});

const kindOf = ({ method, path }: ProxiedCall): string =>
  `${method} ${path.replace(/(in|pi)_\w+/, "{id}")}`;

/** Kills the server at the next call of this kind, once. */
function killAt(when: "before" | "after", kind: string): void {
  proxy[when] = async (call) => {
    if (kindOf(call) !== kind) return undefined;
    proxy[when] = undefined;
    deaths += 1;
    await child.kill("SIGKILL");
    return "reset";
  };
}

/** Buys a commit of 100 dollars for 80 through the provider; the server dies at this call and comes back. */
async function buy(
  method: "INVOICE" | "PAYMENT_INTENT",
  paymentMethod: string,
  when: "before" | "after",
  kind: string,
): Promise<BilledCustomer> {
  const customer = await createBilledCustomer({ metronome, stripe }, { paymentMethod });
  deaths = 0;
  killAt(when, kind);
  await send("/v1/contracts/create", {
    customer_id: customer.id,
    rate_card_id: card,
    starting_at: NOW,
    commits: [
      {
        type: "PREPAID",
        product_id: product,
        access_schedule: {
          schedule_items: [
            { amount: 10_000, starting_at: NOW, ending_before: "2025-01-01T00:00:00Z" },
          ],
        },
        invoice_schedule: { schedule_items: [{ timestamp: NOW, amount: 8000 }] },
        payment_gate_config: {
          payment_gate_type: "STRIPE",
          stripe_config: { payment_type: method },
        },
      },
    ],
  });
  if (!(await settle())) await start();
  expect(await settle()).toBe(true);
  expect(deaths).toBe(1);
  return customer;
}

/** What was taken, what was granted, and what both sides say of the purchase. */
async function outcomeOf({ id, payer }: BilledCustomer) {
  const { data: charges } = await stripe.charges.list({ customer: payer });
  const { data: invoices } = await stripe.invoices.list({ customer: payer });
  const { data: intents } = await stripe.paymentIntents.list({ customer: payer });
  const { data: net } = await metronome.v1.contracts.getNetBalance({ customer_id: id });
  const ours = await listInvoices(metronome, id, { type: "SCHEDULED" });
  return {
    charges: charges.map(({ status, amount }) => `${status} ${amount}`),
    theirs: [...invoices.map(({ status }) => status), ...intents.map(({ status }) => status)],
    ours: ours.map(({ status, external_invoice: external }) => [status, external?.external_status]),
    balance: net.balance,
  };
}

const WHEN = ["before", "after"] as const;

describe.each(WHEN)("killed with -9 %s the provider has it", (when) => {
  test.each([
    "POST /v1/invoices",
    "POST /v1/invoices/{id}/add_lines",
    "POST /v1/invoices/{id}/finalize",
    "POST /v1/invoices/{id}/pay",
  ])(
    "%s: one charge and one grant",
    async (kind) => {
      const customer = await buy("INVOICE", "pm_card_visa", when, kind);
      expect(await outcomeOf(customer)).toEqual({
        charges: ["succeeded 8000"],
        theirs: ["paid", "succeeded"],
        ours: [["FINALIZED", "PAID"]],
        balance: 10_000,
      });
    },
    TIMEOUT_MS,
  );

  test(
    "POST /v1/payment_intents: one charge and one grant",
    async () => {
      const kind = "POST /v1/payment_intents";
      const customer = await buy("PAYMENT_INTENT", "pm_card_visa", when, kind);
      expect(await outcomeOf(customer)).toEqual({
        charges: ["succeeded 8000"],
        theirs: ["succeeded"],
        ours: [["FINALIZED", "PAID"]],
        balance: 10_000,
      });
    },
    TIMEOUT_MS,
  );

  test.each(["POST /v1/invoices/{id}/pay", "POST /v1/invoices/{id}/void"])(
    "%s of a card that is declined: no money and no grant",
    async (kind) => {
      const customer = await buy("INVOICE", "pm_card_chargeCustomerFail", when, kind);
      expect(await outcomeOf(customer)).toEqual({
        charges: ["failed 8000"],
        theirs: ["void", "canceled"],
        ours: [["VOID", "VOID"]],
        balance: 0,
      });
    },
    TIMEOUT_MS,
  );

  test.each(["POST /v1/payment_intents", "POST /v1/payment_intents/{id}/cancel"])(
    "%s of a card that is declined: no money and no grant",
    async (kind) => {
      const customer = await buy("PAYMENT_INTENT", "pm_card_chargeCustomerFail", when, kind);
      expect(await outcomeOf(customer)).toEqual({
        charges: ["failed 8000"],
        theirs: ["canceled"],
        ours: [["VOID", "VOID"]],
        balance: 0,
      });
    },
    TIMEOUT_MS,
  );
});
