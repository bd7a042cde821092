import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { notFound } from "../errors.ts";

export interface UsageCustomersQuery {
  readonly environmentId: string;
  /** All that are not archived when left out. */
  readonly ids: readonly string[] | undefined;
  /** Position to start at. */
  readonly from: bigint | undefined;
  readonly limit: number;
}

/** Customers in order of creation. Throws not found when a named one does not exist. */
export async function listUsageCustomers(
  db: CoreDb,
  { environmentId, ids, from, limit }: UsageCustomersQuery,
): Promise<{ id: string; position: bigint }[]> {
  const inEnvironment = db
    .selectFrom("customers")
    .where("environment_id", "=", environmentId)
    .select(["id", "position"])
    .orderBy("position");
  const fromPosition = from ?? 0n;
  if (ids === undefined) {
    return inEnvironment
      .where("archived_at", "is", null)
      .where("position", ">=", fromPosition)
      .limit(limit)
      .execute();
  }
  const rows = await inEnvironment.where("id", "=", sql<string>`any(${ids}::uuid[])`).execute();
  const known = new Set(rows.map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw notFound("customer", missing);
  return rows.filter(({ position }) => position >= fromPosition).slice(0, limit);
}
