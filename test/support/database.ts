import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { runSql, withDatabase } from "./admin-sql.ts";

export interface TestDatabase {
  readonly url: string;
  /** Removes the database, ending sessions that are still open. */
  drop(): Promise<void>;
}

/** A migrated, empty database of the run's server, for the caller alone. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = inject("databaseAdminUrl");
  const name = `ledgerline_test_${randomBytes(6).toString("hex")}`;
  await runSql(adminUrl, `create database ${name} template ${inject("databaseTemplate")}`);
  return {
    url: withDatabase(adminUrl, name),
    drop: () => runSql(adminUrl, `drop database if exists ${name} with (force)`),
  };
}
