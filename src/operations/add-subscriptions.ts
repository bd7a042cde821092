import type { CoreTransaction } from "../db/database.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { type Decimal, toText } from "../domain/decimal.ts";
import type { BillingFrequency } from "../domain/period.ts";
import type { AmountRounding } from "../domain/round-quotient.ts";
import type {
  CollectionSchedule,
  InvoiceBehavior,
  InvoicePlacement,
} from "../domain/subscriptions/subscription.ts";
import { type Instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { getProducts } from "../store/products.ts";
import { insertSeatChanges } from "../store/subscription-seats.ts";
import { insertQuantity, insertSubscription } from "../store/subscriptions.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

const DAY_MS = 86_400_000;

export interface SubscriptionTerms {
  readonly productId: string;
  readonly billingFrequency: BillingFrequency;
  readonly collectionSchedule: CollectionSchedule;
  readonly isProrated: boolean;
  readonly prorationRounding: AmountRounding | null;
  readonly invoiceBehavior: InvoiceBehavior;
  readonly invoicePlacement: InvoicePlacement;
  /** What its periods are counted from; null: from the anchor of the contract's. */
  readonly anchorAt: Instant | null;
  /** With seats: how many there are. */
  readonly initialQuantity: Decimal;
  /** Who has one of them, and the property of usage events that tells; null: a mere quantity. */
  readonly seats: { readonly groupKey: string; readonly seatIds: readonly string[] } | null;
  /** Absent: with the contract. */
  readonly startingAt: Instant | undefined;
  readonly endingBefore: Instant | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly customFields: CustomFields | undefined;
  /** What recurring commits of the same contract call it by while both are created. */
  readonly temporaryId?: string | undefined;
}

/** The contract that gets the subscriptions. */
export interface SubscribedContract {
  readonly id: string;
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  /** End of its last usage invoice that is closed already; absent or null: there is none. */
  readonly closedUntil?: string | null;
}

/**
 * Adds the subscriptions of a contract with their first quantities and returns their ids. Their rates
 * are still to be checked (checkSubscriptionRates), when the contract's overrides are there too. `field`
 * names them in messages.
 */
export async function addSubscriptions(
  tx: CoreTransaction,
  ctx: OperationContext,
  subscriptions: readonly SubscriptionTerms[],
  contract: SubscribedContract,
  field = "subscriptions",
): Promise<string[]> {
  await checkProducts(tx, ctx, subscriptions, field);
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
      rounding_method: terms.prorationRounding?.method ?? null,
      rounding_decimal_places: terms.prorationRounding?.decimalPlaces ?? null,
      invoice_behavior: terms.invoiceBehavior,
      invoice_placement: terms.invoicePlacement,
      anchor_at: terms.anchorAt && instantText(terms.anchorAt),
      seat_group_key: terms.seats?.groupKey ?? null,
      starting_at: instantText(startingAt),
      ending_before: terms.endingBefore && instantText(terms.endingBefore),
      added_after: contract.closedUntil ?? null,
    });
    await insertQuantity(tx, {
      subscriptionId: id,
      quantity: toText(terms.initialQuantity),
      startingAt: instantText(startingAt),
      createdAt: instantText(ctx.now),
      createdBy: ctx.actor,
    });
    if (terms.seats !== null && terms.seats.seatIds.length > 0) {
      await insertSeatChanges(tx, {
        subscriptionId: id,
        changes: [{ type: "ASSIGN", seatIds: terms.seats.seatIds, startingAt }],
        createdAt: instantText(ctx.now),
        createdBy: ctx.actor,
      });
    }
    await setCustomFields(tx, ctx, "subscription", id, terms.customFields);
    ids.push(id);
  }
  return ids;
}

function checkTerms(
  { collectionSchedule, invoiceBehavior, endingBefore, anchorAt }: SubscriptionTerms,
  startingAt: Instant,
  contract: SubscribedContract,
  path: string,
): void {
  const refuse = (field: string, message: string) =>
    invalid(`${path}${field} ${message}`, `${path}${field}`);
  if (collectionSchedule === "ARREARS" && invoiceBehavior === "BILL_IMMEDIATELY") {
    throw refuse("proration.invoice_behavior", "BILL_IMMEDIATELY is for collection in ADVANCE");
  }
  if (anchorAt !== null) {
    const field = "billing_cycle_config.anchor_date";
    checkReach(anchorAt, `${path}${field}`);
    if (anchorAt.epochMilliseconds % DAY_MS !== 0) throw refuse(field, "must be midnight UTC");
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

async function checkProducts(
  tx: CoreTransaction,
  ctx: OperationContext,
  subscriptions: readonly SubscriptionTerms[],
  field: string,
): Promise<void> {
  const productIds = subscriptions.map(({ productId }) => productId);
  const products = await getProducts(tx, ctx.environment.id, productIds);
  for (const [n, { productId }] of subscriptions.entries()) {
    const path = `${field}[${n}].subscription_rate.product_id`;
    if (products.get(productId)?.type !== "SUBSCRIPTION") {
      throw invalid(`${path} must be of a SUBSCRIPTION product`, path);
    }
  }
}
