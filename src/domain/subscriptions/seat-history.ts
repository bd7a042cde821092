import { type Instant, isAfter, isBefore } from "../time.ts";
import { seatCount, seatStates } from "./seats.ts";
import type { Subscription, SubscriptionSeats } from "./subscription.ts";
import { type SubscriptionContract, subscriptionEnd } from "./subscription-periods.ts";

/** Who has a seat in a stretch of time. */
export interface SeatEntry {
  readonly startingAt: Instant;
  /** Exclusive; null: until something changes. */
  readonly endingBefore: Instant | null;
  readonly quantity: number;
  readonly seatIds: readonly string[];
}

/** Absent bounds are none. */
export interface SeatFilter {
  /** The one entry in force then. */
  readonly coveringAt?: Instant;
  /** Entries in force at this instant or later. */
  readonly from?: Instant;
  /** Entries in force at this instant or earlier. */
  readonly to?: Instant;
}

/** Who had, has or will have a seat, oldest first. */
export function seatHistory(
  contract: SubscriptionContract,
  subscription: Subscription & { readonly seats: SubscriptionSeats },
  { coveringAt, from = coveringAt, to = coveringAt }: SeatFilter,
): SeatEntry[] {
  const { base, changes } = subscription.seats;
  const end = subscriptionEnd(contract, subscription);
  const states = seatStates(base, changes).filter(
    ({ startingAt }) => end === null || isBefore(startingAt, end),
  );
  return states
    .map((state, n) => ({
      startingAt: state.startingAt,
      endingBefore: states[n + 1]?.startingAt ?? end,
      quantity: seatCount(state),
      seatIds: state.seatIds,
    }))
    .filter(
      ({ startingAt, endingBefore }) =>
        (to === undefined || !isAfter(startingAt, to)) &&
        (from === undefined || endingBefore === null || isAfter(endingBefore, from)),
    );
}
