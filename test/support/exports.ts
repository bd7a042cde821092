import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { type Kysely, sql } from "kysely";
import type { TestServer } from "./server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
type Body = any;
export type Table = Record<string, Body>[];

/**
 * Waits until nothing that runs on the database server began before what was committed so far: an export
 * leaves such rows for the next one, and the suites of other files run on the same server.
 */
export async function settle(db: Kysely<never>): Promise<void> {
  const { rows } = await sql<{ xid: string }>`select pg_current_xact_id()::text as xid`.execute(db);
  for (let n = 0; n < 600; n += 1) {
    const { rows: found } = await sql<{ settled: boolean }>`
      select pg_snapshot_xmin(pg_current_snapshot()) > ${rows[0]?.xid}::xid8 as settled`.execute(
      db,
    );
    if (found[0]?.settled) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("a transaction on the database server does not end");
}

/** Requests about exports, of which each must succeed. `db`: exports wait for what others have open. */
export function openExports({
  send,
  db,
}: Pick<TestServer, "send"> & Partial<Pick<TestServer, "db">>) {
  async function ask(method: string, path: string, json?: unknown): Promise<Body> {
    const reply = await send(method, `/v1/exports${path}`, json);
    if (reply.status !== 200) {
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    return reply.body.data;
  }

  /** The run when it has ended, or so far as it has come. */
  async function waitFor(
    id: string,
    statuses: readonly string[] = ["COMPLETED", "FAILED", "CANCELED"],
  ): Promise<Body> {
    for (let n = 0; n < 600; n += 1) {
      const run = await ask("GET", `/${id}`);
      if (statuses.includes(run.status)) return run;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`export ${id} did not come to ${statuses.join(", ")}`);
  }

  return {
    ask,
    waitFor,
    create: (destination: unknown): Promise<Body> => ask("POST", "/destinations", destination),
    /** Exports now, or once everything is settled; the run must end well. */
    async run(destinationId: string, { now = false } = {}): Promise<Body> {
      if (db !== undefined && !now) await settle(db as unknown as Kysely<never>);
      const { id } = await ask("POST", `/destinations/${destinationId}/run`);
      const run = await waitFor(id);
      if (run.status !== "COMPLETED") throw new Error(JSON.stringify(run.error));
      return run;
    },
  };
}

/** What the server says it cannot do, in one text. */
export async function readDegraded({ url }: Pick<TestServer, "url">): Promise<string> {
  const reply: Body = await (await fetch(`${url}/health/ready`)).json();
  return reply.degraded.join("\n");
}

const toArrayBuffer = (bytes: Buffer): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;

/** The rows of a Parquet file. */
export const readParquet = (bytes: Buffer): Promise<Table> =>
  parquetReadObjects({ file: toArrayBuffer(bytes) });

/** What a run wrote of one table into a folder, after the hashes were checked. */
export async function readExported(root: string, run: Body, table: string): Promise<Table> {
  const rows: Table = [];
  for (const file of run.files.filter((each: Body) => each.table === table)) {
    const bytes = await readFile(join(root, file.path));
    const hash = createHash("sha256").update(bytes).digest("hex");
    if (hash !== file.sha256 || bytes.length !== file.bytes) {
      throw new Error(`${file.path} is not what the run says it wrote`);
    }
    rows.push(...(await readParquet(bytes)));
  }
  return rows;
}
