import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { LINE_ITEM } from "../src/store/exports/invoice-tables.ts";
import { type BenchServer, startBenchServer } from "./bench-server.ts";
import { copyOut } from "./copy-out.ts";

const INVOICES = 10_000;
const LINES = 100;
const ROWS = INVOICES * LINES;
const POLL_MS = 50;

// biome-ignore lint/suspicious/noExplicitAny: replies of several shapes.
type Data = any;

async function ask(
  { url, token }: BenchServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<Data> {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: Data = await reply.json();
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${JSON.stringify(json)}`);
  return json.data;
}

/** Lines as finalizing writes them: a product, groups, a window, a commit now and then. */
const LINE = `jsonb_build_object('lineKey', 'usage/' || n, 'type', 'usage', 'name', 'Tokens of model ' || n % 7,
  'creditTypeId', '2714e483-4ff1-48e4-9e25-ac732e8f24f2', 'total', (n * 0.000331)::text,
  'quantity', n::text, 'unitPrice', '0.000331', 'productId', gen_random_uuid(),
  'productType', 'USAGE', 'productTags', '[]'::jsonb, 'startingAt', '2024-01-01T00:00:00Z',
  'endingBefore', '2024-02-01T00:00:00Z', 'pricingGroupValues', jsonb_build_object('region', 'eu-west-' || n % 3),
  'presentationGroupValues', null, 'tier', null,
  'commit', case when n % 10 = 0 then jsonb_build_object('commitId', gen_random_uuid(),
    'segmentId', gen_random_uuid(), 'type', 'PREPAID') end,
  'purchasedCommitId', null, 'scheduledChargeId', null, 'subscription', null, 'scheduleItemId', null)`;

async function fill(server: BenchServer): Promise<string> {
  const customer = await ask(server, "POST", "/v1/customers", { name: "Bench" });
  const contract = await ask(server, "POST", "/v1/contracts/create", {
    customer_id: customer.id,
    starting_at: "2024-01-01T00:00:00Z",
  });
  const client = new pg.Client(server.databaseUrl);
  await client.connect();
  await client.query(
    `insert into invoices (id, environment_id, customer_id, contract_id, type, status, credit_type_id,
        issued_at, finalize_due_at, finalized_at, subtotal, total, lines, content_hash, created_at)
      select gen_random_uuid(), environment_id, customer_id, id, 'SCHEDULED', 'FINALIZED', fiat_credit_type_id,
        now(), '2024-01-01'::timestamptz + i * interval '1 second', now(), 1, 1,
        (select jsonb_agg(${LINE}) from generate_series(1, ${LINES}) n where i = i), 'bench', now()
      from contracts, generate_series(1, ${INVOICES}) i where id = $1`,
    [contract.id],
  );
  await client.query("analyze invoices");
  const { rows } = await client.query("select environment_id from contracts where id = $1", [
    contract.id,
  ]);
  await client.end();
  return rows[0].environment_id;
}

/** The most memory that a process ever had, in megabytes. */
function peakMemory(pid: number): number {
  const [, kilobytes = "0"] =
    /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

async function exportLines(server: BenchServer, format: string): Promise<number> {
  const { id } = await ask(server, "POST", "/v1/exports/destinations", {
    name: format,
    kind: "folder",
    format,
    tables: ["line_item"],
    settings: { folder: format },
  });
  const start = performance.now();
  let run = await ask(server, "POST", `/v1/exports/destinations/${id}/run`, {});
  while (run.status === "QUEUED" || run.status === "RUNNING") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    run = await ask(server, "GET", `/v1/exports/${run.id}`);
  }
  const [table] = run.tables;
  if (run.status !== "COMPLETED" || table.rows !== ROWS) {
    throw new Error(
      `export ended as ${run.status} with ${table.rows} rows: ${JSON.stringify(run.error)}`,
    );
  }
  return (performance.now() - start) / 1000;
}

const perSecond = (seconds: number): string => Math.trunc(ROWS / seconds).toLocaleString("en-US");

/** Exports a million lines into files, against a bare copy of the same rows out of the same database. */
export async function benchExport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ledgerline-bench-"));
  const server = await startBenchServer({ EXPORT_DIR: folder });
  try {
    const environmentId = await fill(server);
    const [lane] = LINE_ITEM.lanes;
    const columns = LINE_ITEM.columns.map(({ expression }) => expression).join(", ");
    const select = `select ${columns} from ${lane?.from} ${lane?.parts?.join} where ${lane?.where} and ${lane?.environment} = '${environmentId}'`;
    await copyOut(server.databaseUrl, select);
    const copied = await copyOut(server.databaseUrl, select);
    process.stdout.write(`export: bare copy of ${ROWS} lines ${perSecond(copied.seconds)}/s
export: server before ${peakMemory(server.pid).toFixed(0)} MB at most\n`);
    for (const format of ["parquet", "csv"]) {
      const seconds = await exportLines(server, format);
      const ratio = (copied.seconds / seconds).toFixed(2);
      const peak = peakMemory(server.pid).toFixed(0);
      process.stdout.write(
        `export: ${format} ${perSecond(seconds)}/s, ${ratio} of the copy, ${peak} MB at most\n`,
      );
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
