import { type Instant, isAfter } from "../time.ts";
import type { Subscription } from "./subscription.ts";
import { subscriptionCharges } from "./subscription-charges.ts";
import type { SubscriptionContract } from "./subscription-periods.ts";

/**
 * The last instant at which a change would come too late, because a finalized invoice bills what it
 * would change; null: nothing is invoiced. In arrears that is all of an invoiced period, in advance
 * its start, for increases after it have charges of their own.
 */
export function billedLimit(
  contract: SubscriptionContract,
  subscription: Subscription,
  now: Instant,
): Instant | null {
  const { startingAt, collectionSchedule, invoicedChargeIds } = subscription;
  const before = startingAt.subtract({ nanoseconds: 1 });
  const limits = subscriptionCharges(contract, subscription, before, now)
    .filter(({ id }) => invoicedChargeIds.has(id))
    .map(({ window, isIncrease }) => {
      if (collectionSchedule === "ARREARS") return window.end.subtract({ nanoseconds: 1 });
      return isIncrease ? window.start.subtract({ nanoseconds: 1 }) : window.start;
    });
  return limits.reduce<Instant | null>(
    (latest, at) => (latest === null || isAfter(at, latest) ? at : latest),
    null,
  );
}
