import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { LINE_ITEM } from "../src/store/exports/invoice-tables.ts";
import { type BenchServer, startBenchServer } from "./bench-server.ts";
import { copyOut } from "./copy-out.ts";

/** Lines of one invoice. */
const LINES = 100;
/** Memory is read at each of these, to see that it does not grow with them; speed at the last. */
const SIZES = [250_000, 500_000, 1_000_000];
const ROWS = 1_000_000;
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

/** Signs the contract whose invoices are exported; answers its id. */
async function signContract(server: BenchServer): Promise<string> {
  const customer = await ask(server, "POST", "/v1/customers", { name: "Bench" });
  const contract = await ask(server, "POST", "/v1/contracts/create", {
    customer_id: customer.id,
    starting_at: "2024-01-01T00:00:00Z",
  });
  return contract.id;
}

/** Adds invoices until there are so many lines; answers their environment. */
async function fill(server: BenchServer, contractId: string, lines: number): Promise<string> {
  const client = new pg.Client(server.databaseUrl);
  await client.connect();
  await client.query(
    `insert into invoices (id, environment_id, customer_id, contract_id, type, status, credit_type_id,
        issued_at, finalize_due_at, finalized_at, subtotal, total, lines, content_hash, created_at)
      select gen_random_uuid(), environment_id, customer_id, id, 'SCHEDULED', 'FINALIZED', fiat_credit_type_id,
        now(), '2024-01-01'::timestamptz + i * interval '1 second', now(), 1, 1,
        (select jsonb_agg(${LINE}) from generate_series(1, ${LINES}) n where i = i), 'bench', now()
      from contracts,
        generate_series((select count(*) from invoices) + 1, ${lines / LINES}) i where id = $1`,
    [contractId],
  );
  await client.query("analyze invoices");
  const { rows } = await client.query("select environment_id from contracts where id = $1", [
    contractId,
  ]);
  await client.end();
  return rows[0].environment_id;
}

/** Lets the most memory of a process be what it has from now on. */
const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, "5");

/** The most memory that a process had, in megabytes. */
function peakMemory(pid: number): number {
  const [, kilobytes = "0"] =
    /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

/** Exports all lines, of which there must be so many; answers the seconds it took. */
async function exportLines(server: BenchServer, format: string, lines: number): Promise<number> {
  forgetPeak(server.pid);
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
  if (run.status !== "COMPLETED" || table.rows !== lines) {
    throw new Error(
      `export ended as ${run.status} with ${table.rows} rows: ${JSON.stringify(run.error)}`,
    );
  }
  return (performance.now() - start) / 1000;
}

const FORMATS = ["parquet", "csv"];

const say = (text: string): boolean => process.stdout.write(`export: ${text}\n`);

const perSecond = (seconds: number): string => Math.trunc(ROWS / seconds).toLocaleString("en-US");

/** Exports a million lines into files, against a bare copy of the same rows out of the same database. */
export async function benchExport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ledgerline-bench-"));
  const server = await startBenchServer({ EXPORT_DIR: folder });
  try {
    const contractId = await signContract(server);
    let environmentId = "";
    for (const lines of SIZES) {
      environmentId = await fill(server, contractId, lines);
      for (const format of lines === ROWS ? [] : FORMATS) {
        await exportLines(server, format, lines);
        say(`${format} of ${lines} lines, ${peakMemory(server.pid).toFixed(0)} MB at most`);
      }
    }
    const [lane] = LINE_ITEM.lanes;
    const columns = LINE_ITEM.columns.map(({ expression }) => expression).join(", ");
    const select = `select ${columns} from ${lane?.from} ${lane?.parts?.join} where ${lane?.where} and ${lane?.environment} = '${environmentId}'`;
    await copyOut(server.databaseUrl, select);
    const copied = await copyOut(server.databaseUrl, select);
    say(`bare copy of ${ROWS} lines ${perSecond(copied.seconds)}/s`);
    for (const format of FORMATS) {
      const seconds = await exportLines(server, format, ROWS);
      const ratio = (copied.seconds / seconds).toFixed(2);
      const peak = peakMemory(server.pid).toFixed(0);
      say(`${format} ${perSecond(seconds)}/s, ${ratio} of the copy, ${peak} MB at most`);
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
