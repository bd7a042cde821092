import type { CoreDb } from "../db/database.ts";
import type { Connection } from "./connection.ts";

/** What of these connections is no secret, deleted or not, by id. */
export async function listConnectionsById(
  db: CoreDb,
  environmentId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Pick<Connection, "id" | "provider" | "builtIn" | "settings">>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("connections")
    .select(["id", "provider", "built_in as builtIn", "settings"])
    .where("environment_id", "=", environmentId)
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
