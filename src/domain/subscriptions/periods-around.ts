import { type Instant, type Interval, isAfter } from "../time.ts";
import type { Subscription } from "./subscription.ts";
import { type SubscriptionContract, subscriptionPeriods } from "./subscription-periods.ts";

/** The billing periods around an instant; undefined where the subscription has none. */
export interface PeriodsAround {
  readonly previous: Interval | undefined;
  readonly current: Interval | undefined;
  readonly next: Interval | undefined;
}

/** The period that runs at `now`, the one that ended last and the one that begins next. */
export function aroundPeriods(
  contract: SubscriptionContract,
  subscription: Subscription,
  now: Instant,
): PeriodsAround {
  let previous: Interval | undefined;
  let current: Interval | undefined;
  for (const { active } of subscriptionPeriods(contract, subscription, subscription.startingAt)) {
    if (isAfter(active.start, now)) return { previous, current, next: active };
    if (isAfter(active.end, now)) current = active;
    else previous = active;
  }
  return { previous, current, next: undefined };
}
