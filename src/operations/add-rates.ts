import type { GroupValues } from "../domain/metering/rollup.ts";
import type { BillingFrequency } from "../domain/period.ts";
import { productStateAt } from "../domain/pricing/product-history.ts";
import { type Instant, instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getProducts, type ProductRecord, toProduct } from "../store/products.ts";
import { listProductOrders, updateProductOrder } from "../store/rate-card-products.ts";
import { lockRateCard, type RateCardRow } from "../store/rate-cards.ts";
import { insertRates, type NewRate } from "../store/rates.ts";
import { openRateCreditTypes } from "./check-rate-credit-type.ts";
import { checkRateTerms } from "./check-rate-terms.ts";
import { checkReach } from "./check-reach.ts";
import type { Refuse } from "./check-tiers.ts";
import type { OperationContext } from "./context.ts";

export interface AddRate {
  readonly productId: string;
  readonly pricingGroupValues: GroupValues;
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
  readonly entitled: boolean;
  /** Obligatory for SUBSCRIPTION products, null for all others. */
  readonly billingFrequency: BillingFrequency | null;
  readonly price: NewRate["price"];
  /** What usage costs that a commit of rate type COMMIT_RATE pays for; null: the same. */
  readonly commitRate: NewRate["commitRate"];
  /** What it charges in a billing period at least and at most. */
  readonly minimumAmount: string | null;
  readonly maximumAmount: string | null;
  /** Default: the card's currency. */
  readonly creditTypeId?: string | undefined;
}

/**
 * Adds dated rates to a card, all or none; products that are new on it come last in its order. A
 * message names the rate by `path`, "rates[3]." or nothing.
 */
export async function addRates(
  ctx: OperationContext,
  rateCardId: string,
  rates: readonly AddRate[],
  path: (index: number) => string,
): Promise<RateCardRow> {
  return inTransaction(ctx.db, async (tx) => {
    const card = await lockRateCard(tx, ctx.environment.id, rateCardId);
    if (card.archived_at !== null) throw invalid("The rate card is archived", "rate_card_id");
    const productIds = rates.map(({ productId }) => productId);
    const products = await getProducts(tx, ctx.environment.id, productIds);
    const creditTypeOf = await openRateCreditTypes(tx, card);
    const creditTypes = rates.map((rate, n) => {
      const refuse: Refuse = (field, message) =>
        invalid(`${path(n)}${field} ${message}`, `${path(n)}${field}`);
      checkRate(rate, products.get(rate.productId), path(n), refuse);
      return creditTypeOf(rate, refuse);
    });
    await insertRates(
      tx,
      rates.map((rate, n) => ({
        rateCardId,
        productId: rate.productId,
        pricingGroupValues: rate.pricingGroupValues,
        startingAt: instantText(rate.startingAt),
        endingBefore: rate.endingBefore && instantText(rate.endingBefore),
        entitled: rate.entitled,
        billingFrequency: rate.billingFrequency,
        price: rate.price,
        commitRate: rate.commitRate,
        minimumAmount: rate.minimumAmount,
        maximumAmount: rate.maximumAmount,
        creditTypeId: creditTypes[n] ?? card.fiat_credit_type_id,
        createdAt: instantText(ctx.now),
        createdBy: ctx.actor,
      })),
    );
    const order = (await listProductOrders(tx, [rateCardId])).get(rateCardId) ?? [];
    const added = [...new Set(productIds)].filter((id) => !order.includes(id));
    if (added.length > 0) await updateProductOrder(tx, rateCardId, [...order, ...added]);
    return card;
  });
}

function checkRate(
  rate: AddRate,
  product: ProductRecord | undefined,
  path: string,
  refuse: Refuse,
): void {
  if (product === undefined || product.type === "FIXED") {
    throw refuse("product_id", "must be of a USAGE, SUBSCRIPTION or COMPOSITE product");
  }
  if ((product.type === "SUBSCRIPTION") !== (rate.billingFrequency !== null)) {
    throw refuse("billing_frequency", "is for SUBSCRIPTION products, which need it");
  }
  if (product.type === "SUBSCRIPTION" && rate.price.type !== "FLAT") {
    throw refuse("rate_type", "must be FLAT for a SUBSCRIPTION product");
  }
  checkRateTerms(rate, product.type, refuse);
  if (product.archivedAt !== null) throw refuse("product_id", "is of an archived product");
  checkReach(rate.startingAt, `${path}starting_at`);
  if (rate.endingBefore !== null) {
    checkReach(rate.endingBefore, `${path}ending_before`);
    if (!isBefore(rate.startingAt, rate.endingBefore)) {
      throw refuse("ending_before", "must be after starting_at");
    }
  }
  const key = productStateAt(toProduct(product).versions, rate.startingAt).pricingGroupKey;
  const given = Object.keys(rate.pricingGroupValues);
  if (given.length !== key.length || !key.every((name) => given.includes(name))) {
    const wanted = key.length === 0 ? "no value" : `a value for each of ${key.join(", ")}`;
    throw refuse("pricing_group_values", `must have ${wanted}`);
  }
}
