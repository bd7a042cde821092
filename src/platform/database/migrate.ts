import { type Kysely, sql } from "kysely";

/** One forward step of the schema. `name` is unique and orders nothing: the list does. */
export interface Migration {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a migration runs against the schema as it was then.
  up(db: Kysely<any>): Promise<void>;
}

/** Any number that no other user of this database takes for an advisory lock. */
const MIGRATION_LOCK = 5_164_278_551_123n;

/**
 * Brings the schema up to date, each migration in a transaction of its own, all of them under one
 * lock so that several processes may start at once. Refuses a database that is newer than the code.
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  migrations: readonly Migration[],
): Promise<string[]> {
  return db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK}::bigint)`.execute(connection);
    try {
      return await applyPending(connection, migrations);
    } finally {
      await sql`select pg_advisory_unlock(${MIGRATION_LOCK}::bigint)`.execute(connection);
    }
  });
}

async function applyPending<Tables>(
  db: Kysely<Tables>,
  migrations: readonly Migration[],
): Promise<string[]> {
  await sql`create table if not exists schema_migrations (
    name text primary key, applied_at timestamptz not null default now())`.execute(db);
  const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(db);
  const applied = new Set(rows.map((row) => row.name));
  const known = new Set(migrations.map((migration) => migration.name));
  const newer = [...applied].filter((name) => !known.has(name));
  if (newer.length > 0) {
    throw new Error(
      `The database was migrated by a newer version of Ledgerline (${newer.join(", ")}). Start that version instead.`,
    );
  }
  const pending = migrations.filter((migration) => !applied.has(migration.name));
  for (const migration of pending) {
    await db.transaction().execute(async (tx) => {
      await migration.up(tx);
      await sql`insert into schema_migrations (name) values (${migration.name})`.execute(tx);
    });
  }
  return pending.map((migration) => migration.name);
}
