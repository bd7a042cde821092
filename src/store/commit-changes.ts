import type { CoreTransaction } from "../db/database.ts";
import type { CommitSpecifier } from "../domain/commits/commit.ts";
import type { NewSegment } from "./commits.ts";
import { type NewScheduleItem, toItemColumns } from "./scheduled-charges.ts";

/** What changes of a commit's own terms; what is absent stays. */
export interface CommitColumns {
  readonly name?: string;
  readonly description?: string;
  readonly priority?: string;
  readonly productId?: string;
  readonly invoiceContractId?: string;
  readonly invoiceCreditTypeId?: string;
  readonly applicableProductIds?: readonly string[] | null;
  readonly applicableProductTags?: readonly string[] | null;
  readonly applicableContractIds?: readonly string[] | null;
  readonly specifiers?: readonly CommitSpecifier[] | null;
  readonly rateType?: "LIST_RATE" | "COMMIT_RATE";
  readonly netsuiteSalesOrderId?: string | null;
  readonly rolloverFraction?: string | null;
  readonly trueUpDisabledAt?: string;
  readonly archivedAt?: string;
}

/** Changes the terms of a commit or credit. */
export async function updateCommit(
  tx: CoreTransaction,
  id: string,
  columns: CommitColumns,
): Promise<void> {
  const set = {
    name: columns.name,
    description: columns.description,
    priority: columns.priority,
    product_id: columns.productId,
    invoice_contract_id: columns.invoiceContractId,
    invoice_credit_type_id: columns.invoiceCreditTypeId,
    applicable_product_ids: toJson(columns.applicableProductIds),
    applicable_product_tags: toJson(columns.applicableProductTags),
    applicable_contract_ids: toJson(columns.applicableContractIds),
    specifiers: toJson(columns.specifiers),
    rollover_fraction: columns.rolloverFraction,
    rate_type: columns.rateType,
    netsuite_sales_order_id: columns.netsuiteSalesOrderId,
    true_up_disabled_at: columns.trueUpDisabledAt,
    archived_at: columns.archivedAt,
  };
  if (Object.values(set).every((value) => value === undefined)) return;
  await tx.updateTable("commits").set(set).where("id", "=", id).execute();
}

const toJson = (values: readonly unknown[] | null | undefined): string | null | undefined =>
  values && JSON.stringify(values);

/** Parts of a schedule to add, to take away, and to put in the place of those with the same id. */
export interface ScheduleChange<Part> {
  readonly add: readonly Part[];
  readonly removeIds: readonly string[];
  readonly update: readonly (Part & { readonly id: string })[];
}

/** Changes the access windows of a commit. A window that the ledger names cannot be taken away. */
export async function changeSegments(
  tx: CoreTransaction,
  commitId: string,
  { add, removeIds, update }: ScheduleChange<NewSegment>,
): Promise<void> {
  const toColumns = ({ amount, startingAt, endingBefore }: NewSegment) => ({
    amount,
    starting_at: startingAt,
    ending_before: endingBefore,
  });
  if (removeIds.length > 0) {
    await tx
      .deleteFrom("commit_segments")
      .where("id", "in", [...removeIds])
      .execute();
  }
  for (const segment of update) {
    const set = toColumns(segment);
    await tx.updateTable("commit_segments").set(set).where("id", "=", segment.id).execute();
  }
  if (add.length > 0) {
    const rows = add.map((segment) => ({ commit_id: commitId, ...toColumns(segment) }));
    await tx.insertInto("commit_segments").values(rows).execute();
  }
}

/** Changes the dates at which a commit's purchase is billed. */
export async function changeInvoiceItems(
  tx: CoreTransaction,
  commitId: string,
  { add, removeIds, update }: ScheduleChange<NewScheduleItem>,
): Promise<void> {
  if (removeIds.length > 0) {
    await tx
      .deleteFrom("commit_invoice_items")
      .where("id", "in", [...removeIds])
      .execute();
  }
  for (const item of update) {
    const set = toItemColumns(item);
    await tx.updateTable("commit_invoice_items").set(set).where("id", "=", item.id).execute();
  }
  if (add.length > 0) {
    const rows = add.map((item) => ({ commit_id: commitId, ...toItemColumns(item) }));
    await tx.insertInto("commit_invoice_items").values(rows).execute();
  }
}
