import Metronome from "@metronome/sdk";
import pg from "pg";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
  listInvoices,
} from "../test/support/billing.ts";
import type { BenchServer } from "./bench-server.ts";
import { measureHttp } from "./ingest.ts";

const EVENTS = 1_000_000;
/** Sent together, so that not all of them are held at once. */
const PART = 100_000;
const LIMIT = 1000;
const ROUNDS = 5;
const MOST_MS = 1000;
const START_MS = Date.UTC(2024, 0, 1);
const MONTH_MS = 31 * 86_400_000;

/**
 * From an invoice down to the events of one line of a million: the explanation, the first page, one in
 * the middle, the last, all pages one after the other. Held against a bare read of as many rows by the
 * index.
 */
export async function benchExplain(server: BenchServer): Promise<void> {
  const metronome = new Metronome({ baseURL: server.url, bearerToken: server.token });
  await moveClock(server, "2024-01-31T12:00:00Z");
  const { customer, invoice } = await signOne(metronome);
  for (let from = 0; from < EVENTS; from += PART) {
    await measureHttp(server, makeEvents(customer, from));
  }
  const explainMs = await measure(() => get(server, `/v1/invoices/${invoice}/explain`));
  const explained = await get(server, `/v1/invoices/${invoice}/explain`);
  const key = encodeURIComponent(explained.data.line_items[0].line_key);
  const path = `/v1/invoices/${invoice}/events?line_key=${key}&limit=${LIMIT}`;
  const walk = await walkPages(server, path);
  if (walk.events !== EVENTS) throw new Error(`${walk.events} of ${EVENTS} events were listed`);
  const firstMs = await measure(() => get(server, path));
  const deepMs = await measure(() => get(server, `${path}&next_page=${walk.middle}`));
  const bareMs = await measureBare(server, customer);
  await moveClock(server, "2024-02-03T00:00:00Z");
  const finalMs = await measure(() => get(server, `${path}&next_page=${walk.middle}`));
  const show = (ms: number) => `${ms.toFixed(0)} ms`;
  process.stdout.write(`explain: ${EVENTS} events of a line; the invoice explained in ${show(explainMs)}
explain: ${LIMIT} events: first page ${show(firstMs)}, deep page ${show(deepMs)}, of the final invoice ${show(finalMs)}; slowest of ${EVENTS / LIMIT} pages ${show(walk.slowestMs)} (at most ${MOST_MS} ms)
explain: a bare read of ${LIMIT} rows by the index ${bareMs.toFixed(1)} ms, ratio ${(bareMs / deepMs).toFixed(2)}\n`);
  if (Math.max(explainMs, firstMs, deepMs, finalMs) > MOST_MS) process.exitCode = 1;
}

async function signOne(metronome: Metronome): Promise<{ customer: string; invoice: string }> {
  const product = await createUsageProduct(metronome, "tokens");
  const card = await createRateCard(metronome, [[product, 1]]);
  const customer = await createCustomer(metronome, "bench");
  await createContract(metronome, customer, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-02-01T00:00:00Z",
  });
  const [draft] = await listInvoices(metronome, customer);
  if (draft === undefined) throw new Error("There is no draft");
  return { customer, invoice: draft.id };
}

/** A month of events in no order of time; each instant is that of four of them. */
const makeEvents = (customer: string, from: number) =>
  Array.from({ length: PART }, (_, n) => {
    const place = Math.trunc((((from + n) * 7919) % EVENTS) / 4) * 4;
    return {
      transaction_id: `explain-${from + n}`,
      customer_id: customer,
      event_type: "tokens",
      timestamp: new Date(START_MS + Math.trunc((place / EVENTS) * MONTH_MS)).toISOString(),
      properties: { value: 1, region: "eu-west-1", model: "large-2" },
    };
  });

async function get({ url, token }: BenchServer, path: string) {
  const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (reply.status !== 200) throw new Error(`${path}: ${await reply.text()}`);
  // biome-ignore lint/suspicious/noExplicitAny: replies of two shapes.
  return (await reply.json()) as any;
}

async function moveClock({ url, token }: BenchServer, now: string): Promise<void> {
  const reply = await fetch(`${url}/v1/sandbox/clock`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ now }),
  });
  if (reply.status !== 200) throw new Error(`clock: ${await reply.text()}`);
}

/** Median of some rounds, in milliseconds. */
async function measure(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.trunc(ROUNDS / 2)] ?? Number.NaN;
}

/** Every page to the end; `middle` leads to the one half way. */
async function walkPages(server: BenchServer, path: string) {
  let [events, pages, slowestMs, middle] = [0, 0, 0, ""];
  for (let next: string | null = ""; next !== null; pages += 1) {
    const start = performance.now();
    const page: { data: unknown[]; next_page: string | null } = await get(
      server,
      next === "" ? path : `${path}&next_page=${next}`,
    );
    slowestMs = Math.max(slowestMs, performance.now() - start);
    events += page.data.length;
    next = page.next_page;
    if (pages < EVENTS / LIMIT / 2 && next !== null) middle = next;
  }
  return { events, slowestMs, middle };
}

/** What the same rows take when they are only read. */
async function measureBare({ databaseUrl }: BenchServer, customer: string): Promise<number> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return await measure(() =>
      client.query({
        name: "bare",
        text: `select * from usage_events
          where hashtextextended(customer_ref, 0) = hashtextextended($1, 0)
            and customer_ref = $1 and event_at >= $2
          order by event_at, key limit $3`,
        values: [customer, "2024-01-16T12:00:00Z", LIMIT],
      }),
    );
  } finally {
    await client.end();
  }
}
