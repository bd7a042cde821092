import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { readInstanceSecrets } from "../secrets/instance-secrets.ts";
import { findPostgresBinaries } from "./embedded/binaries.ts";
import { type ClusterHome, createCluster, createHome, DATABASE_USER } from "./embedded/cluster.ts";
import { connect, ensureRunning } from "./embedded/ensure-running.ts";
import { stopPostmaster } from "./embedded/postmaster.ts";
import { postgresUser } from "./embedded/system-user.ts";

export interface EmbeddedPostgresOptions {
  /** The database lives in `dataDir/postgres`; its password in `dataDir/secrets.json`. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** False only for throw-away databases: faster, and lost when the machine crashes. Default true. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  /** Connection address of one database of this server. */
  url(databaseName: string): string;
  /** Process id of the server that runs now. */
  readonly pid: number;
  /** Stops the server cleanly and gives the data folder free. */
  stop(): Promise<void>;
}

const DATABASE_NAME = "ledgerline";
/** Held in database `postgres` by the process that owns the data folder. Any fixed number will do. */
const OWNER_LOCK = "5164278551124";
/** A killed owner's session ends within moments; so long is waited for that. */
const OWNER_PATIENCE_MS = 3000;
const RESTART_PAUSE_MS = 500;

/**
 * Takes the data folder: the lock is a session's, so it goes when its owner dies, however that
 * happens, and two starting processes cannot both have it.
 */
async function takeOwnership(session: pg.Client, dataDir: string): Promise<void> {
  const deadline = Date.now() + OWNER_PATIENCE_MS;
  for (;;) {
    const { rows } = await session.query(`select pg_try_advisory_lock(${OWNER_LOCK}) as taken`);
    if (rows[0]?.taken === true) return;
    if (Date.now() > deadline) {
      throw new Error(
        `Another Ledgerline process is using DATA_DIR ${dataDir}. Stop it, or start this one with another DATA_DIR (several processes share a database through DATABASE_URL).`,
      );
    }
    await pause(50);
  }
}

async function createDatabase(session: pg.Client): Promise<void> {
  const { rowCount } = await session.query("select 1 from pg_database where datname = $1", [
    DATABASE_NAME,
  ]);
  if (rowCount === 0) await session.query(`create database ${DATABASE_NAME}`);
}

function prepareHome(dataDir: string): ClusterHome {
  const user = postgresUser();
  // Secrets are protected by their own mode; the database's user must be able to pass through.
  if (user !== undefined) chmodSync(dataDir, 0o711);
  const home = { folder: join(dataDir, "postgres"), user, binaries: findPostgresBinaries(user) };
  createHome(home);
  return home;
}

/**
 * Starts the Postgres server that lives in `dataDir`, creating it on the first start, or adopts the
 * one that a killed process left running there; then keeps it running (a server that dies is
 * started again on the same port) until `stop`. Throws when another process owns the folder.
 *
 * The package's own class is not used: it installs exit hooks that stop the database on signals
 * before we have finished with it, cannot adopt a running server, and needs a fixed port.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { logger, durable = true } = options;
  const dataDir = resolve(options.dataDir);
  const { databasePassword: password } = readInstanceSecrets(dataDir);
  const home = prepareHome(dataDir);
  await createCluster(home, password, durable);

  let stopping = false;
  let running = await ensureRunning({ home, password, durable, logger, port: undefined });
  let session = await openSession();

  async function openSession(): Promise<pg.Client> {
    const opened = await connect(running.port, password);
    try {
      await takeOwnership(opened, dataDir);
      await createDatabase(opened);
    } catch (error) {
      await opened.end();
      throw error;
    }
    opened.once("end", () => void revive());
    return opened;
  }

  async function revive(): Promise<void> {
    while (!stopping) {
      logger.error("the embedded database went away, starting it again");
      try {
        running = await ensureRunning({ home, password, durable, logger, port: running.port });
        session = await openSession();
        if (stopping) await close();
        return;
      } catch (error) {
        logger.error({ err: error }, "the embedded database could not be started again");
        await pause(RESTART_PAUSE_MS);
      }
    }
  }

  async function close(): Promise<void> {
    stopping = true;
    await stopPostmaster(running.pid);
    await session.end().catch(() => {});
  }

  return {
    url: (name) =>
      `postgres://${DATABASE_USER}:${password}@127.0.0.1:${running.port}/${encodeURIComponent(name)}`,
    get pid() {
      return running.pid;
    },
    stop: close,
  };
}
