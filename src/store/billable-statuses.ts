import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { BillableStatusChange } from "../domain/invoices/billable-status.ts";

/** From this instant on the customer's invoices are billable, or are not. Replaces the same instant's. */
export async function upsertBillableStatus(
  tx: CoreTransaction,
  customerId: string,
  { status, effectiveAt }: BillableStatusChange,
): Promise<void> {
  await tx
    .insertInto("customer_billable_statuses")
    .values({ customer_id: customerId, effective_at: effectiveAt, billable_status: status })
    .onConflict((conflict) =>
      conflict.columns(["customer_id", "effective_at"]).doUpdateSet({ billable_status: status }),
    )
    .execute();
}

/** Every change of a customer's status, oldest first. */
export async function listBillableStatuses(
  db: CoreDb,
  customerId: string,
): Promise<BillableStatusChange[]> {
  const rows = await db
    .selectFrom("customer_billable_statuses")
    .select(["billable_status", "effective_at"])
    .where("customer_id", "=", customerId)
    .orderBy("effective_at")
    .execute();
  return rows.map((row) => ({ status: row.billable_status, effectiveAt: row.effective_at }));
}
