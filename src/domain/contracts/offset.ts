import type { Instant } from "../time.ts";

/** A stretch of time by the calendar. */
export interface Offset {
  readonly value: number;
  readonly unit: "DAYS" | "WEEKS" | "MONTHS" | "YEARS";
}

const FIELD = { DAYS: "days", WEEKS: "weeks", MONTHS: "months", YEARS: "years" } as const;

/**
 * The instant that lies all of these stretches after `at`, by the calendar in UTC. They are added up
 * first and then counted from `at`: years, months, weeks, days. So what follows on from January 31
 * by months comes back to the 31st after a short one, and neighbours leave no gap.
 */
export function addOffsets(at: Instant, ...offsets: readonly Offset[]): Instant {
  const length = { years: 0, months: 0, weeks: 0, days: 0 };
  for (const { value, unit } of offsets) length[FIELD[unit]] += value;
  return at.toZonedDateTimeISO("UTC").add(length, { overflow: "constrain" }).toInstant();
}
