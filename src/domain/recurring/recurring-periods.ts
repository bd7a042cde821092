import type { Contract } from "../contracts/contract.ts";
import { wholePeriodContaining } from "../period.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import {
  type SubscriptionContract,
  subscriptionEnd,
} from "../subscriptions/subscription-periods.ts";
import { earlier, type Instant, type Interval, isBefore, later } from "../time.ts";
import type { RecurringCommit } from "./recurring-commit.ts";

/** The contract's terms that children are counted by. */
export type RecurringContract = SubscriptionContract & Pick<Contract, "subscriptions">;

/** One period of a recurring commit, for which it spawns one child. */
export interface RecurringPeriod {
  /** The calendar period, for whose length a full amount is given. */
  readonly whole: Interval;
  /** The part of it in which the recurring commit is in force. */
  readonly active: Interval;
  /** Exclusive end of the child's access. */
  readonly accessEndingBefore: Instant;
}

/**
 * The periods of a recurring commit from the one that contains `from` on (or its first one), in
 * order of time and without end where nothing ends it. The first is a part of a period where it
 * starts between two boundaries, the last is cut where it, its contract or its subscription ends.
 */
export function* recurringPeriods(
  contract: RecurringContract,
  recurring: RecurringCommit,
  from: Instant,
): Generator<RecurringPeriod> {
  const { startingAt } = recurring;
  const end = recurringEnd(contract, recurring);
  let at = later(from, startingAt);
  while (end === null || isBefore(at, end)) {
    const whole = calendarPeriod(contract, recurring, at);
    const active = {
      start: later(whole.start, startingAt),
      end: end === null ? whole.end : earlier(whole.end, end),
    };
    const accessEndingBefore = accessEnd(contract, recurring, { whole, active });
    yield { whole, active, accessEndingBefore };
    at = whole.end;
  }
}

/** The calendar period around an instant, at the frequency and from the anchor of the children. */
export function calendarPeriod(
  contract: RecurringContract,
  { frequency, startingAt }: RecurringCommit,
  at: Instant,
): Interval {
  const { usageSchedule } = contract;
  if (frequency === null) {
    return wholePeriodContaining(usageSchedule.frequency, usageSchedule, contract, at);
  }
  const anchor = { day: "CUSTOM_DATE", anchorAt: startingAt } as const;
  return wholePeriodContaining(frequency, { ...usageSchedule, anchor }, contract, at);
}

/** Exclusive end: the recurring commit's own, its contract's or its subscription's; null: none. */
export function recurringEnd(
  contract: RecurringContract,
  recurring: RecurringCommit,
): Instant | null {
  const subscription = subscriptionOf(contract, recurring);
  const ends = [
    recurring.endingBefore,
    contract.endingBefore,
    subscription === undefined ? null : subscriptionEnd(contract, subscription),
  ].filter((end) => end !== null);
  const [first] = ends;
  return first === undefined ? null : ends.reduce(earlier, first);
}

/** The subscription that a recurring commit grants value for; undefined: none. */
export const subscriptionOf = (
  { subscriptions }: RecurringContract,
  { pool }: RecurringCommit,
): Subscription | undefined =>
  pool === null ? undefined : subscriptions.find(({ id }) => id === pool.subscriptionId);

/** Access to a cut period ends with it, unless more periods are to follow; all ends with the contract. */
function accessEnd(
  contract: RecurringContract,
  recurring: RecurringCommit,
  { whole, active }: Pick<RecurringPeriod, "whole" | "active">,
): Instant {
  if (recurring.durationPeriods === 1) return active.end;
  let { end } = whole;
  for (let n = 1; n < recurring.durationPeriods; n += 1) {
    end = calendarPeriod(contract, recurring, end).end;
  }
  return contract.endingBefore === null ? end : earlier(end, contract.endingBefore);
}
