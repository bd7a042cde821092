import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ScheduledCharge, ScheduleItem } from "../domain/contracts/contract.ts";
import { dec } from "../domain/decimal.ts";
import { instant } from "../domain/time.ts";

/** A dated amount to store; decimals are text in the wire unit of the credit type. */
export interface NewScheduleItem {
  readonly at: string;
  readonly unitPrice: string;
  readonly quantity: string;
  readonly amount: string;
}

export interface NewScheduledCharge {
  readonly contractId: string;
  readonly productId: string;
  readonly name: string | null;
  readonly creditTypeId: string;
  readonly items: readonly NewScheduleItem[];
}

/** Adds a scheduled charge with its items and returns its id. */
export async function insertScheduledCharge(
  tx: CoreTransaction,
  charge: NewScheduledCharge,
): Promise<string> {
  const { id } = await tx
    .insertInto("scheduled_charges")
    .values({
      contract_id: charge.contractId,
      product_id: charge.productId,
      name: charge.name,
      credit_type_id: charge.creditTypeId,
      archived_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  if (charge.items.length > 0) {
    await tx
      .insertInto("scheduled_charge_items")
      .values(charge.items.map((item) => ({ scheduled_charge_id: id, ...toItemColumns(item) })))
      .execute();
  }
  return id;
}

/** The columns that items of charges and of commit purchases have in common. */
export const toItemColumns = (item: NewScheduleItem) => ({
  charged_at: item.at,
  unit_price: item.unitPrice,
  quantity: item.quantity,
  amount: item.amount,
});

interface ItemRow {
  id: string;
  charged_at: string;
  unit_price: string;
  quantity: string;
  amount: string;
}

/** An item of a charge or of a commit purchase as rating sees it. */
export const toScheduleItem = (row: ItemRow): ScheduleItem => ({
  id: row.id,
  at: instant(row.charged_at),
  unitPrice: dec(row.unit_price),
  quantity: dec(row.quantity),
  amount: dec(row.amount),
});

/** The scheduled charges of these contracts that are not archived, by contract, items by date. */
export async function listScheduledCharges(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ScheduledCharge[]>> {
  if (contractIds.length === 0) return new Map();
  const charges = await db
    .selectFrom("scheduled_charges")
    .selectAll()
    .where("contract_id", "in", [...contractIds])
    .where("archived_at", "is", null)
    .orderBy("position")
    .execute();
  const chargeIds = charges.map((charge) => charge.id);
  const items =
    chargeIds.length === 0
      ? []
      : await db
          .selectFrom("scheduled_charge_items")
          .selectAll()
          .where("scheduled_charge_id", "in", chargeIds)
          .orderBy("charged_at")
          .orderBy("position")
          .execute();
  const itemsByCharge = Map.groupBy(items, (item) => item.scheduled_charge_id);
  const byContract = Map.groupBy(charges, (charge) => charge.contract_id);
  return new Map(
    [...byContract].map(([contractId, rows]) => [
      contractId,
      rows.map(
        (row): ScheduledCharge => ({
          id: row.id,
          name: row.name,
          productId: row.product_id,
          creditTypeId: row.credit_type_id,
          items: (itemsByCharge.get(row.id) ?? []).map(toScheduleItem),
        }),
      ),
    ]),
  );
}
