import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { sqlState } from "../database.ts";
import { type ClusterHome, clusterFolder, DATABASE_USER } from "./cluster.ts";
import { findPostmaster, isAlive, logTail, spawnPostmaster, stopPostmaster } from "./postmaster.ts";

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

export interface EnsureOptions {
  readonly home: ClusterHome;
  readonly password: string;
  readonly durable: boolean;
  readonly logger: Logger;
  /** The port that our connections know; undefined = any free one. */
  readonly port: number | undefined;
}

const STARTS = 5;
const POLL_MS = 20;
/** Replaying the log after a crash is bounded by max_wal_size; a slow disk may need a while. */
const ANSWER_TIMEOUT_MS = 120_000;
/** How long a server found running may be silent before it is taken for stuck. */
const ADOPT_TIMEOUT_MS = 15_000;
const CANNOT_CONNECT_NOW = "57P03";
const INVALID_PASSWORD = "28P01";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** A session in the maintenance database. */
export async function connect(port: number, password: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: DATABASE_USER,
    password,
    database: "postgres",
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    application_name: "ledgerline owner",
  });
  // A broken session is noticed by its "end"; without a listener the error would end the process.
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** True when the server answered, false when it ended or stayed silent for too long. */
async function waitForAnswer(
  server: RunningServer,
  password: string,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(server.pid)) {
    try {
      const client = await connect(server.port, password);
      await client.end();
      return true;
    } catch (error) {
      if (sqlState(error) === INVALID_PASSWORD) {
        throw new Error(
          "secrets.json in DATA_DIR does not fit the database beside it: restore the one it was created with.",
        );
      }
      if (Date.now() > deadline && sqlState(error) !== CANNOT_CONNECT_NOW) return false;
    }
    await pause(POLL_MS);
  }
  return false;
}

/** The server a killed process left running, when it answers; a stuck one is stopped. */
async function adopt({
  home,
  password,
  logger,
}: EnsureOptions): Promise<RunningServer | undefined> {
  const found = findPostmaster(clusterFolder(home));
  if (found === undefined) return undefined;
  if (found.port !== undefined) {
    const server = { pid: found.pid, port: found.port };
    if (await waitForAnswer(server, password, ADOPT_TIMEOUT_MS)) {
      logger.info({ pid: found.pid }, "adopted the embedded database that was still running");
      return server;
    }
  }
  if (isAlive(found.pid)) await stopPostmaster(found.pid);
  return undefined;
}

/**
 * Makes sure that a server runs on this cluster and answers: the one that is there, or a new one. A
 * refused start is tried again: remains of a killed server need a moment to go.
 */
export async function ensureRunning(options: EnsureOptions): Promise<RunningServer> {
  const { home, password, durable, logger } = options;
  for (let start = 1; start <= STARTS; start += 1) {
    const adopted = await adopt(options);
    if (adopted !== undefined) return adopted;
    const port = options.port ?? (await freePort());
    const child = spawnPostmaster(home, port, durable);
    let ended = child.pid === undefined;
    child.once("exit", () => {
      ended = true;
    });
    const server = { pid: child.pid ?? 0, port };
    const answered = !ended && (await waitForAnswer(server, password, ANSWER_TIMEOUT_MS));
    if (answered && findPostmaster(clusterFolder(home))?.pid === server.pid) return server;
    logger.warn({ start, log: logTail(home) }, "the embedded database refused to start");
    if (!ended) await stopPostmaster(server.pid);
    await pause(200 * start);
  }
  throw new Error(
    `The embedded database in ${home.folder} does not start. Its log says:\n${logTail(home)}`,
  );
}
