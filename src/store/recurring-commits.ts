import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { RecurringCommitsTable } from "../db/tables/recurring-commits.ts";
import { type Decimal, dec, toText } from "../domain/decimal.ts";
import type { RecurringCommit } from "../domain/recurring/recurring-commit.ts";
import { type Instant, instant, instantText } from "../domain/time.ts";

export type RecurringCommitRow = Selectable<RecurringCommitsTable>;
export type NewRecurringCommit = Omit<RecurringCommitRow, "id" | "position">;

/** Adds a recurring commit or credit, still without children, and returns its id. */
export async function insertRecurringCommit(
  tx: CoreTransaction,
  recurring: NewRecurringCommit,
): Promise<string> {
  const { id } = await tx
    .insertInto("recurring_commits")
    .values({
      ...recurring,
      applicable_product_ids: toJson(recurring.applicable_product_ids),
      applicable_product_tags: toJson(recurring.applicable_product_tags),
      specifiers: toJson(recurring.specifiers),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

const toJson = (values: readonly unknown[] | null): string | null =>
  values && JSON.stringify(values);

/** The recurring commits and credits of these contracts, by contract, oldest first. */
export async function listRecurringCommits(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RecurringCommitRow[]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("recurring_commits")
    .selectAll()
    .where("contract_id", "in", [...contractIds])
    .orderBy("position")
    .execute();
  return Map.groupBy(rows, (row) => row.contract_id);
}

/** What can change of a recurring commit; what is absent stays. */
export interface RecurringCommitChange {
  readonly accessUnitPrice?: Decimal;
  readonly accessQuantity?: Decimal;
  readonly invoiceUnitPrice?: Decimal;
  readonly invoiceQuantity?: Decimal;
  readonly invoiceCreditTypeId?: string;
  readonly rateType?: RecurringCommit["rateType"];
  /** null: until the contract ends. */
  readonly endingBefore?: Instant | null;
}

/** Changes the terms of a recurring commit; its children are another matter. */
export async function updateRecurringCommit(
  tx: CoreTransaction,
  id: string,
  change: RecurringCommitChange,
): Promise<void> {
  const { endingBefore } = change;
  const set = {
    access_unit_price: change.accessUnitPrice && toText(change.accessUnitPrice),
    access_quantity: change.accessQuantity && toText(change.accessQuantity),
    invoice_unit_price: change.invoiceUnitPrice && toText(change.invoiceUnitPrice),
    invoice_quantity: change.invoiceQuantity && toText(change.invoiceQuantity),
    invoice_credit_type_id: change.invoiceCreditTypeId,
    rate_type: change.rateType,
    ending_before: endingBefore && instantText(endingBefore),
  };
  if (Object.values(set).every((value) => value === undefined)) return;
  await tx.updateTable("recurring_commits").set(set).where("id", "=", id).execute();
}

/** A recurring commit as planning its children sees it. */
export const toRecurringCommit = (row: RecurringCommitRow): RecurringCommit => ({
  id: row.id,
  type: row.type,
  access: {
    unitPrice: dec(row.access_unit_price),
    quantity: row.access_quantity === null ? null : dec(row.access_quantity),
  },
  invoice:
    row.invoice_unit_price === null || row.invoice_quantity === null
      ? null
      : { unitPrice: dec(row.invoice_unit_price), quantity: dec(row.invoice_quantity) },
  durationPeriods: row.duration_periods,
  frequency: row.recurrence_frequency,
  proration: row.proration,
  rateType: row.rate_type,
  startingAt: instant(row.starting_at),
  endingBefore: row.ending_before === null ? null : instant(row.ending_before),
  pool:
    row.subscription_id === null
      ? null
      : {
          subscriptionId: row.subscription_id,
          isIncreaseProrated: row.is_increase_prorated ?? false,
          allocation: row.allocation,
        },
});
