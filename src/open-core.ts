import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { CoreDb, CoreTables } from "./db/database.ts";
import { allMigrations } from "./migrations.ts";
import { type Clock, databaseClock } from "./platform/clock/clock.ts";
import { openDatabase } from "./platform/database/database.ts";
import { startEmbeddedPostgres } from "./platform/database/embedded-postgres.ts";
import { migrate } from "./platform/database/migrate.ts";
import { createVault, type Vault } from "./platform/secrets/encryption.ts";
import { readInstanceSecrets } from "./platform/secrets/instance-secrets.ts";
import { checkKeyFingerprint } from "./platform/secrets/key-fingerprint.ts";

/** What everything else of a process stands on. */
export interface Core {
  readonly db: CoreDb;
  readonly vault: Vault;
  readonly clock: Clock;
}

const POOL_SIZE = 12;

/** The product's database: the one that was named, or the embedded one. */
async function openStorage(config: Config, logger: Logger) {
  if (config.databaseUrl !== undefined) {
    return { url: config.databaseUrl, stop: async () => {} };
  }
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, logger });
  return { url: server.url("ledgerline"), stop: () => server.stop() };
}

const credentialsKey = (config: Config): Buffer =>
  config.credentialsKey ?? readInstanceSecrets(config.dataDir).credentialsKey;

/**
 * Opens the database, brings it up to date, and checks that the key fits it. What has to be closed is
 * added to `closers` as soon as it is open.
 */
export async function openCore(
  config: Config,
  logger: Logger,
  closers: (() => Promise<unknown>)[],
): Promise<Core> {
  const storage = await openStorage(config, logger);
  closers.push(storage.stop);
  const { db } = openDatabase<CoreTables>({ url: storage.url, maxConnections: POOL_SIZE });
  closers.push(() => db.destroy());
  await migrate(db, allMigrations);
  const vault = createVault(credentialsKey(config));
  await checkKeyFingerprint(db, vault.fingerprint);
  return { db, vault, clock: databaseClock(db) };
}
