import Metronome from "@metronome/sdk";
import { fewAtATime } from "../src/platform/few-at-a-time.ts";
import { openQuickBooks, type QuickBooks } from "../test/quickbooks/open-quickbooks.ts";
import { createContract, createRateCard, createUsageProduct } from "../test/support/billing.ts";
import { type BenchServer, startBenchServer } from "./bench-server.ts";

const INVOICES = Number(process.env.BENCH_INVOICES ?? 500);
const LINES = 20;
const START = "2024-01-01T00:00:00Z";
const END = "2024-02-01T00:00:00Z";
const DUE = "2024-02-02T00:00:00Z";
const SETUP_AT_ONCE = 8;
/** Calls a second that we make of a company, under the ten that it takes. */
const OUR_RATE = 8;

/**
 * Delivers the January of many customers, 20 lines each, into the QuickBooks stand-in, which throttles as
 * Intuit does: none of the calls may be rejected. Held against the least that our own rate allows for them.
 */
export async function benchQuickBooks(): Promise<void> {
  const quickBooks = await openQuickBooks();
  try {
    const server = await startBenchServer({
      QBO_API_BASE: quickBooks.apiBase,
      QBO_OAUTH_BASE: quickBooks.oauthBase,
    });
    try {
      await measure(server, quickBooks);
    } finally {
      await server.close();
    }
  } finally {
    await quickBooks.close();
  }
}

async function measure(server: BenchServer, quickBooks: QuickBooks): Promise<void> {
  await post(server, "/v1/sandbox/clock", { now: "2024-01-15T00:00:00Z" });
  await connect(server, quickBooks);
  await signCustomers(server, quickBooks);
  await post(server, "/v1/sandbox/clock", { now: "2024-02-01T23:00:00Z" });
  quickBooks.requests.splice(0);
  const start = performance.now();
  await post(server, "/v1/sandbox/clock", { now: DUE });
  const seconds = (performance.now() - start) / 1000;
  const calls = quickBooks.requests.length;
  const throttled = quickBooks.requests.filter(({ status }) => status === 429).length;
  // 3 units of each product, at 1 to 20 cents: 3 x 210 cents.
  const right = quickBooks.company
    .list("Invoice")
    .filter(({ TotalAmt }) => TotalAmt === 6.3).length;
  const least = calls / OUR_RATE;
  process.stdout.write(`quickbooks: ${right} of ${INVOICES} invoices of ${LINES} lines delivered in ${seconds.toFixed(1)} s, ${(right / seconds).toFixed(2)} invoices/s
quickbooks: ${(calls / INVOICES).toFixed(2)} calls per invoice, ${throttled} answered 429
quickbooks: at ${OUR_RATE} calls a second they take ${least.toFixed(1)} s at least, ratio ${(least / seconds).toFixed(3)}\n`);
  if (right !== INVOICES || throttled > 0) process.exitCode = 1;
}

async function post(server: BenchServer, path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
  return reply.json();
}

const connect = (server: BenchServer, { app, company, realmId, issueTokens }: QuickBooks) => {
  const { access_token, refresh_token } = issueTokens();
  return post(server, "/v1/connections", {
    provider: "quickbooks_online",
    credential: {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      access_token,
      refresh_token,
    },
    settings: {
      realm_id: realmId,
      item_strategy: "single",
      default_item_id: company.ids.services,
    },
  });
};

/** Customers with a contract and usage of every product, each mapped to one of the company. */
async function signCustomers(server: BenchServer, { company }: QuickBooks): Promise<void> {
  const metronome = new Metronome({ baseURL: server.url, bearerToken: server.token });
  const prices: [string, number][] = [];
  for (let n = 0; n < LINES; n += 1) {
    prices.push([await createUsageProduct(metronome, `product ${n}`), n + 1]);
  }
  const card = await createRateCard(metronome, prices);
  await fewAtATime(SETUP_AT_ONCE, [...Array(INVOICES).keys()], async (index) => {
    const name = `bench ${index}`;
    const { data } = await metronome.v1.customers.create({
      name,
      customer_billing_provider_configurations: [
        {
          // The client's types are older than the description of its API, which has this one.
          billing_provider: "quickbooks_online" as "stripe",
          delivery_method: "direct_to_billing_provider",
          configuration: { qbo_customer_id: company.addCustomer(name).Id },
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
