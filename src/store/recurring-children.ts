import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { LEDGER_PREFIX } from "../domain/commits/ledger.ts";
import { toText } from "../domain/decimal.ts";
import {
  type ChildPlan,
  childIds,
  plannedAmount,
  plannedPurchase,
} from "../domain/recurring/child-plan.ts";
import type { PoolIncrease } from "../domain/recurring/pool-increases.ts";
import { seatSegments } from "../domain/recurring/seat-segments.ts";
import { instantText } from "../domain/time.ts";
import { fromChildPlan, toChildPlan } from "./child-plans.ts";
import { changeInvoiceItems } from "./commit-changes.ts";
import type { RecurringCommitRow } from "./recurring-commits.ts";
import { deleteRolloversOf } from "./rollover-commits.ts";
import { type NewScheduleItem, toItemColumns } from "./scheduled-charges.ts";
import { removeOtherSeatSegments, upsertSeatSegments } from "./seat-segments.ts";

/** The plans by which children were spawned, archived ones too, by recurring commit. */
export async function listChildPlans(
  db: CoreDb,
  recurringCommitIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ChildPlan[]>> {
  if (recurringCommitIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("commits")
    .select(["recurring_commit_id", "recurring_plan"])
    .where("recurring_commit_id", "in", [...recurringCommitIds])
    .orderBy("position")
    .execute();
  const plans = rows.flatMap(({ recurring_commit_id: id, recurring_plan: plan }) =>
    id === null || plan === null ? [] : [toChildPlan(id, plan)],
  );
  return Map.groupBy(plans, ({ recurringCommitId }) => recurringCommitId);
}

/** Whose child it is, and since when. */
export interface NewChild {
  readonly parent: RecurringCommitRow;
  readonly environmentId: string;
  readonly customerId: string;
  readonly plan: ChildPlan;
  readonly createdAt: string;
}

/** Spawns a child with its access and its purchase; one that is there already stays as it is. */
export async function insertChild(tx: CoreTransaction, child: NewChild): Promise<void> {
  const { parent, plan } = child;
  const { id, segmentId } = childIds(plan);
  const inserted = await tx
    .insertInto("commits")
    .values({
      id,
      environment_id: child.environmentId,
      customer_id: child.customerId,
      contract_id: parent.contract_id,
      type: parent.type === "CREDIT" ? "CREDIT" : "PREPAID",
      ...toPassedDown(parent),
      ...toPlanColumns(plan),
      recurring_commit_id: parent.id,
      invoice_credit_type_id: plan.invoice && parent.invoice_credit_type_id,
      invoice_contract_id: plan.invoice && parent.contract_id,
      created_at: child.createdAt,
      created_by: parent.created_by,
      archived_at: null,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted === undefined) return;
  if (plan.seats === undefined) {
    const segment = { id: segmentId, commit_id: id, seat_id: null, ...toSegmentColumns(plan) };
    await tx.insertInto("commit_segments").values(segment).execute();
  } else {
    await upsertSeatSegments(tx, plan, seatSegments(plan));
  }
  for (const item of toInvoiceItems(plan)) {
    const row = { id: item.id, commit_id: id, ...toItemColumns(item) };
    await tx.insertInto("commit_invoice_items").values(row).execute();
  }
}

/** What a child has of its recurring commit. */
const toPassedDown = (parent: RecurringCommitRow) => ({
  product_id: parent.product_id,
  name: parent.name,
  description: parent.description,
  priority: parent.priority,
  access_credit_type_id: parent.access_credit_type_id,
  rollover_fraction: parent.rollover_fraction,
  netsuite_sales_order_id: parent.netsuite_sales_order_id,
  applicable_product_ids: toJson(parent.applicable_product_ids),
  applicable_product_tags: toJson(parent.applicable_product_tags),
  specifiers: toJson(parent.specifiers),
});

const toJson = (values: readonly unknown[] | null): string | null =>
  values && JSON.stringify(values);

const toPlanColumns = (plan: ChildPlan) => ({
  rate_type: plan.rateType,
  recurring_plan: JSON.stringify(fromChildPlan(plan)),
});

const toSegmentColumns = (plan: ChildPlan) => ({
  amount: toText(plannedAmount(plan, plan.access)),
  starting_at: instantText(plan.active.start),
  ending_before: instantText(plan.accessEndingBefore),
});

function toInvoiceItems(plan: ChildPlan): (NewScheduleItem & { readonly id: string })[] {
  const purchase = plannedPurchase(plan);
  if (purchase === null) return [];
  return [
    {
      id: childIds(plan).invoiceItemId,
      at: instantText(plan.active.start),
      unitPrice: toText(purchase.unitPrice),
      quantity: toText(purchase.quantity),
      amount: toText(purchase.amount),
    },
  ];
}

/** Lets a child that has not started follow its new plan. */
export async function changeChild(tx: CoreTransaction, plan: ChildPlan): Promise<void> {
  const { id, segmentId } = childIds(plan);
  await tx.updateTable("commits").set(toPlanColumns(plan)).where("id", "=", id).execute();
  if (plan.seats === undefined) {
    await tx
      .updateTable("commit_segments")
      .set(toSegmentColumns(plan))
      .where("id", "=", segmentId)
      .execute();
  } else {
    const segments = seatSegments(plan);
    await removeOtherSeatSegments(tx, plan, segments);
    await upsertSeatSegments(tx, plan, segments);
  }
  await changeInvoiceItems(tx, id, { add: [], removeIds: [], update: toInvoiceItems(plan) });
}

/**
 * Takes away a child that has not started. Where its ledger holds entries, it is archived instead:
 * what was written there stays.
 */
export async function removeChild(tx: CoreTransaction, id: string, at: string): Promise<void> {
  const entry = await tx
    .selectFrom("commit_ledger_entries")
    .select("id")
    .where("commit_id", "=", id)
    .executeTakeFirst();
  if (entry !== undefined) {
    const open = tx.updateTable("commits").set({ archived_at: at }).where("id", "=", id);
    await open.where("archived_at", "is", null).execute();
    return;
  }
  await deleteRolloversOf(tx, id);
  await tx.deleteFrom("commit_invoice_items").where("commit_id", "=", id).execute();
  await tx.deleteFrom("commit_segments").where("commit_id", "=", id).execute();
  await tx.deleteFrom("commits").where("id", "=", id).execute();
}

/** Posts what added units bring to children; an increase that is posted already is left alone. */
export async function insertPoolIncreases(
  tx: CoreTransaction,
  type: RecurringCommitRow["type"],
  increases: readonly PoolIncrease[],
): Promise<void> {
  if (increases.length === 0) return;
  const prefix = LEDGER_PREFIX[type === "CREDIT" ? "CREDIT" : "PREPAID"];
  await tx
    .insertInto("commit_ledger_entries")
    .values(
      increases.map((increase) => ({
        id: increase.id,
        commit_id: increase.childId,
        segment_id: increase.segmentId,
        type: `${prefix}_SEAT_BASED_ADJUSTMENT`,
        amount: toText(increase.amount),
        entered_at: instantText(increase.at),
        invoice_id: null,
        reason: null,
      })),
    )
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}
