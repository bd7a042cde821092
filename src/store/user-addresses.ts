import type { CoreDb } from "../db/database.ts";

/** The mail addresses of those of these users that were not deleted, each once, in a fixed order. */
export async function listUserAddresses(
  db: CoreDb,
  environmentId: string,
  userIds: readonly string[],
): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await db
    .selectFrom("organization_users")
    .select("email")
    .distinct()
    .where("environment_id", "=", environmentId)
    .where("id", "in", [...userIds])
    .where("archived_at", "is", null)
    .orderBy("email")
    .execute();
  return rows.map(({ email }) => email);
}
