import type { Instant } from "../time.ts";

const DAY_MS = 86_400_000;
const DAYS_OF_A_MONTH = 30;
const MONTHS_OF_A_YEAR = 12;

/** The number of the calendar day in UTC that an instant falls into, counted from 1970-01-01. */
export const dayNumber = ({ epochMilliseconds }: Instant): number =>
  Math.floor(epochMilliseconds / DAY_MS);

/**
 * The number of the same day where every month has 30 days and every year 360: the day count
 * convention 30E/360. The 31st is the 30th, so it adds nothing; from the last of February to the 1st
 * of March it is 3 days, or 2 in a leap year.
 */
export function thirtyDayNumber(at: Instant): number {
  const { year, month, day } = at.toZonedDateTimeISO("UTC");
  return (year * MONTHS_OF_A_YEAR + month) * DAYS_OF_A_MONTH + Math.min(day, DAYS_OF_A_MONTH);
}
