import type { CoreTransaction } from "../db/database.ts";
import { findCreditType, USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { type Instant, instant, instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { insertCommit, type NewSegment } from "../store/commits.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";
import { planSchedule, type ScheduleTerms } from "./plan-schedule.ts";
import { setCustomFields } from "./set-custom-fields.ts";

/** What a prepaid commit and a credit have in common. */
export interface CommitTerms {
  readonly type: "PREPAID" | "CREDIT";
  readonly productId: string;
  readonly name: string | null;
  readonly description: string | null;
  /** Lower burns first. */
  readonly priority: string;
  /** Of the value granted. Default: US dollars. */
  readonly creditTypeId: string | undefined;
  readonly segments: readonly NewSegment[];
  /** Absent: the commit is free, as a credit always is. */
  readonly purchase: (ScheduleTerms & { readonly doNotInvoice: boolean }) | undefined;
  /** Empty: all products, unless there are tags. */
  readonly applicableProductIds: readonly string[];
  readonly applicableProductTags: readonly string[];
  readonly netsuiteSalesOrderId: string | null;
  readonly customFields: CustomFields | undefined;
}

/** Whose commit it is, and who bills it. */
export interface CommitPlace {
  readonly customerId: string;
  /** null: it belongs to the customer. */
  readonly contractId: string | null;
  /** Empty: all contracts. */
  readonly applicableContractIds: readonly string[];
  /** The contract that bills the purchase, with its currency. */
  readonly invoiceContract: { readonly id: string; readonly creditTypeId: string } | null;
  readonly uniquenessKey: string | null;
}

/** Adds a commit or credit; products were checked by the caller. `path`: "commits[0]." or nothing. */
export async function addCommit(
  tx: CoreTransaction,
  ctx: OperationContext,
  terms: CommitTerms,
  place: CommitPlace,
  path: string,
): Promise<string> {
  const accessCreditTypeId = terms.creditTypeId ?? USD_CREDIT_TYPE_ID;
  if (findCreditType(accessCreditTypeId) === undefined) {
    throw invalid(`${path}access_schedule.credit_type_id is not a currency of this account`);
  }
  checkSegments(terms.segments, path);
  const { purchase } = terms;
  const { invoiceContract } = place;
  const purchaseCreditTypeId = invoiceContract?.creditTypeId ?? accessCreditTypeId;
  const invoiceItems =
    purchase === undefined
      ? []
      : planPurchase(purchase, purchaseCreditTypeId, `${path}invoice_schedule`);
  const id = await insertCommit(tx, {
    environment_id: ctx.environment.id,
    customer_id: place.customerId,
    contract_id: place.contractId,
    type: terms.type,
    product_id: terms.productId,
    name: terms.name,
    description: terms.description,
    priority: terms.priority,
    access_credit_type_id: accessCreditTypeId,
    invoice_credit_type_id: invoiceItems.length === 0 ? null : purchaseCreditTypeId,
    invoice_contract_id: invoiceItems.length === 0 ? null : (invoiceContract?.id ?? null),
    do_not_invoice: purchase?.doNotInvoice ?? false,
    netsuite_sales_order_id: terms.netsuiteSalesOrderId,
    uniqueness_key: place.uniquenessKey,
    created_at: instantText(ctx.now),
    created_by: ctx.actor,
    applicableProductIds: orNull(terms.applicableProductIds),
    applicableProductTags: orNull(terms.applicableProductTags),
    applicableContractIds: orNull(place.applicableContractIds),
    segments: terms.segments,
    invoiceItems,
  });
  const entity = terms.type === "CREDIT" ? "contract_credit" : "commit";
  await setCustomFields(tx, ctx, entity, id, terms.customFields);
  return id;
}

const orNull = (values: readonly string[]): readonly string[] | null =>
  values.length === 0 ? null : [...new Set(values)];

function planPurchase(purchase: ScheduleTerms, creditTypeId: string, path: string) {
  if ((purchase.creditTypeId ?? USD_CREDIT_TYPE_ID) !== creditTypeId) {
    throw invalid(
      `${path}.credit_type_id must be the currency of the contract that bills it, or else of the access schedule`,
    );
  }
  return planSchedule(purchase, creditTypeId, path);
}

function checkSegments(segments: readonly NewSegment[], path: string): void {
  for (const [n, segment] of segments.entries()) {
    const field = `${path}access_schedule.schedule_items[${n}]`;
    const [start, end]: [Instant, Instant] = [
      instant(segment.startingAt),
      instant(segment.endingBefore),
    ];
    checkReach(start, `${field}.starting_at`);
    checkReach(end, `${field}.ending_before`);
    if (!isBefore(start, end)) throw invalid(`${field}.ending_before must be after starting_at`);
  }
}
