import Metronome from "@metronome/sdk";
import pg from "pg";
import Stripe from "stripe";
import { fewAtATime } from "../src/platform/few-at-a-time.ts";
import { createContract, createRateCard, createUsageProduct } from "../test/support/billing.ts";
import { findFreePort } from "../test/support/provider-proxy.ts";
import { type BenchServer, startBenchServer } from "./bench-server.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";

const INVOICES = Number(process.env.BENCH_INVOICES ?? 1000);
const LINES = 20;
const START = "2024-01-01T00:00:00Z";
const END = "2024-02-01T00:00:00Z";
const DUE = "2024-02-02T00:00:00Z";
const MOST_SECONDS = 120;
/** As many as the product makes at once. */
const AT_ONCE = 16;
const SETUP_AT_ONCE = 8;

/**
 * Delivers the January of many customers, each with a payer of its own and 20 lines, from the sandbox's
 * step over the end of grace until every invoice is paid at Collect and we know it. Held against the
 * bare calls of the same number of such invoices, made with the official client at the same concurrency.
 */
export async function benchDelivery(): Promise<void> {
  const collectPort = await findFreePort();
  const proxy = await startCountingProxy(`http://127.0.0.1:${collectPort}`);
  try {
    const server = await startBenchServer({
      COLLECT_PORT: String(collectPort),
      STRIPE_API_BASE: proxy.url,
    });
    try {
      await measure(server, proxy);
    } finally {
      await server.close();
    }
  } finally {
    await proxy.close();
  }
}

async function measure(server: BenchServer, proxy: CountingProxy): Promise<void> {
  const stripe = openStripe(proxy.url, server.collectKey);
  const setClock = clockOf(server);
  await setClock("2024-01-15T00:00:00Z");
  await signCustomers(server, stripe);
  await setClock("2024-02-01T23:00:00Z");
  proxy.reset();
  const start = performance.now();
  await setClock(DUE);
  const seconds = (performance.now() - start) / 1000;
  const calls = proxy.calls();
  const { sent, deliverySeconds } = await readOutcome(server);
  const bareSeconds = await timeBareCalls(stripe, calls / INVOICES);
  const ratio = bareSeconds / seconds;
  process.stdout.write(`delivery: ${sent} invoices of ${LINES} lines finalized, delivered and paid in ${seconds.toFixed(1)} s (at most ${MOST_SECONDS}), ${(sent / seconds).toFixed(1)} invoices/s
delivery: from the first write to the last ${deliverySeconds.toFixed(1)} s
delivery: ${(calls / sent).toFixed(2)} calls per invoice, ${proxy.throttled()} answered 429
delivery: as many bare calls ${bareSeconds.toFixed(1)} s, ratio ${ratio.toFixed(3)}\n`);
  if (sent !== INVOICES || seconds > MOST_SECONDS || proxy.throttled() > 0) process.exitCode = 1;
}

function openStripe(base: string, key: string): Stripe {
  const { hostname, port } = new URL(base);
  return new Stripe(key, { host: hostname, port: Number(port), protocol: "http" });
}

const clockOf = (server: BenchServer) => async (now: string) => {
  const reply = await fetch(`${server.url}/v1/sandbox/clock`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify({ now }),
  });
  if (!reply.ok) throw new Error(`The clock answered ${reply.status}: ${await reply.text()}`);
};

/** Customers with a contract and usage of every product, each billed to a payer who has a card. */
async function signCustomers(server: BenchServer, stripe: Stripe): Promise<void> {
  const metronome = new Metronome({ baseURL: server.url, bearerToken: server.token });
  const prices: [string, number][] = [];
  for (let n = 0; n < LINES; n += 1) {
    prices.push([await createUsageProduct(metronome, `product ${n}`), n + 1]);
  }
  const card = await createRateCard(metronome, prices);
  await fewAtATime(SETUP_AT_ONCE, Array.from({ length: INVOICES }), async () => {
    const { data } = await metronome.v1.customers.create({
      name: "bench",
      customer_billing_provider_configurations: [
        {
          billing_provider: "stripe",
          delivery_method: "direct_to_billing_provider",
          configuration: {
            stripe_customer_id: await createPayer(stripe),
            stripe_collection_method: "charge_automatically",
          },
        },
      ],
    });
    await createContract(metronome, data.id, card, { starting_at: START, ending_before: END });
    await metronome.v1.usage.ingest({
      usage: prices.map(([product], n) => ({
        transaction_id: `${data.id} ${product}`,
        customer_id: data.id,
        event_type: `product ${n}`,
        timestamp: START,
        properties: { value: 3 },
      })),
    });
  });
}

async function createPayer(stripe: Stripe): Promise<string> {
  const { id } = await stripe.customers.create({ name: "bench" });
  const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: id });
  await stripe.customers.update(id, { invoice_settings: { default_payment_method: method.id } });
  return id;
}

/** How many invoices were delivered whole, and how long after the first write the last one ended. */
async function readOutcome(server: BenchServer) {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(`select
      (select count(*)::int from integration_runs where status = 'SENT' and external_status = 'PAID')
        as sent,
      (select extract(epoch from max(finished_at) - min(started_at))::float
        from integration_run_steps) as seconds`);
    return { sent: rows[0].sent as number, deliverySeconds: rows[0].seconds as number };
  } finally {
    await client.end();
  }
}

/**
 * Seconds that as many calls take when nothing but they are made: for each invoice the three writes of
 * a delivery, the rest as reads.
 */
async function timeBareCalls(stripe: Stripe, callsEach: number): Promise<number> {
  const customer = await createPayer(stripe);
  const lines = Array.from({ length: LINES }, (_, n) => ({
    amount: 3 * (n + 1),
    description: `product ${n}`,
  }));
  let owed = 0;
  const start = performance.now();
  await fewAtATime(AT_ONCE, Array.from({ length: INVOICES }), async () => {
    const { id } = await stripe.invoices.create({
      customer,
      currency: "usd",
      pending_invoice_items_behavior: "exclude",
    });
    await stripe.invoices.addLines(id, { lines });
    await stripe.invoices.finalizeInvoice(id, { auto_advance: true });
    owed += callsEach - 3;
    while (owed >= 1) {
      owed -= 1;
      await stripe.invoices.retrieve(id);
    }
  });
  return (performance.now() - start) / 1000;
}
