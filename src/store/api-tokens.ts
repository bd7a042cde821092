import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly environment: {
    readonly id: string;
    readonly name: ClockName;
    readonly clientId: string;
    readonly orgId: string;
  };
}

/** The token with this hash, with the environment it is bound to, unless it was revoked. */
export const findToken = (db: CoreDb, tokenHash: Buffer): Promise<TokenRecord | undefined> =>
  findLive(db, "token_hash", tokenHash);

/** The token of this id, as findToken finds it. */
export const findTokenById = (db: CoreDb, id: string): Promise<TokenRecord | undefined> =>
  findLive(db, "api_tokens.id", id);

async function findLive(
  db: CoreDb,
  column: "token_hash" | "api_tokens.id",
  value: Buffer | string,
): Promise<TokenRecord | undefined> {
  const row = await db
    .selectFrom("api_tokens")
    .innerJoin("environments", "environments.id", "api_tokens.environment_id")
    .where(column, "=", value)
    .where("revoked_at", "is", null)
    .select([
      "api_tokens.id",
      "api_tokens.name",
      "environments.id as environment_id",
      "environments.name as environment_name",
      "client_id",
      "org_id",
    ])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    name: row.name,
    environment: {
      id: row.environment_id,
      name: row.environment_name,
      clientId: row.client_id,
      orgId: row.org_id,
    },
  };
}

/** Makes this hash the only token of that name in the environment. Safe to repeat. */
export async function replaceToken(
  db: CoreDb,
  environmentId: string,
  name: string,
  tokenHash: Buffer,
  revokedAt: string,
): Promise<void> {
  await db
    .updateTable("api_tokens")
    .set({ revoked_at: revokedAt })
    .where("environment_id", "=", environmentId)
    .where("name", "=", name)
    .where("token_hash", "!=", tokenHash)
    .where("revoked_at", "is", null)
    .execute();
  await db
    .insertInto("api_tokens")
    .values({ environment_id: environmentId, name, token_hash: tokenHash })
    .onConflict((conflict) => conflict.column("token_hash").doUpdateSet({ revoked_at: null }))
    .execute();
}

/** True when the environment has a token of that name that still works. */
export async function hasToken(db: CoreDb, environmentId: string, name: string): Promise<boolean> {
  const row = await db
    .selectFrom("api_tokens")
    .where("environment_id", "=", environmentId)
    .where("name", "=", name)
    .where("revoked_at", "is", null)
    .select("id")
    .executeTakeFirst();
  return row !== undefined;
}
