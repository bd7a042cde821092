import type { CoreTransaction } from "../db/database.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { type Decimal, dec, ONE, toText, ZERO } from "../domain/decimal.ts";
import { findTooSmall } from "../domain/thresholds/recharge-minimums.ts";
import { invalid } from "../errors.ts";
import {
  type ThresholdConfiguration,
  type ThresholdType,
  upsertThreshold,
} from "../store/threshold-configurations.ts";
import { checkApplicability, namedProducts } from "./check-commit-terms.ts";
import { checkProducts } from "./check-products.ts";
import type { OperationContext } from "./context.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";
import { checkThresholdUnit } from "./threshold-unit.ts";

/** A threshold as somebody sets it. */
export type ThresholdTerms = Omit<
  ThresholdConfiguration,
  "contractId" | "customerId" | "workflowCount"
>;

/** Whose threshold it is, and what it is paid in. */
export interface ThresholdPlace {
  readonly contractId: string;
  readonly customerId: string;
  /** Of the contract's currency. */
  readonly creditTypeId: string;
  readonly rateCardId: string | null;
  /** The unit of the threshold that is changed. */
  readonly had: string | null;
}

/** The field under which a threshold stands in a contract. */
export const thresholdField = (type: ThresholdType): string => `${type}_configuration`;

/**
 * Sets a contract's threshold, or replaces the one of its kind, and lets it be evaluated at once.
 * `path` names it in messages.
 */
export async function setThreshold(
  tx: CoreTransaction,
  ctx: OperationContext,
  terms: ThresholdTerms,
  place: ThresholdPlace,
  path: string,
): Promise<void> {
  const inTx = { ...ctx, db: tx };
  const unitPrice = await checkThresholdUnit(inTx, terms, place, path);
  checkAmounts(terms, unitPrice, place.creditTypeId, path);
  checkApplicability(terms.commit, `${path}.commit.`);
  const { paymentFraction } = terms;
  if (paymentFraction?.eq(ZERO)) {
    const field = `${path}.discount_configuration.payment_fraction`;
    throw invalid(`${field} must be more than 0, or there is nothing to pay`, field);
  }
  await checkProducts(
    inTx,
    [{ id: terms.commit.productId, path: `${path}.commit.product_id` }],
    namedProducts(terms.commit),
  );
  const { contractId, customerId } = place;
  await upsertThreshold(tx, ctx.environment.id, { ...terms, contractId, customerId });
  await requestThresholdEvaluation(tx, ctx, customerId);
}

function checkAmounts(
  { type, threshold, rechargeTo }: ThresholdTerms,
  unitPrice: Decimal,
  creditTypeId: string,
  path: string,
): void {
  if (rechargeTo === null) {
    if (threshold.gt(ZERO)) return;
    const field = `${path}.threshold_amount`;
    throw invalid(`${field} of a ${thresholdField(type)} must be more than 0`, field);
  }
  const { name, currency, wireExponent } = getCreditType(creditTypeId);
  const wholeUnit = dec(`1e${currency.exponent - wireExponent}`);
  const found = findTooSmall({ threshold, rechargeTo, unitPrice }, wholeUnit);
  if (found === undefined) return;
  const field = `${path}.${found.field}`;
  const least = `at least ${toText(found.least)} in the unit of ${name}`;
  const priced = unitPrice.eq(ONE) ? "be" : `be worth, at ${toText(unitPrice)} each,`;
  throw invalid(`${field} must ${priced} ${least}`, field);
}
