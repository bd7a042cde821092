import { dec } from "../decimal.ts";
import { type Instant, isAfter, sameInstant } from "../time.ts";
import type { QuantityChange, SeatChange, SeatWish, SubscriptionSeats } from "./subscription.ts";

/** The seats of a subscription from `startingAt` until the next state. */
export interface SeatState {
  readonly startingAt: Instant;
  /** In the order in which they were assigned. */
  readonly seatIds: readonly string[];
  readonly unassigned: number;
}

export const seatCount = ({ seatIds, unassigned }: Omit<SeatState, "startingAt">): number =>
  seatIds.length + unassigned;

/**
 * The quantities of a subscription with seats: `base` before anybody was named, whose units are
 * seats that nobody has, then what the changes make of it. Both are in order of time, and no change
 * starts before the last of `base`. A change that leaves the number as it is makes no quantity.
 */
export function seatQuantities(
  base: readonly QuantityChange[],
  changes: readonly SeatChange[],
): QuantityChange[] {
  const quantities = [...base];
  const seats = openSeats(base);
  for (const change of changes) {
    const before = seats.count();
    seats.apply(change);
    if (seats.count() === before) continue;
    const { id, startingAt } = change;
    quantities.push({ id, startingAt, quantity: dec(String(seats.count())) });
  }
  return quantities;
}

/** Who has a seat at an instant; nobody before the first state. */
export const seatsAt = (
  { base, changes }: Pick<SubscriptionSeats, "base" | "changes">,
  at: Instant,
): readonly string[] =>
  seatStates(base, changes).findLast(({ startingAt }) => !isAfter(startingAt, at))?.seatIds ?? [];

/** Who had, has or will have a seat: one state for each instant at which something changes. */
export function seatStates(
  base: readonly QuantityChange[],
  changes: readonly SeatChange[],
): SeatState[] {
  const states = base.map(({ startingAt, quantity }) => ({
    startingAt,
    seatIds: [] as readonly string[],
    unassigned: Number(quantity.toFixed()),
  }));
  const seats = openSeats(base);
  for (const change of changes) {
    seats.apply(change);
    states.push({ startingAt: change.startingAt, ...seats.state() });
  }
  return states.filter(({ startingAt }, n) => {
    const next = states[n + 1];
    return next === undefined || !sameInstant(next.startingAt, startingAt);
  });
}

function openSeats(base: readonly QuantityChange[]) {
  const assigned = new Set<string>();
  let unassigned = Number(base.at(-1)?.quantity.toFixed() ?? "0");
  const assign = (seatId: string) => {
    if (assigned.has(seatId)) return;
    assigned.add(seatId);
    if (unassigned > 0) unassigned -= 1;
  };
  return {
    count: () => assigned.size + unassigned,
    state: () => ({ seatIds: [...assigned], unassigned }),
    apply(change: SeatWish): void {
      switch (change.type) {
        case "ASSIGN":
          for (const seatId of change.seatIds) assign(seatId);
          return;
        case "UNASSIGN":
          for (const seatId of change.seatIds) assigned.delete(seatId);
          return;
        case "ADD_UNASSIGNED":
          unassigned += change.count;
          return;
        case "REMOVE_UNASSIGNED":
          unassigned = Math.max(0, unassigned - change.count);
      }
    },
  };
}
