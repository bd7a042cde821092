import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { InvoiceRecord } from "./invoices.ts";

/** The invoice that took this one's place and was not taken back itself, or undefined. */
export async function findSuccessorOf(db: CoreDb, invoiceId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("invoices")
    .select("id")
    .where("regenerated_from_invoice_id", "=", invoiceId)
    .where("status", "!=", "VOID")
    .executeTakeFirst();
  return row?.id;
}

/** The number of the next invoice in this one's place: of its contract, type and period or instant. */
export async function nextGenerationOf(
  db: CoreDb,
  { contractId, type, startAt, finalizeDueAt }: InvoiceRecord,
): Promise<number> {
  const { rows } = await sql<{ next: number }>`select max(generation) + 1 as next from invoices
    where contract_id = ${contractId} and type = ${type} and payment_workflow_id is null
      and case when type = 'USAGE' then start_at = ${startAt}::timestamptz
        else finalize_due_at = ${finalizeDueAt}::timestamptz end`.execute(db);
  return rows[0]?.next ?? 0;
}

/** Notes which void invoice a draft takes the place of. */
export async function markRegenerated(
  tx: CoreTransaction,
  invoiceId: string,
  from: string,
): Promise<void> {
  await tx
    .updateTable("invoices")
    .set({ regenerated_from_invoice_id: from })
    .where("id", "=", invoiceId)
    .execute();
}
