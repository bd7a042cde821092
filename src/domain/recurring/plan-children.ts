import type { ProrationBasis } from "../conventions.ts";
import { earlier, type Instant, isAfter, isBefore } from "../time.ts";
import { type ChildPlan, childIds, planChild, samePlan } from "./child-plan.ts";
import type { RecurringCommit } from "./recurring-commit.ts";
import {
  calendarPeriod,
  type RecurringContract,
  recurringEnd,
  recurringPeriods,
  subscriptionOf,
} from "./recurring-periods.ts";

/** What is to happen with the children of one recurring commit. */
export interface ChildChanges {
  readonly add: readonly ChildPlan[];
  /** Of children that have not started: what they become. */
  readonly change: readonly ChildPlan[];
  /** Ids of children that have not started and whose period is no more. */
  readonly removeIds: readonly string[];
}

/**
 * Compares the children that there should be at `now` with those that there are. A child is spawned
 * when the calendar period before its own begins, so none is more than a period ahead. A child whose period has begun
 * stays as it is, whatever becomes of the terms; where nothing is to be done, nothing is said.
 */
export function planChildren(
  contract: RecurringContract,
  recurring: RecurringCommit,
  known: readonly ChildPlan[],
  now: Instant,
  basis: ProrationBasis,
): ChildChanges {
  const [started, ahead] = [true, false].map((begun) =>
    known.filter(({ active }) => isAfter(active.start, now) !== begun),
  ) as [ChildPlan[], ChildPlan[]];
  const plans = new Map(ahead.map((plan) => [childIds(plan).id, plan]));
  const add: ChildPlan[] = [];
  const change: ChildPlan[] = [];
  for (const plan of wantedAfter(contract, recurring, { after: lastStart(started), now, basis })) {
    const { id } = childIds(plan);
    const planned = plans.get(id);
    plans.delete(id);
    if (planned === undefined) add.push(plan);
    else if (!samePlan(planned, plan)) change.push(plan);
  }
  return { add, change, removeIds: [...plans.keys()] };
}

/** The children whose period starts after `after`, up to one period ahead of `now`. */
function wantedAfter(
  contract: RecurringContract,
  recurring: RecurringCommit,
  { after, now, basis }: { after: Instant | null; now: Instant; basis: ProrationBasis },
): ChildPlan[] {
  const horizon = calendarPeriod(contract, recurring, now).end;
  const wanted: ChildPlan[] = [];
  for (const period of recurringPeriods(contract, recurring, after ?? recurring.startingAt)) {
    if (isAfter(period.whole.start, horizon)) break;
    if (after === null || isAfter(period.active.start, after)) {
      wanted.push(planChild(contract, recurring, period, basis));
    }
  }
  return wanted;
}

const lastStart = (started: readonly ChildPlan[]): Instant | null =>
  started.reduce<Instant | null>(
    (last, { active }) => (last === null || isAfter(active.start, last) ? active.start : last),
    null,
  );

/**
 * When the children next need attention: where a period begins, or where the quantity or the seats
 * that they follow change, whichever comes first. null when nothing is to come.
 */
export function nextChildrenAt(
  contract: RecurringContract,
  recurring: RecurringCommit,
  now: Instant,
): Instant | null {
  const end = recurringEnd(contract, recurring);
  const subscription = subscriptionOf(contract, recurring);
  const changes = [...(subscription?.quantities ?? []), ...(subscription?.seats?.changes ?? [])]
    .map(({ startingAt }) => startingAt)
    .filter((at) => isAfter(at, now));
  const next = changes.reduce(earlier, calendarPeriod(contract, recurring, now).end);
  return end !== null && !isBefore(next, end) ? null : next;
}

/** Whether more than `limit` periods have begun at `now`. Stops counting there. */
export function hasBegunMoreThan(
  limit: number,
  contract: RecurringContract,
  recurring: RecurringCommit,
  now: Instant,
): boolean {
  let begun = 0;
  for (const { active } of recurringPeriods(contract, recurring, recurring.startingAt)) {
    if (isAfter(active.start, now)) return false;
    begun += 1;
    if (begun > limit) return true;
  }
  return false;
}
