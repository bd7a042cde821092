import type { CoreTransaction } from "../db/database.ts";
import type { ScheduleChange } from "./commit-changes.ts";
import { type NewScheduleItem, toItemColumns } from "./scheduled-charges.ts";

/** Changes the dates at which a charge is billed. */
export async function changeChargeItems(
  tx: CoreTransaction,
  chargeId: string,
  { add, removeIds, update }: ScheduleChange<NewScheduleItem>,
): Promise<void> {
  if (removeIds.length > 0) {
    await tx
      .deleteFrom("scheduled_charge_items")
      .where("id", "in", [...removeIds])
      .execute();
  }
  for (const item of update) {
    const set = toItemColumns(item);
    await tx.updateTable("scheduled_charge_items").set(set).where("id", "=", item.id).execute();
  }
  if (add.length > 0) {
    const rows = add.map((item) => ({ scheduled_charge_id: chargeId, ...toItemColumns(item) }));
    await tx.insertInto("scheduled_charge_items").values(rows).execute();
  }
}

/** Lets a charge bill nothing any more. */
export async function archiveCharge(tx: CoreTransaction, id: string, at: string): Promise<void> {
  await tx.updateTable("scheduled_charges").set({ archived_at: at }).where("id", "=", id).execute();
}
