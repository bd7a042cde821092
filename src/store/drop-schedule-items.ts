import type { CoreTransaction } from "../db/database.ts";

/** Takes items out of the schedules of charges and of commit purchases, whichever they stand in. */
export async function dropScheduleItems(
  tx: CoreTransaction,
  itemIds: readonly string[],
): Promise<void> {
  if (itemIds.length === 0) return;
  await tx
    .deleteFrom("scheduled_charge_items")
    .where("id", "in", [...itemIds])
    .execute();
  await tx
    .deleteFrom("commit_invoice_items")
    .where("id", "in", [...itemIds])
    .execute();
}
