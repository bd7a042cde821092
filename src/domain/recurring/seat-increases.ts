import { ONE } from "../decimal.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import { prorate, shareOf } from "../subscriptions/proration.ts";
import { seatStates } from "../subscriptions/seats.ts";
import type { Subscription, SubscriptionSeats } from "../subscriptions/subscription.ts";
import { type Instant, isAfter, isBefore, later } from "../time.ts";
import { type ChildPlan, childIds } from "./child-plan.ts";
import type { PoolIncrease } from "./pool-increases.ts";
import type { RecurringCommit } from "./recurring-commit.ts";
import { seatSegmentId } from "./seat-segments.ts";

/** What a seat that comes within a child's own period brings to it, for its usage alone. */
export interface SeatIncrease extends PoolIncrease {
  readonly seatId: string;
}

/**
 * The seats that somebody got up to `now` within a child's own period and that the child did not know
 * when it began. Each brings its part once in a period, whoever had the seat before: prorated, the
 * child's price for the rest of its own period, else all of it. A seat that goes keeps its part.
 */
export function seatIncreases(
  { pool }: RecurringCommit,
  { seats }: Pick<Subscription, "seats">,
  plan: ChildPlan,
  now: Instant,
): SeatIncrease[] {
  if (seats === null || plan.seats === undefined) return [];
  const { active, whole, access, basis } = plan;
  const { id: childId } = childIds(plan);
  const known = new Set(plan.seats.seatIds);
  const increases: SeatIncrease[] = [];
  for (const { seatIds, startingAt } of statesWithin(seats, active.start, active.end)) {
    if (isAfter(startingAt, now)) break;
    const at = later(startingAt, active.start);
    for (const seatId of seatIds) {
      if (known.has(seatId)) continue;
      known.add(seatId);
      const segmentId = seatSegmentId(childId, seatId);
      const amount = pool?.isIncreaseProrated
        ? prorate(access.unitPrice, shareOf({ start: at, end: active.end }, whole, basis))
        : access.unitPrice;
      const id = uuidV5(segmentId, "increase");
      increases.push({ id, childId, segmentId, seatId, at, quantity: ONE, amount });
    }
  }
  return increases;
}

/** The states of the seats that are in force in [start, end), in order of time. */
function statesWithin({ base, changes }: SubscriptionSeats, start: Instant, end: Instant) {
  const states = seatStates(base, changes);
  return states.filter(({ startingAt }, n) => {
    const next = states[n + 1];
    return isBefore(startingAt, end) && (next === undefined || isAfter(next.startingAt, start));
  });
}
