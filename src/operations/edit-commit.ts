import type { CommitSpecifier } from "../domain/commits/commit.ts";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import { dec, toText, ZERO } from "../domain/decimal.ts";
import type { Instant } from "../domain/time.ts";
import { instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { changeInvoiceItems, changeSegments, updateCommit } from "../store/commit-changes.ts";
import type { NewSegment } from "../store/commits.ts";
import { getContract } from "../store/contracts.ts";
import type { NewScheduleItem } from "../store/scheduled-charges.ts";
import { checkApplicability, checkPostpaid, checkSegments, namedProducts } from "./add-commit.ts";
import {
  type CommitKey,
  changeCommit,
  type HeldCommit,
  movedOn,
  refuseArchived,
} from "./change-commit.ts";
import { checkProducts } from "./check-products.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";
import { type PriceTerms, toPrice } from "./plan-schedule.ts";

/** Changes of a schedule: parts to add, to take away, and fields of parts to change. */
export interface ScheduleEdit<Part> {
  readonly add: readonly Part[];
  readonly removeIds: readonly string[];
  readonly update: readonly (Partial<Part> & { readonly id: string })[];
}

export interface DatedPrice extends PriceTerms {
  readonly at: Instant;
}

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
  readonly access: ScheduleEdit<NewSegment>;
  readonly invoiceContractId: string | undefined;
  readonly invoices: ScheduleEdit<DatedPrice>;
}

/**
 * Changes a commit or credit. Drafts follow at once, finalized invoices stay; what they bill or were
 * paid with cannot be taken away, and no window becomes smaller than what is gone of it.
 */
export async function editCommit(ctx: OperationContext, edit: EditCommit): Promise<void> {
  await changeCommit(ctx, edit, async (tx, held) => {
    refuseArchived(held);
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
      ...toApplicability(edit),
    });
    await changeSegments(tx, edit.id, segments.change);
    await changeInvoiceItems(tx, edit.id, items.change);
  });
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

function planSegments(held: HeldCommit, { add, removeIds, update }: ScheduleEdit<NewSegment>) {
  const field = "access_schedule";
  const current = new Map(
    held.segments.map(({ id, amount, starting_at, ending_before }) => [
      id,
      { id, amount, startingAt: starting_at, endingBefore: ending_before },
    ]),
  );
  for (const id of removeIds) {
    if (!current.delete(id)) throw notFound("segment", id);
    if (held.entries.some((entry) => entry.segment_id === id)) {
      throw invalid(`${field} segment ${id} was used and cannot be removed`, field);
    }
  }
  const changed = update.map(({ id, ...fields }) => {
    const segment = current.get(id);
    if (segment === undefined) throw notFound("segment", id);
    const next = { ...segment, ...fields };
    current.set(id, next);
    if (dec(next.amount).plus(movedOn(held, id)).lt(ZERO)) {
      throw invalid(`${field} segment ${id} cannot be smaller than what is used of it`, field);
    }
    return next;
  });
  const all = [...current.values(), ...add];
  if (all.length === 0) throw invalid(`${field} must keep at least one segment`, field);
  checkSegments(all, "");
  return { all, change: { add, removeIds, update: changed } };
}

function planItems(held: HeldCommit, { add, removeIds, update }: ScheduleEdit<DatedPrice>) {
  const field = "invoice_schedule";
  const current = new Map(held.invoiceItems.map((item) => [item.id, toStored(item)]));
  const refuseInvoiced = (id: string) => {
    if (!current.has(id)) throw notFound("schedule item", id);
    if (!held.invoicedItemIds.has(id)) return;
    throw invalid(`${field} item ${id} is invoiced already`, field);
  };
  for (const id of removeIds) {
    refuseInvoiced(id);
    current.delete(id);
  }
  const changed = update.map(({ id, at, ...prices }) => {
    refuseInvoiced(id);
    const item = {
      id,
      ...changeItem(current.get(id), at, prices, `${field}.update_schedule_items`),
    };
    current.set(id, item);
    return item;
  });
  const added = add.map(({ at, ...prices }, n) =>
    changeItem(undefined, at, prices, `${field}.add_schedule_items[${n}]`),
  );
  return {
    all: [...current.values(), ...added],
    change: { add: added, removeIds, update: changed },
  };
}

const toStored = (item: HeldCommit["invoiceItems"][number]): NewScheduleItem => ({
  at: instantText(item.at),
  unitPrice: toText(item.unitPrice),
  quantity: toText(item.quantity),
  amount: toText(item.amount),
});

/** A dated amount anew: a price that is not given stays, with half of one the other half stays. */
function changeItem(
  item: NewScheduleItem | undefined,
  at: Instant | undefined,
  prices: Partial<PriceTerms>,
  path: string,
): NewScheduleItem {
  if (at !== undefined) checkReach(at, path);
  const dated = at === undefined ? (item?.at ?? "") : instantText(at);
  const { amount, unitPrice, quantity } = prices;
  if (item !== undefined && !amount && !unitPrice && !quantity) return { ...item, at: dated };
  const price = toPrice(
    {
      amount,
      unitPrice: unitPrice ?? (item && quantity ? dec(item.unitPrice) : undefined),
      quantity: quantity ?? (item && unitPrice ? dec(item.quantity) : undefined),
    },
    path,
  );
  return {
    at: dated,
    unitPrice: toText(price.unitPrice),
    quantity: toText(price.quantity),
    amount: toText(price.amount),
  };
}

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
  const currency = row.invoice_credit_type_id ?? row.access_credit_type_id ?? USD_CREDIT_TYPE_ID;
  if (contract.fiat_credit_type_id !== currency) {
    throw invalid(`${field} is of a contract in another currency`, field);
  }
  return { invoiceContractId: contractId, invoiceCreditTypeId: currency };
}
