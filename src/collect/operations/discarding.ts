import { sql } from "kysely";
import { noFollowUps } from "../follow-ups.ts";
import type { Scope } from "../scope.ts";

/** Does work in the scope's transaction and takes everything back that it wrote; its answer stays. */
export async function discarding<Answer>(
  scope: Scope,
  work: (scope: Scope) => Promise<Answer>,
): Promise<Answer> {
  await sql`savepoint discarded`.execute(scope.tx);
  try {
    return await work({ ...scope, followUps: noFollowUps() });
  } finally {
    await sql`rollback to savepoint discarded`.execute(scope.tx);
  }
}
