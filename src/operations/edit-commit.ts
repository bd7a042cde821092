import type { CoreTransaction } from "../db/database.ts";
import type { CommitSpecifier } from "../domain/commits/commit.ts";
import { invalid } from "../errors.ts";
import { changeInvoiceItems, changeSegments, updateCommit } from "../store/commit-changes.ts";
import type { NewSegment } from "../store/commits.ts";
import { getContract } from "../store/contracts.ts";
import { type CommitKey, changeCommit, type HeldCommit, refuseArchived } from "./change-commit.ts";
import { checkApplicability, checkPostpaid, namedProducts } from "./check-commit-terms.ts";
import { isCurrency } from "./check-credit-type.ts";
import { checkProducts } from "./check-products.ts";
import type { OperationContext } from "./context.ts";
import {
  type DatedPrice,
  planItems,
  planSegments,
  type ScheduleEdit,
} from "./plan-schedule-edits.ts";
import { type CommitUpdate, recordCommitUpdate } from "./record-commit-change.ts";
import { refuseRollover } from "./refuse-rollover.ts";

/** What to change; what is absent stays. null and an empty list stand for "everything". */
export interface EditCommit extends CommitKey {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly priority: string | undefined;
  readonly productId: string | undefined;
  readonly applicableProductIds: readonly string[] | undefined;
  readonly applicableProductTags: readonly string[] | undefined;
  readonly applicableContractIds: readonly string[] | undefined;
  readonly specifiers: readonly CommitSpecifier[] | undefined;
  readonly rateType: "LIST_RATE" | "COMMIT_RATE" | undefined;
  readonly netsuiteSalesOrderId: string | null | undefined;
  /** null: nothing of it rolls over at a renewal. */
  readonly rolloverFraction?: string | null | undefined;
  readonly access: ScheduleEdit<NewSegment>;
  readonly invoiceContractId: string | undefined;
  readonly invoices: ScheduleEdit<DatedPrice>;
}

/**
 * Changes a commit or credit. Drafts follow at once, finalized invoices stay; what they bill or were
 * paid with cannot be taken away, and no window becomes smaller than what is gone of it. `update` is
 * what the history of its contract says of the edit.
 */
export async function editCommit(
  ctx: OperationContext,
  edit: EditCommit,
  update: CommitUpdate,
): Promise<void> {
  await changeCommit(ctx, edit, async (tx, held) => {
    await editHeldCommit(tx, ctx, edit, held);
    await recordCommitUpdate(tx, ctx, edit.what, held, update);
  });
}

/** As editCommit, of a commit that is held already. */
export async function editHeldCommit(
  tx: CoreTransaction,
  ctx: OperationContext,
  edit: EditCommit,
  held: HeldCommit,
): Promise<void> {
  refuseArchived(held);
  refuseRollover(held);
  const scope = { ...ctx, db: tx };
  await checkTerms(scope, edit, held);
  const segments = planSegments(held, edit.access);
  const items = planItems(held, edit.invoices);
  const billing = await planBilling(scope, edit, held, items.all.length > 0);
  if (held.row.type === "POSTPAID") {
    checkPostpaid({ segments: segments.all }, items.all, true, "");
  }
  await updateCommit(tx, edit.id, {
    ...billing,
    ...(edit.name === undefined ? {} : { name: edit.name }),
    ...(edit.description === undefined ? {} : { description: edit.description }),
    ...(edit.priority === undefined ? {} : { priority: edit.priority }),
    ...(edit.productId === undefined ? {} : { productId: edit.productId }),
    ...(edit.rateType === undefined ? {} : { rateType: edit.rateType }),
    ...(edit.netsuiteSalesOrderId === undefined
      ? {}
      : { netsuiteSalesOrderId: edit.netsuiteSalesOrderId }),
    ...(edit.rolloverFraction === undefined ? {} : { rolloverFraction: edit.rolloverFraction }),
    ...toApplicability(edit),
  });
  await changeSegments(tx, edit.id, segments.change);
  await changeInvoiceItems(tx, edit.id, items.change);
}

function toApplicability(edit: EditCommit) {
  const { applicableProductIds, applicableProductTags, applicableContractIds, specifiers } = edit;
  return {
    ...(applicableProductIds && { applicableProductIds: orNull(applicableProductIds) }),
    ...(applicableProductTags && { applicableProductTags: orNull(applicableProductTags) }),
    ...(applicableContractIds && { applicableContractIds: orNull(applicableContractIds) }),
    ...(specifiers && { specifiers: orNull(specifiers) }),
  };
}

const orNull = <Value>(values: readonly Value[]): readonly Value[] | null =>
  values.length === 0 ? null : values;

async function checkTerms(
  ctx: OperationContext,
  edit: EditCommit,
  { row }: HeldCommit,
): Promise<void> {
  const terms = {
    applicableProductIds: edit.applicableProductIds ?? row.applicable_product_ids ?? [],
    applicableProductTags: edit.applicableProductTags ?? row.applicable_product_tags ?? [],
    specifiers: edit.specifiers ?? row.specifiers ?? [],
  };
  checkApplicability(terms, "");
  const sold = edit.productId === undefined ? [] : [{ id: edit.productId, path: "product_id" }];
  await checkProducts(ctx, sold, namedProducts(terms));
  if (edit.applicableContractIds === undefined) return;
  if (row.contract_id !== null || row.type === "POSTPAID") {
    const field = "applicable_contract_ids";
    throw invalid(`${field} cannot be changed of a contract's or a POSTPAID commit`, field);
  }
  for (const contractId of edit.applicableContractIds) {
    await getContract(ctx.db, { ...environmentAndCustomer(ctx, edit), contractId });
  }
}

const environmentAndCustomer = (ctx: OperationContext, { customerId }: CommitKey) => ({
  environmentId: ctx.environment.id,
  customerId,
});

/** The contract that bills the purchase: it must be named as soon as there is something to bill. */
async function planBilling(
  ctx: OperationContext,
  edit: EditCommit,
  { row, invoicedItemIds, invoiceItems }: HeldCommit,
  isBilled: boolean,
) {
  const field = "invoice_contract_id";
  const wanted = edit.invoiceContractId;
  if (wanted !== undefined && row.contract_id !== null && wanted !== row.contract_id) {
    throw invalid(`${field} of a contract's commit is that contract`, field);
  }
  if (
    wanted !== undefined &&
    wanted !== row.invoice_contract_id &&
    invoiceItems.some(({ id }) => invoicedItemIds.has(id))
  ) {
    throw invalid(`${field} cannot change: a part of the purchase is invoiced`, field);
  }
  const contractId = wanted ?? row.invoice_contract_id ?? row.contract_id;
  if (!isBilled || row.do_not_invoice) return {};
  if (contractId === null)
    throw invalid(`${field} is required for a commit that is invoiced`, field);
  const contract = await getContract(ctx.db, { ...environmentAndCustomer(ctx, edit), contractId });
  if (contract.archived_at !== null) throw invalid(`${field} is archived`, field);
  const { access_credit_type_id: access } = row;
  const currency =
    row.invoice_credit_type_id ?? (isCurrency(access) ? access : contract.fiat_credit_type_id);
  if (contract.fiat_credit_type_id !== currency) {
    throw invalid(`${field} is of a contract in another currency`, field);
  }
  return { invoiceContractId: contractId, invoiceCreditTypeId: currency };
}
