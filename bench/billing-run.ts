import { randomUUID } from "node:crypto";
import Metronome from "@metronome/sdk";
import pg from "pg";
import { invoiceId } from "../src/domain/invoices/invoice-id.ts";
import { instant } from "../src/domain/time.ts";
import {
  createContract,
  createCustomer,
  createRateCard,
  createUsageProduct,
} from "../test/support/billing.ts";
import type { BenchServer } from "./bench-server.ts";

const CONTRACTS = Number(process.env.BENCH_CONTRACTS ?? 10_000);
const PRODUCTS = 5;
const START = "2024-01-01T00:00:00Z";
const END = "2024-02-01T00:00:00Z";
const DUE = "2024-02-02T00:00:00Z";
const LEAST_RATIO = 0.2;
/** Rows of one statement of the bare copy. */
const ROWS_PER_STATEMENT = 100;

/**
 * Finalizes the January of many contracts, five lines each, all due at one instant, and holds that
 * against writing the same invoices bare: their rows, made beforehand, in statements of a hundred.
 */
export async function benchBillingRun(server: BenchServer): Promise<void> {
  const metronome = new Metronome({ baseURL: server.url, bearerToken: server.token });
  const setClock = (now: string) =>
    fetch(`${server.url}/v1/sandbox/clock`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      body: JSON.stringify({ now }),
    });
  await setClock("2024-01-15T00:00:00Z");
  const prices: [string, number][] = [];
  for (let n = 0; n < PRODUCTS; n += 1) {
    prices.push([await createUsageProduct(metronome, `product ${n}`), n + 1]);
  }
  const card = await createRateCard(metronome, prices);
  const customer = await createCustomer(metronome, "bench");
  const contract = await createContract(metronome, customer, card, {
    starting_at: START,
    ending_before: END,
  });
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    await copyContract(client, { customer, contract, count: CONTRACTS });
    await setClock("2024-02-01T23:00:00Z");
    await client.query("vacuum analyze");
    const memoryBefore = await residentMb(server);
    const start = performance.now();
    const reply = await setClock(DUE);
    if (!reply.ok) throw new Error(`The run ended with ${reply.status}: ${await reply.text()}`);
    const seconds = (performance.now() - start) / 1000;
    const memoryAfter = await residentMb(server);
    const { rows } = await client.query(
      "select count(*)::int as count, count(distinct total)::int as totals from invoices where status = 'FINALIZED'",
    );
    const { count } = rows[0];
    if (count !== CONTRACTS + 1) throw new Error(`${count} invoices are final`);
    const bareSeconds = await writeBare(client);
    const ratio = bareSeconds / seconds;
    process.stdout.write(`billing run: ${count} invoices of ${PRODUCTS} lines final in ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} invoices/s
billing run: the same rows bare ${bareSeconds.toFixed(2)} s, ratio ${ratio.toFixed(3)} (at least ${LEAST_RATIO})
billing run: memory of the server ${memoryBefore} MB before, ${memoryAfter} MB after\n`);
    if (ratio < LEAST_RATIO) process.exitCode = 1;
  } finally {
    await client.end();
  }
}

interface Template {
  readonly customer: string;
  readonly contract: string;
  readonly count: number;
}

/** As many customers as are asked for, each with the template's contract, draft, jobs and some usage. */
async function copyContract(client: pg.Client, template: Template): Promise<void> {
  const { rows } = await client.query("select environment_id from customers where id = $1", [
    template.customer,
  ]);
  const environmentId = String(rows[0].environment_id);
  const parties = Array.from({ length: template.count }, () => {
    const [customerId, contractId] = [randomUUID(), randomUUID()];
    const id = invoiceId({
      environmentId,
      contractId,
      type: "USAGE",
      startingAt: instant(START),
      generation: 0,
    });
    return { customerId, contractId, id };
  });
  const lists = [
    parties.map(({ customerId }) => customerId),
    parties.map(({ contractId }) => contractId),
    parties.map(({ id }) => id),
  ];
  await client.query(
    "create temporary table parties as select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as p (customer_id, contract_id, invoice_id)",
    lists,
  );
  await copyRows(client, "customers", "source.id = $1", template.customer, { id: "customer_id" });
  await copyRows(client, "contracts", "source.id = $1", template.contract, {
    id: "contract_id",
    customer_id: "customer_id",
  });
  await copyRows(client, "invoices", "source.contract_id = $1", template.contract, {
    id: "invoice_id",
    contract_id: "contract_id",
    customer_id: "customer_id",
  });
  await client.query(`insert into core_jobs (clock, kind, key, subject, payload, due_at, max_attempts)
    select job.clock, job.kind, replace(job.key, '${template.contract}', contract_id::text),
      customer_id::text, jsonb_build_object('contractId', contract_id), job.due_at, job.max_attempts
    from core_jobs job cross join parties where job.kind = 'turn-usage-period'`);
  // Every product was used in two hours.
  await client.query(`insert into usage_rollups (metric_id, customer_ref, hour, group_hash, group_values,
      event_count, value_sum)
    select metrics.id, customer_id::text, at, md5('[]')::uuid, '{}', 3, 7.5
    from parties cross join billable_metrics metrics
      cross join (values ('2024-01-03T05:00:00Z'::timestamptz), ('2024-01-09T06:00:00Z')) as hours (at)`);
}

/** Copies one row for each party, with the columns that name it replaced. */
async function copyRows(
  client: pg.Client,
  table: string,
  where: string,
  id: string,
  replaced: Readonly<Record<string, string>>,
): Promise<void> {
  const { rows } = await client.query(
    "select column_name from information_schema.columns where table_name = $1 and table_schema = 'public' and column_name <> 'position'",
    [table],
  );
  const columns = rows.map((row) => String(row.column_name));
  const values = columns.map((column) =>
    replaced[column] === undefined ? `source.${column}` : `parties.${replaced[column]}`,
  );
  await client.query(
    `insert into ${table} (${columns.join(", ")}) select ${values.join(", ")} from ${table} source cross join parties where ${where}`,
    [id],
  );
}

/** Seconds that the same invoices take when their rows are only written. */
async function writeBare(client: pg.Client): Promise<number> {
  await client.query("create table bare (like invoices including all)");
  const { rows } = await client.query(
    "select row_to_json(invoices)::text as row from invoices where status = 'FINALIZED'",
  );
  const texts = rows.map((row) => String(row.row));
  const start = performance.now();
  for (let from = 0; from < texts.length; from += ROWS_PER_STATEMENT) {
    await client.query(
      "insert into bare overriding system value select found.* from unnest($1::text[]) as given cross join lateral json_populate_record(null::invoices, given::json) as found",
      [texts.slice(from, from + ROWS_PER_STATEMENT)],
    );
  }
  return (performance.now() - start) / 1000;
}

/** What the server has resident, in MB. */
async function residentMb({ url }: BenchServer): Promise<string> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const bytes = /^process_resident_memory_bytes\S* (\S+)$/m.exec(text)?.[1];
  return bytes === undefined ? "?" : (Number(bytes) / 1e6).toFixed(0);
}
