import type { Decimal } from "../decimal.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import { prorate, shareOf } from "../subscriptions/proration.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { type Instant, isAfter, isBefore } from "../time.ts";
import { type ChildPlan, childIds } from "./child-plan.ts";
import type { RecurringCommit } from "./recurring-commit.ts";

/** Value that units added within a child's own period bring to it. */
export interface PoolIncrease {
  /** Follows from the child and the change of quantity: it is granted once, for ever. */
  readonly id: string;
  readonly childId: string;
  readonly segmentId: string;
  readonly at: Instant;
  readonly quantity: Decimal;
  readonly amount: Decimal;
}

/**
 * What changes of the subscription's quantity up to `now` add to a child's pool; none where each seat
 * has its own part (seatIncreases). As with what they are
 * billed for, a decrease takes nothing back and coming back up to it adds nothing. A prorated
 * increase is worth the child's price for the rest of the child's own period, any other one all of it.
 */
export function poolIncreases(
  { pool }: RecurringCommit,
  { quantities }: Pick<Subscription, "quantities">,
  plan: ChildPlan,
  now: Instant,
): PoolIncrease[] {
  if (plan.seats !== undefined) return [];
  const { active, whole, access, basis } = plan;
  const { id: childId, segmentId } = childIds(plan);
  const increases: PoolIncrease[] = [];
  let granted = access.quantity;
  for (const change of quantities) {
    const { startingAt: at } = change;
    if (isBefore(at, active.start) || !isBefore(at, active.end) || isAfter(at, now)) continue;
    if (!change.quantity.gt(granted)) continue;
    const quantity = change.quantity.minus(granted);
    const price = access.unitPrice.times(quantity);
    const amount = pool?.isIncreaseProrated
      ? prorate(price, shareOf({ start: at, end: active.end }, whole, basis))
      : price;
    increases.push({
      id: uuidV5(childId, `increase/${change.id}`),
      childId,
      segmentId,
      at,
      quantity,
      amount,
    });
    granted = change.quantity;
  }
  return increases;
}
