import type { CoreTransaction } from "../db/database.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { type Decimal, toText } from "../domain/decimal.ts";
import type { BillingFrequency } from "../domain/period.ts";
import { rateInForce } from "../domain/pricing/rate-in-force.ts";
import type { CollectionSchedule, InvoiceBehavior } from "../domain/subscriptions/subscription.ts";
import { type Instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { getProducts } from "../store/products.ts";
import { listRates } from "../store/rates.ts";
import { insertQuantity, insertSubscription } from "../store/subscriptions.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

export interface SubscriptionTerms {
  readonly productId: string;
  readonly billingFrequency: BillingFrequency;
  readonly collectionSchedule: CollectionSchedule;
  readonly isProrated: boolean;
  readonly invoiceBehavior: InvoiceBehavior;
  readonly initialQuantity: Decimal;
  /** Absent: with the contract. */
  readonly startingAt: Instant | undefined;
  readonly endingBefore: Instant | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly customFields: CustomFields | undefined;
}

/** The contract that gets the subscriptions. */
export interface SubscribedContract {
  readonly id: string;
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  readonly rateCardId: string | null;
}

/**
 * Adds the subscriptions of a contract with their first quantities and returns their ids. The
 * contract's card must have an entitled rate of the product and frequency when a subscription starts.
 * `field` names them in messages.
 */
export async function addSubscriptions(
  tx: CoreTransaction,
  ctx: OperationContext,
  subscriptions: readonly SubscriptionTerms[],
  contract: SubscribedContract,
  field = "subscriptions",
): Promise<string[]> {
  if (subscriptions.length === 0) return [];
  await checkRates(tx, ctx, subscriptions, contract, field);
  const ids: string[] = [];
  for (const [n, terms] of subscriptions.entries()) {
    const startingAt = terms.startingAt ?? contract.startingAt;
    checkTerms(terms, startingAt, contract, `${field}[${n}].`);
    const id = await insertSubscription(tx, {
      contract_id: contract.id,
      product_id: terms.productId,
      name: terms.name,
      description: terms.description,
      billing_frequency: terms.billingFrequency,
      collection_schedule: terms.collectionSchedule,
      is_prorated: terms.isProrated,
      invoice_behavior: terms.invoiceBehavior,
      starting_at: instantText(startingAt),
      ending_before: terms.endingBefore && instantText(terms.endingBefore),
    });
    await insertQuantity(tx, {
      subscriptionId: id,
      quantity: toText(terms.initialQuantity),
      startingAt: instantText(startingAt),
      createdAt: instantText(ctx.now),
      createdBy: ctx.actor,
    });
    await setCustomFields(tx, ctx, "subscription", id, terms.customFields);
    ids.push(id);
  }
  return ids;
}

function checkTerms(
  { collectionSchedule, invoiceBehavior, endingBefore }: SubscriptionTerms,
  startingAt: Instant,
  contract: SubscribedContract,
  path: string,
): void {
  const refuse = (field: string, message: string) =>
    invalid(`${path}${field} ${message}`, `${path}${field}`);
  if (collectionSchedule === "ARREARS" && invoiceBehavior === "BILL_IMMEDIATELY") {
    throw refuse("proration.invoice_behavior", "BILL_IMMEDIATELY is for collection in ADVANCE");
  }
  if (isBefore(startingAt, contract.startingAt)) {
    throw refuse("starting_at", "must not be before the contract's start");
  }
  if (contract.endingBefore !== null && !isBefore(startingAt, contract.endingBefore)) {
    throw refuse("starting_at", "must be before the contract's end");
  }
  if (endingBefore === null) return;
  checkReach(endingBefore, `${path}ending_before`);
  if (!isBefore(startingAt, endingBefore)) {
    throw refuse("ending_before", "must be after the subscription's start");
  }
  if (contract.endingBefore !== null && isAfter(endingBefore, contract.endingBefore)) {
    throw refuse("ending_before", "must not be after the contract's end");
  }
}

async function checkRates(
  tx: CoreTransaction,
  ctx: OperationContext,
  subscriptions: readonly SubscriptionTerms[],
  { rateCardId, startingAt: contractStartingAt }: SubscribedContract,
  field: string,
): Promise<void> {
  const productIds = subscriptions.map(({ productId }) => productId);
  const products = await getProducts(tx, ctx.environment.id, productIds);
  const cardIds = rateCardId === null ? [] : [rateCardId];
  const rates = [...(await listRates(tx, cardIds)).values()].flat();
  for (const [n, { productId, billingFrequency, startingAt }] of subscriptions.entries()) {
    const path = `${field}[${n}].subscription_rate`;
    if (products.get(productId)?.type !== "SUBSCRIPTION") {
      throw invalid(`${path}.product_id must be of a SUBSCRIPTION product`, `${path}.product_id`);
    }
    const dated = rates.filter(
      (rate) => rate.productId === productId && rate.billingFrequency === billingFrequency,
    );
    if (rateInForce(dated, startingAt ?? contractStartingAt)?.entitled !== true) {
      const wanted = `${billingFrequency} rate of this product that is entitled at the start`;
      throw invalid(`${path} needs a ${wanted}, on the contract's rate card`, path);
    }
  }
}
