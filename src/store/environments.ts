import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";

export interface EnvironmentRecord {
  readonly id: string;
  readonly name: ClockName;
  readonly clientId: string;
  readonly orgId: string;
}

/** The environment of that name; both always exist. */
export async function getEnvironment(db: CoreDb, name: ClockName): Promise<EnvironmentRecord> {
  const row = await db
    .selectFrom("environments")
    .where("name", "=", name)
    .select(["id", "name", "client_id", "org_id"])
    .executeTakeFirstOrThrow();
  return { id: row.id, name: row.name, clientId: row.client_id, orgId: row.org_id };
}
