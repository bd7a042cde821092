import type { CoreDb } from "../db/database.ts";
import { listFailedConnections } from "../store/connection-health.ts";

/** Accounts at providers that do not work, in words for an operator; empty when all do. */
export async function connectionHealth(db: CoreDb): Promise<string[]> {
  const failed = await listFailedConnections(db);
  return failed.map(({ provider, name, environment, reason }) =>
    `the ${provider} connection "${name}" of ${environment} has failed. ${reason ?? ""}`.trim(),
  );
}
