import type { CoreDb } from "../db/database.ts";
import type { StoredStep } from "../domain/invoices/stored-step.ts";

/** The steps to each line's amount, by line key, as they were frozen. Empty for a draft. */
export async function findTraces(
  db: CoreDb,
  invoiceId: string,
): Promise<Readonly<Record<string, readonly StoredStep[]>>> {
  const row = await db
    .selectFrom("invoices")
    .select("traces")
    .where("id", "=", invoiceId)
    .executeTakeFirst();
  return row?.traces ?? {};
}
