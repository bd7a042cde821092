import Metronome from "@metronome/sdk";
import type { BenchServer } from "./bench-server.ts";

const SMALL = 1000;
const LARGE = 1_000_000;
const BATCH = 100;
const LANES = 8;
const READS = 40;
const MONTH_START_MS = Date.parse("2024-06-01T00:00:00Z");
const MONTH_MS = 29 * 24 * 3_600_000;

/** Reading the draft of a million events may take this many times as long as that of a thousand. */
const TARGET = 2;

/**
 * Reads the drafts of two customers, alike but for the number of events in their period. The events
 * lie evenly over the month's hours, so the larger draft has no more than all of them: reading costs
 * hours x groups, and the ratio says whether anything grows with the events.
 */
export async function benchDrafts(server: BenchServer): Promise<void> {
  const metronome = new Metronome({ baseURL: server.url, bearerToken: server.token });
  await post(server, "/v1/sandbox/clock", { now: "2024-06-01T00:00:00Z" });
  const card = await createCatalogue(metronome);
  const small = await createCustomer(metronome, "small", card);
  const large = await createCustomer(metronome, "large", card);
  await post(server, "/v1/sandbox/clock", { now: "2024-06-30T00:00:00Z" });
  await sendEvents(server, small, SMALL);
  await sendEvents(server, large, LARGE);
  const times = { small: [] as number[], large: [] as number[] };
  for (let read = 0; read < READS; read += 1) {
    times.small.push(await timeRead(server, small, SMALL));
    times.large.push(await timeRead(server, large, LARGE));
  }
  const [smallMs, largeMs] = [median(times.small), median(times.large)];
  const ratio = largeMs / smallMs;
  process.stdout.write(`drafts: ${SMALL} events ${smallMs.toFixed(1)} ms
drafts: ${LARGE} events ${largeMs.toFixed(1)} ms
drafts: ratio ${ratio.toFixed(2)} (at most ${TARGET})\n`);
  if (ratio > TARGET)
    throw new Error(`Reading a large draft costs ${ratio.toFixed(2)} times as much`);
}

async function createCatalogue(metronome: Metronome): Promise<string> {
  const { data: metric } = await metronome.v1.billableMetrics.create({
    name: "tokens",
    aggregation_type: "SUM",
    aggregation_key: "value",
    event_type_filter: { in_values: ["tokens"] },
    property_filters: [{ name: "value", exists: true }],
  });
  const { data: tokens } = await metronome.v1.contracts.products.create({
    name: "tokens",
    type: "USAGE",
    billable_metric_id: metric.id,
  });
  const { data: card } = await metronome.v1.contracts.rateCards.create({ name: "bench" });
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card.id,
    product_id: tokens.id,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 1,
  });
  return card.id;
}

async function createCustomer(metronome: Metronome, name: string, rateCardId: string) {
  const { data: customer } = await metronome.v1.customers.create({ name });
  await metronome.v1.contracts.create({
    customer_id: customer.id,
    rate_card_id: rateCardId,
    starting_at: "2024-06-01T00:00:00Z",
  });
  return customer.id;
}

async function sendEvents(server: BenchServer, customerId: string, count: number) {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const first = next;
      next += BATCH;
      const events = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => ({
        transaction_id: `${customerId}-${first + i}`,
        customer_id: customerId,
        event_type: "tokens",
        timestamp: new Date(MONTH_START_MS + ((first + i) * MONTH_MS) / count).toISOString(),
        properties: { value: 1 },
      }));
      await post(server, "/v1/ingest", events);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function post({ url, token }: BenchServer, path: string, body: unknown) {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** Milliseconds of one read; fails when the draft is not the sum of the events. */
async function timeRead(server: BenchServer, customerId: string, expected: number) {
  const start = performance.now();
  const response = await fetch(`${server.url}/v1/customers/${customerId}/invoices?status=DRAFT`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  const text = await response.text();
  const elapsed = performance.now() - start;
  const total: unknown = JSON.parse(text).data[0]?.total;
  if (total !== expected) throw new Error(`The draft is ${total}, not ${expected}`);
  return elapsed;
}

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
