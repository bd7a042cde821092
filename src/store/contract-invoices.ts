import type { CoreDb } from "../db/database.ts";

/** Where the last finalized usage invoice of a contract ends; undefined when there is none. */
export async function findLastFinalizedEnd(
  db: CoreDb,
  contractId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("invoices")
    .select("end_at")
    .where("contract_id", "=", contractId)
    .where("type", "=", "USAGE")
    .where("status", "=", "FINALIZED")
    .where("end_at", "is not", null)
    .orderBy("end_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.end_at ?? undefined;
}
