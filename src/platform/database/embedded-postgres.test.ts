import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Child, spawnNode } from "../../../test/support/child.ts";
import { isAlive } from "./embedded/postmaster.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { createTemporaryDataDir } from "./temporary-data-dir.ts";

const logger = pino({ level: "silent" });

/** A process that owns a data folder, prints its database's process id and waits. */
const OWNER = `
  import { pino } from "pino";
  import { startEmbeddedPostgres } from "./src/platform/database/embedded-postgres.ts";
  const server = await startEmbeddedPostgres({
    dataDir: process.argv[1], durable: false, logger: pino({ level: "silent" }) });
  console.log(server.pid);
  setInterval(() => {}, 1000);`;

// Real servers start here, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let root: string;
let dataDir: string;
let owners: Child[];
let servers: EmbeddedPostgres[];

beforeAll(async () => {
  root = await createTemporaryDataDir("test");
  // A private folder on the way, as /root is: mkdtemp made it 0700, and it stays so.
  dataDir = join(root, "data");
  mkdirSync(dataDir, { mode: 0o700 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  owners = [];
  servers = [];
});
/** Leaves nothing running: what a killed owner left is adopted once more, and stopped. */
afterEach(async () => {
  for (const owner of owners) await owner.kill("SIGKILL");
  if (servers.length === 0) await start();
  for (const server of servers) await server.stop();
});

/** Most tests need no durability: it costs seconds, and only a killed database loses its last commits. */
async function start(durable = false): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, logger, durable });
  servers.push(server);
  return server;
}

/** Starts an owner in a process of its own and returns it with its database's process id. */
async function startOwner(): Promise<{ owner: Child; serverPid: number }> {
  const owner = spawnNode(["--input-type=module", "-e", OWNER, dataDir]);
  owners.push(owner);
  return { owner, serverPid: Number(await owner.line()) };
}

async function query(server: EmbeddedPostgres, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url("ledgerline") });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("did not happen in time");
    await pause(50);
  }
}

test("data outlives a clean stop; secrets and cluster are private", async () => {
  const first = await start();
  await query(first, "create table if not exists kept as select 42 as answer");
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  expect(statSync(join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, "postgres", "cluster")).mode & 0o777).toBe(0o700);
  expect(await query(await start(), "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("the password is asked for and the server is on the loopback address alone", async () => {
  const server = await start(true);
  const stranger = new URL(server.url("ledgerline"));
  stranger.password = "wrong";
  const client = new pg.Client({ connectionString: stranger.toString() });
  await expect(client.connect()).rejects.toThrow("password authentication failed");
  expect(await query(server, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  expect(await query(server, "show fsync")).toEqual([{ fsync: "on" }]);
});

test("a second process on one data folder is told which variable to change", async () => {
  const { owner } = await startOwner();
  await expect(startEmbeddedPostgres({ dataDir, logger, durable: false })).rejects.toThrow(
    /Another.*DATA_DIR/,
  );
  await owner.kill("SIGKILL");
});

test("the database that a killed process left running is adopted", async () => {
  const { owner, serverPid } = await startOwner();
  await owner.kill("SIGKILL");
  expect(isAlive(serverPid)).toBe(true);
  const adopted = await start();
  expect(adopted.pid).toBe(serverPid);
  await adopted.stop();
  expect(isAlive(serverPid)).toBe(false);
});

test("after both were killed the next start recovers by itself", async () => {
  const { owner, serverPid } = await startOwner();
  await owner.kill("SIGKILL");
  process.kill(serverPid, "SIGKILL");
  const server = await start();
  expect(server.pid).not.toBe(serverPid);
  expect(await query(server, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a database that dies under a living owner is started again at the same address", async () => {
  const server = await start(true);
  const { pid } = server;
  const address = server.url("ledgerline");
  await query(server, "create table if not exists kept as select 42 as answer");
  process.kill(pid, "SIGKILL");
  await until(async () => server.pid !== pid);
  expect(server.url("ledgerline")).toBe(address);
  expect(await query(server, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("two processes that create the same data folder at once: one owns it, one is refused", async () => {
  const fresh = join(root, "fresh");
  const options = { dataDir: fresh, logger, durable: false };
  const results = await Promise.allSettled([1, 2].map(() => startEmbeddedPostgres(options)));
  const started = results.filter((result) => result.status === "fulfilled");
  expect(started).toHaveLength(1);
  for (const { value } of started) await value.stop();
});

test("a temporary folder is removed, and its database stopped, once its owner is dead", async () => {
  const program = `
    import { createTemporaryDataDir } from "./src/platform/database/temporary-data-dir.ts";
    process.argv[1] = await createTemporaryDataDir("test");
    console.log(process.argv[1]);
    ${OWNER}`;
  const owner = spawnNode(["--input-type=module", "-e", program, ""]);
  owners.push(owner);
  const folder = await owner.line();
  const serverPid = Number(await owner.line());
  rmSync(await createTemporaryDataDir("test"), { recursive: true });
  expect([existsSync(folder), isAlive(serverPid)]).toEqual([true, true]);
  await owner.kill("SIGKILL");
  rmSync(await createTemporaryDataDir("test"), { recursive: true });
  expect([existsSync(folder), isAlive(serverPid)]).toEqual([false, false]);
});
