import type { CoreTransaction } from "../db/database.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { type Decimal, dec, toText, ZERO } from "../domain/decimal.ts";
import { invalid } from "../errors.ts";
import {
  type ThresholdConfiguration,
  type ThresholdType,
  upsertThreshold,
} from "../store/threshold-configurations.ts";
import { checkApplicability, namedProducts } from "./add-commit.ts";
import { checkProducts } from "./check-products.ts";
import type { OperationContext } from "./context.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";

/** A threshold as somebody sets it. */
export type ThresholdTerms = Omit<
  ThresholdConfiguration,
  "contractId" | "customerId" | "workflowCount"
>;

/** Whose threshold it is, and the currency that its amounts are in. */
export interface ThresholdPlace {
  readonly contractId: string;
  readonly customerId: string;
  readonly creditTypeId: string;
}

/** Recharge minimums, in whole units of the currency (Metronome docs: "Recharge minimums"). */
const MIN_THRESHOLD = dec("5");
const MIN_RECHARGE = dec("10");

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
  checkAmounts(terms, place.creditTypeId, path);
  checkApplicability(terms.commit, `${path}.commit.`);
  const { paymentFraction } = terms;
  if (paymentFraction?.eq(ZERO)) {
    const field = `${path}.discount_configuration.payment_fraction`;
    throw invalid(`${field} must be more than 0, or there is nothing to pay`, field);
  }
  await checkProducts(
    { ...ctx, db: tx },
    [{ id: terms.commit.productId, path: `${path}.commit.product_id` }],
    namedProducts(terms.commit),
  );
  const { contractId, customerId } = place;
  await upsertThreshold(tx, ctx.environment.id, { ...terms, contractId, customerId });
  await requestThresholdEvaluation(tx, ctx, customerId);
}

function checkAmounts(
  { type, threshold, rechargeTo }: ThresholdTerms,
  creditTypeId: string,
  path: string,
): void {
  const field = `${path}.threshold_amount`;
  if (rechargeTo === null) {
    if (threshold.gt(ZERO)) return;
    throw invalid(`${field} of a ${thresholdField(type)} must be more than 0`, field);
  }
  const { name, currency, wireExponent } = getCreditType(creditTypeId);
  const unit = dec(`1e${currency.exponent - wireExponent}`);
  const atLeast = (amount: Decimal) => `at least ${toText(amount)} in the unit of ${name}`;
  const lowest = MIN_THRESHOLD.times(unit);
  if (threshold.lt(lowest)) throw invalid(`${field} must be ${atLeast(lowest)}`, field);
  const lowestRecharge = threshold.plus(MIN_RECHARGE.times(unit));
  if (rechargeTo.lt(lowestRecharge)) {
    const recharge = `${path}.recharge_to_amount`;
    throw invalid(`${recharge} must be ${atLeast(lowestRecharge)}`, recharge);
  }
}
