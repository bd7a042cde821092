import pg from "pg";
import Stripe from "stripe";
import type { BenchServer } from "./bench-server.ts";

const ROUNDS = 40;
const LINES = 20;
const INVOICES = 100_000;
const LINES_EACH = 2;
/** A page of 100 invoices with their lines may take so long. */
const PAGE_TARGET_MS = 30;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function timed<Result>(times: number[], work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work();
  times.push(performance.now() - start);
  return result;
}

/** A client of the official package for the bench's server. */
export function stripeOf({ collectUrl, collectKey }: BenchServer): Stripe {
  const { hostname, port } = new URL(collectUrl);
  return new Stripe(collectKey, { host: hostname, port: Number(port), protocol: "http" });
}

/**
 * Invoices of Collect: 20 lines added in one call, compared with the bare insert of the same rows in a
 * transaction of its own; and a page of 100 invoices, of two lines each, out of 100,000.
 */
export async function benchCollect(server: BenchServer): Promise<void> {
  const stripe = stripeOf(server);
  const database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  try {
    await benchList(stripe, database);
    await benchLines(stripe, database);
  } finally {
    await database.end();
  }
}

async function benchLines(stripe: Stripe, database: pg.Client): Promise<void> {
  const { id: customer } = await stripe.customers.create({ name: "Bench" });
  await database.query(`create schema if not exists bench`);
  await database.query(`create table bench.items (like collect.invoice_items including all)`);
  await database.query(`create table bench.events (like collect.events including all)`);
  const lines = Array.from({ length: LINES }, (_, n) => ({
    amount: 100 + n,
    description: `L${n}`,
  }));
  const calls: number[] = [];
  const inserts: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = await stripe.invoices.create({ customer, currency: "usd" });
    await timed(calls, () => stripe.invoices.addLines(id, { lines }));
    await timed(inserts, async () => {
      await database.query("begin");
      await database.query(
        "insert into bench.items select * from collect.invoice_items where invoice = $1",
        [id],
      );
      await database.query(
        "insert into bench.events select * from collect.events where object_id = $1",
        [id],
      );
      await database.query("commit");
    });
  }
  const [call, insert] = [median(calls), median(inserts)];
  process.stdout.write(`collect: ${LINES} lines in one call ${call.toFixed(1)} ms
collect: the same rows inserted ${insert.toFixed(1)} ms
collect: ratio ${(call / insert).toFixed(1)}\n`);
}

/** Copies an invoice and its lines, so that there are many, in the shape that the product writes. */
async function copyInvoices(database: pg.Client, id: string): Promise<void> {
  await database.query(
    `insert into collect.invoices select (jsonb_populate_record(invoice, jsonb_build_object(
        'id', 'in_bench' || n, 'number', null, 'link_token', null,
        'created_at', invoice.created_at - n * interval '1 minute'))).*
      from collect.invoices invoice, generate_series(1, $2::int) n where invoice.id = $1`,
    [id, INVOICES],
  );
  await database.query(
    `insert into collect.invoice_items select (jsonb_populate_record(item, jsonb_build_object(
        'id', item.id || n, 'line_id', item.line_id || n, 'invoice', 'in_bench' || n,
        'created_at', item.created_at - n * interval '1 minute'))).*
      from collect.invoice_items item, generate_series(1, $2::int) n where item.invoice = $1`,
    [id, INVOICES],
  );
  await database.query("vacuum analyze collect.invoices");
  await database.query("vacuum analyze collect.invoice_items");
}

async function benchList(stripe: Stripe, database: pg.Client): Promise<void> {
  const { id: customer } = await stripe.customers.create({ name: "Many" });
  const { id } = await stripe.invoices.create({ customer, currency: "usd" });
  const lines = Array.from({ length: LINES_EACH }, (_, n) => ({ amount: 100 + n }));
  await stripe.invoices.addLines(id, { lines });
  await copyInvoices(database, id);
  const pages: Record<string, Stripe.InvoiceListParams> = {
    newest: {},
    deep: { starting_after: `in_bench${INVOICES - 500}` },
    "of a customer": { customer },
    drafts: { status: "draft" },
  };
  for (const [name, params] of Object.entries(pages)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { data } = await timed(times, () => stripe.invoices.list({ limit: 100, ...params }));
      if (data.length !== 100) throw new Error(`A page has ${data.length} invoices`);
    }
    const ms = median(times);
    process.stdout.write(
      `collect: 100 of ${INVOICES} invoices, ${name}: ${ms.toFixed(1)} ms (at most ${PAGE_TARGET_MS})\n`,
    );
    if (ms > PAGE_TARGET_MS) process.exitCode = 1;
  }
}
