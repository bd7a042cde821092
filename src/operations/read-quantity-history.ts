import type { CoreDb } from "../db/database.ts";
import type { Decimal } from "../domain/decimal.ts";
import { subscriptionPeriods } from "../domain/subscriptions/subscription-periods.ts";
import { type Instant, isAfter } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { toContract } from "../store/contracts.ts";
import type { OperationContext } from "./context.ts";
import { loadSubscription, type SubscriptionKey } from "./load-subscription.ts";
import { loadSubscriptionRates } from "./load-subscription-rates.ts";

export interface QuantityHistory {
  readonly fiatCreditTypeId: string;
  readonly entries: readonly QuantityEntry[];
}

export interface QuantityEntry {
  readonly startingAt: Instant;
  readonly quantity: Decimal;
  /** Of a whole billing period, when the quantity began; null: the card had no flat rate then. */
  readonly unitPrice: Decimal | null;
}

/** Every quantity that a subscription had or has, oldest first. Throws not found. */
export async function readQuantityHistory(
  ctx: OperationContext,
  key: Omit<SubscriptionKey, "environmentId">,
): Promise<QuantityHistory> {
  const read = async (db: CoreDb): Promise<QuantityHistory> => {
    const environmentId = ctx.environment.id;
    const { contract: row, subscription } = await loadSubscription(db, { environmentId, ...key });
    const rateAt = await loadSubscriptionRates(db, row, [subscription.productId]);
    const contract = toContract(row, [], [], []);
    const entries = subscription.quantities
      .filter(({ startingAt }) => !isAfter(startingAt, ctx.now))
      .map(({ startingAt, quantity }) => {
        const period = subscriptionPeriods(contract, subscription, startingAt).next().value;
        const rate = rateAt(subscription, period?.active.start ?? startingAt)?.rate;
        return { startingAt, quantity, unitPrice: rate?.type === "FLAT" ? rate.price : null };
      });
    return { fiatCreditTypeId: row.fiat_credit_type_id, entries };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}
