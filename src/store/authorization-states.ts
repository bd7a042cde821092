import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** How long a person may take to consent. */
const LIFE_SECONDS = 600;
/** So long it is still known that one was used, or ended. */
const KEPT_DAYS = 2;

/** Keeps a state that was given out, by its hash, and forgets those of days ago. Real time. */
export async function insertAuthorizationState(
  db: CoreDb,
  state: {
    readonly hash: Buffer;
    readonly environmentId: string;
    readonly connectionId: string;
  },
): Promise<void> {
  await sql`delete from authorization_states
    where expires_at < clock_timestamp() - ${KEPT_DAYS} * interval '1 day'`.execute(db);
  await sql`insert into authorization_states (state_hash, environment_id, connection_id, expires_at)
    values (${state.hash}, ${state.environmentId}, ${state.connectionId},
      clock_timestamp() + ${LIFE_SECONDS} * interval '1 second')`.execute(db);
}

export type UsedState =
  | { readonly outcome: "fresh"; readonly environmentId: string; readonly connectionId: string }
  | { readonly outcome: "unknown" | "used" | "expired" };

/** Uses a state up: whoever asks first has it, and nobody after. */
export async function useAuthorizationState(db: CoreDb, hash: Buffer): Promise<UsedState> {
  const { rows } = await sql<{ environment_id: string; connection_id: string; is_live: boolean }>`
    update authorization_states set used_at = clock_timestamp()
    where state_hash = ${hash} and used_at is null
    returning environment_id, connection_id, expires_at > clock_timestamp() as is_live`.execute(db);
  const [row] = rows;
  if (row !== undefined) {
    const { environment_id: environmentId, connection_id: connectionId } = row;
    return row.is_live ? { outcome: "fresh", environmentId, connectionId } : { outcome: "expired" };
  }
  const known = await db
    .selectFrom("authorization_states")
    .select("used_at")
    .where("state_hash", "=", hash)
    .executeTakeFirst();
  return { outcome: known === undefined ? "unknown" : "used" };
}
