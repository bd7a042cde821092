import { sql } from "kysely";
import type { CoreTransaction } from "../db/database.ts";

/** Does the work and answers what came of it; with `preview` everything is taken back again. */
export async function tryOut<Result>(
  tx: CoreTransaction,
  preview: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!preview) return work();
  await sql`savepoint before_preview`.execute(tx);
  const result = await work();
  await sql`rollback to savepoint before_preview`.execute(tx);
  return result;
}
