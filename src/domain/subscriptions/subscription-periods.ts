import type { Contract } from "../contracts/contract.ts";
import { type UsageSchedule, wholePeriodContaining } from "../period.ts";
import { earlier, type Instant, type Interval, isBefore, later } from "../time.ts";
import type { Subscription } from "./subscription.ts";

/** One billing period of a subscription. */
export interface SubscriptionPeriod {
  /** The calendar period, whose length a full price pays for. */
  readonly whole: Interval;
  /** The part of it in which the subscription is in force. */
  readonly active: Interval;
}

/** The contract's terms that subscriptions are counted by. */
export type SubscriptionContract = Pick<
  Contract,
  "startingAt" | "endingBefore" | "usageSchedule" | "rateCardId"
>;

/**
 * The periods of a subscription from the one that contains `from` on (or its first one), in order
 * of time and without end where neither the subscription nor the contract has one. They are counted
 * from the anchor of the contract's usage periods or its own, at the subscription's frequency.
 */
export function* subscriptionPeriods(
  contract: SubscriptionContract,
  subscription: Subscription,
  from: Instant,
): Generator<SubscriptionPeriod> {
  const { billingFrequency, startingAt } = subscription;
  const end = subscriptionEnd(contract, subscription);
  const schedule = scheduleOf(contract, subscription);
  let at = later(from, startingAt);
  while (end === null || isBefore(at, end)) {
    const whole = wholePeriodContaining(billingFrequency, schedule, contract, at);
    const active = {
      start: later(whole.start, startingAt),
      end: end === null ? whole.end : earlier(whole.end, end),
    };
    yield { whole, active };
    at = whole.end;
  }
}

const scheduleOf = (
  { usageSchedule }: SubscriptionContract,
  { anchorAt }: Subscription,
): UsageSchedule =>
  anchorAt === null
    ? usageSchedule
    : { ...usageSchedule, anchor: { day: "CUSTOM_DATE", anchorAt } };

/** Exclusive end of a subscription: its own or its contract's, whichever is earlier; null: none. */
export function subscriptionEnd(
  contract: SubscriptionContract,
  { endingBefore }: Subscription,
): Instant | null {
  if (endingBefore === null) return contract.endingBefore;
  return contract.endingBefore === null
    ? endingBefore
    : earlier(endingBefore, contract.endingBefore);
}
