import { type Instant, type Interval, isBefore, later } from "../time.ts";

/** The contract that renews another one. */
export interface NextTerm {
  readonly startingAt: Instant;
  /** null: it is open-ended. */
  readonly endingBefore: Instant | null;
}

/**
 * When the rest of a segment can be burned on the contract that follows: from its start, or the
 * segment's where that is later, to its end. An open-ended contract gives as long a window as the
 * segment had, counted by the calendar in UTC. undefined: the segment has expired before, or would
 * only begin when the contract that follows has ended, so nothing rolls over.
 */
export function rolloverWindow(
  segment: { readonly startingAt: Instant; readonly endingBefore: Instant },
  next: NextTerm,
): Interval | undefined {
  if (isBefore(segment.endingBefore, next.startingAt)) return undefined;
  const start = later(segment.startingAt, next.startingAt);
  const end = next.endingBefore ?? addLength(start, segment.startingAt, segment.endingBefore);
  return isBefore(start, end) ? { start, end } : undefined;
}

function addLength(start: Instant, from: Instant, to: Instant): Instant {
  const zone = "UTC";
  const length = from
    .toZonedDateTimeISO(zone)
    .until(to.toZonedDateTimeISO(zone), { largestUnit: "years" });
  return start.toZonedDateTimeISO(zone).add(length).toInstant();
}
