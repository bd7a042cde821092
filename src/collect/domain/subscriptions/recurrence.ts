import { type Instant, isAfter, type Temporal } from "../../../domain/time.ts";

export type RecurrenceUnit = "day" | "week" | "month" | "year";

/** How often a price bills: every `count` units. */
export interface Recurrence {
  readonly unit: RecurrenceUnit;
  readonly count: number;
}

/** Half-open: the end of one period is the start of the next. */
export interface Period {
  readonly start: Instant;
  readonly end: Instant;
}

const DURATION_UNIT = { day: "days", week: "weeks", month: "months", year: "years" } as const;

/**
 * The nth boundary of a subscription's periods, counted from its anchor and not from the boundary
 * before: the 31st comes back after a short month, February 29 in the next leap year. The day is cut
 * to the last of its month, the time of day stays, in UTC (Stripe docs: Billing cycle anchor).
 */
export function boundary(anchor: Instant, { unit, count }: Recurrence, n: number): Instant {
  const start = anchor.toZonedDateTimeISO("UTC");
  return start.add({ [DURATION_UNIT[unit]]: n * count }, { overflow: "constrain" }).toInstant();
}

/** The first boundary after `at`, which may lie before the anchor. */
export const boundaryAfter = (anchor: Instant, recurrence: Recurrence, at: Instant): Instant =>
  boundary(anchor, recurrence, indexAfter(anchor, recurrence, at));

/** The whole period that `at` falls into, counted from the anchor. */
export function periodAround(anchor: Instant, recurrence: Recurrence, at: Instant): Period {
  const n = indexAfter(anchor, recurrence, at);
  return {
    start: boundary(anchor, recurrence, n - 1),
    end: boundary(anchor, recurrence, n),
  };
}

/** The smallest n whose boundary is after `at`. */
function indexAfter(anchor: Instant, recurrence: Recurrence, at: Instant): number {
  const unit = DURATION_UNIT[recurrence.unit];
  const distance: Temporal.Duration = anchor
    .toZonedDateTimeISO("UTC")
    .until(at.toZonedDateTimeISO("UTC"), { largestUnit: unit });
  // `until` truncates, and a cut month end can shift it by one: start below and walk up.
  let n = Math.floor(distance[unit] / recurrence.count) - 1;
  while (!isAfter(boundary(anchor, recurrence, n), at)) n += 1;
  return n;
}

/** Whether two prices bill at the same times. */
export const sameRecurrence = (a: Recurrence, b: Recurrence): boolean =>
  a.unit === b.unit && a.count === b.count;
