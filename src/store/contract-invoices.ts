import type { CoreDb } from "../db/database.ts";

/** Where the last finalized usage invoice of a contract ends; undefined when there is none. */
export const findLastFinalizedEnd = (db: CoreDb, contractId: string) =>
  findLastEnd(db, contractId, ["FINALIZED"]);

/** As findLastFinalizedEnd, void invoices included: no draft bills that time any more. */
export const findLastClosedEnd = (db: CoreDb, contractId: string) =>
  findLastEnd(db, contractId, ["FINALIZED", "VOID"]);

async function findLastEnd(
  db: CoreDb,
  contractId: string,
  statuses: ("FINALIZED" | "VOID")[],
): Promise<string | undefined> {
  const row = await db
    .selectFrom("invoices")
    .select("end_at")
    .where("contract_id", "=", contractId)
    .where("type", "=", "USAGE")
    .where("status", "in", statuses)
    .where("end_at", "is not", null)
    .orderBy("end_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.end_at ?? undefined;
}
