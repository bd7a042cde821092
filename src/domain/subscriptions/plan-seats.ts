import { type Instant, instantText, isAfter, isBefore, Temporal } from "../time.ts";
import { billedLimit } from "./billed-limit.ts";
import { seatCount, seatStates } from "./seats.ts";
import type { SeatChange, SeatWish, Subscription, SubscriptionSeats } from "./subscription.ts";
import { type SubscriptionContract, subscriptionEnd } from "./subscription-periods.ts";

/** At most so many seats, with and without somebody (Metronome API). */
export const MAX_SEATS = 1000;

export type SeatUpdate = SeatWish & { readonly startingAt: Instant };

/** Which update cannot be done, by its place in the list, and why. */
export interface SeatProblem {
  readonly index: number;
  readonly field: "starting_at" | "seats";
  readonly problem: string;
}

/** Who leaves makes room before somebody comes, so that a swap changes no quantity. */
const ORDER = [
  "UNASSIGN",
  "REMOVE_UNASSIGNED",
  "ASSIGN",
  "ADD_UNASSIGNED",
] as const satisfies readonly SeatWish["type"][];

/**
 * The updates in the order in which they happen: by time, and at one instant by `ORDER`. Or the first
 * one that cannot be: each starts within the subscription, after the last quantity that was set as a
 * number, and in time that no finalized invoice has billed; and there are never more than MAX_SEATS.
 */
export function planSeats(
  contract: SubscriptionContract,
  subscription: Subscription & { readonly seats: SubscriptionSeats },
  updates: readonly SeatUpdate[],
  now: Instant,
): SeatUpdate[] | SeatProblem {
  const { seats } = subscription;
  const end = subscriptionEnd(contract, subscription);
  const billed = billedLimit(contract, subscription, now);
  const earliest = seats.base.at(-1)?.startingAt ?? subscription.startingAt;
  for (const [index, { startingAt }] of updates.entries()) {
    const refuse = (problem: string): SeatProblem => ({ index, field: "starting_at", problem });
    if (isBefore(startingAt, earliest)) {
      return refuse(`must not be before ${instantText(earliest)}, when the seats begin`);
    }
    if (end !== null && !isBefore(startingAt, end)) {
      return refuse(`must be before the subscription's end, ${instantText(end)}`);
    }
    if (billed !== null && !isAfter(startingAt, billed)) {
      return refuse(`must be after ${instantText(billed)}: what comes before is invoiced`);
    }
  }
  const planned = updates
    .map((update, index) => ({ update, index }))
    .sort(({ update: a }, { update: b }) => compareTurns(a, b));
  const after = inTurn([
    ...seats.changes,
    ...planned.map(({ update }, n) => ({ ...update, id: `planned ${n}` })),
  ]);
  const most = seatStates(seats.base, after)
    .map(seatCount)
    .reduce((a, b) => Math.max(a, b), 0);
  if (most > MAX_SEATS) {
    const problem = `lead to ${most} seats; a subscription has at most ${MAX_SEATS}`;
    return { index: planned.at(-1)?.index ?? 0, field: "seats", problem };
  }
  return planned.map(({ update }) => update);
}

const compareTurns = (a: SeatUpdate, b: SeatUpdate): number =>
  Temporal.Instant.compare(a.startingAt, b.startingAt) ||
  ORDER.indexOf(a.type) - ORDER.indexOf(b.type);

/** By time; changes of one instant as they were made. */
const inTurn = (changes: readonly SeatChange[]): SeatChange[] =>
  changes.toSorted((a, b) => Temporal.Instant.compare(a.startingAt, b.startingAt));
