import type { CoreTransaction } from "../db/database.ts";
import type { CommitSpecifier, CommitType } from "../domain/commits/commit.ts";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import type { PaymentGate } from "../domain/payments/payment-gate.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { insertCommit, type NewSegment } from "../store/commits.ts";
import { buyCommit, type PurchaseReason } from "./buy-commit.ts";
import {
  checkAccessCreditType,
  checkApplicability,
  checkPostpaid,
  checkSegments,
} from "./check-commit-terms.ts";
import { isCurrency } from "./check-credit-type.ts";
import { checkPurchase, isGated } from "./check-purchase.ts";
import type { OperationContext } from "./context.ts";
import { planSchedule, type ScheduleTerms } from "./plan-schedule.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";
import { setCustomFields } from "./set-custom-fields.ts";

/** What commits and credits have in common. */
export interface CommitTerms {
  readonly type: CommitType;
  readonly productId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly rateType: "LIST_RATE" | "COMMIT_RATE";
  /** Lower burns first. */
  readonly priority: string;
  /** Of the value granted. Default: US dollars. */
  readonly creditTypeId: string | undefined;
  readonly segments: readonly NewSegment[];
  /** Absent: the commit is free, as a credit always is. Of a postpaid one: when it is trued up. */
  readonly purchase: (ScheduleTerms & { readonly doNotInvoice: boolean }) | undefined;
  /** Empty: all products, unless there are tags. */
  readonly applicableProductIds: readonly string[];
  readonly applicableProductTags: readonly string[];
  /** Empty: products and tags decide what burns it. */
  readonly specifiers: readonly CommitSpecifier[];
  /** The most that a renewal carries over of what a segment grants, 0 to 1. Default: nothing. */
  readonly rolloverFraction?: string | null;
  readonly netsuiteSalesOrderId: string | null;
  readonly customFields: CustomFields | undefined;
  /** What overrides of the same contract call it by while both are created. */
  readonly temporaryId?: string | undefined;
  /** What has to happen before it may be burned. Absent: nothing. */
  readonly gate?: PaymentGate | undefined;
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
  /** Why it is charged at once, when it is not by its own gate alone. */
  readonly workflow?: PurchaseReason | undefined;
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
  // A threshold's unit was checked when it was set, and goes on when it is archived.
  if (place.workflow === undefined) {
    await checkAccessCreditType({ ...ctx, db: tx }, terms.type, accessCreditTypeId, path);
  }
  checkSegments(terms.segments, path);
  checkApplicability(terms, path);
  const { purchase } = terms;
  const { invoiceContract } = place;
  const purchaseCreditTypeId =
    invoiceContract?.creditTypeId ?? purchaseCurrency(accessCreditTypeId, purchase);
  const invoiceItems =
    purchase === undefined
      ? []
      : planPurchase(purchase, purchaseCreditTypeId, `${path}invoice_schedule`);
  if (terms.type === "POSTPAID") {
    checkPostpaid(terms, invoiceItems, purchaseCreditTypeId === accessCreditTypeId, path);
  }
  const isBoughtAtOnce = isGated(terms.gate) || place.workflow !== undefined;
  if (place.workflow === undefined && isGated(terms.gate)) {
    await checkPurchase(tx, ctx, terms, place, invoiceItems, path);
  }
  const id = await insertCommit(tx, {
    environment_id: ctx.environment.id,
    customer_id: place.customerId,
    contract_id: place.contractId,
    type: terms.type,
    product_id: terms.productId,
    name: terms.name,
    description: terms.description,
    priority: terms.priority,
    rate_type: terms.rateType,
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
    rolloverFraction: terms.rolloverFraction ?? null,
    specifiers: terms.specifiers.length === 0 ? null : terms.specifiers,
    segments: isBoughtAtOnce ? [] : terms.segments,
    invoiceItems,
  });
  const entity = terms.type === "CREDIT" ? "contract_credit" : "commit";
  await setCustomFields(tx, ctx, entity, id, terms.customFields);
  if (isBoughtAtOnce) await buyCommit(tx, ctx, id, terms, place);
  else await requestThresholdEvaluation(tx, ctx, place.customerId);
  return id;
}

const orNull = (values: readonly string[]): readonly string[] | null =>
  values.length === 0 ? null : [...new Set(values)];

/** Without a contract that bills it: the currency of the access, or the one that is named. */
const purchaseCurrency = (accessCreditTypeId: string, purchase: ScheduleTerms | undefined) =>
  isCurrency(accessCreditTypeId)
    ? accessCreditTypeId
    : (purchase?.creditTypeId ?? USD_CREDIT_TYPE_ID);

function planPurchase(purchase: ScheduleTerms, creditTypeId: string, path: string) {
  if ((purchase.creditTypeId ?? USD_CREDIT_TYPE_ID) !== creditTypeId) {
    throw invalid(
      `${path}.credit_type_id must be the currency of the contract that bills it, or else of the access schedule`,
    );
  }
  if (!isCurrency(creditTypeId)) throw invalid(`${path}.credit_type_id must be a currency`);
  return planSchedule(purchase, creditTypeId, path);
}
