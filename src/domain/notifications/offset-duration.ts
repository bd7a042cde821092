import { type Instant, instant, isAfter, isBefore, Temporal } from "../time.ts";

/** A signed stretch of time before or after an event, by the calendar in UTC. */
export type OffsetDuration = Temporal.Duration;

/** Whole numbers of years, months, weeks, days, hours, minutes and seconds under one sign. */
const FORM = /^[+-]?P(?:\d+[YMWDHS]|T)+$/;
/** The same with the minus before each number. */
const INNER_MINUS = /^P(?:-\d+[YMWDHS]|T)+$/;

const ORIGIN = instant("2000-01-01T00:00:00Z");
const NEAREST = instant("1900-01-01T00:00:00Z");
const FARTHEST = instant("2100-01-01T00:00:00Z");

/**
 * Reads an ISO 8601 duration: `P7D`, `-P1M`, `-PT2H`, and `P-7D` for `-P7D`. undefined when it is not
 * one, has fractions or several signs, or is longer than 100 years.
 */
export function readOffset(text: string): OffsetDuration | undefined {
  const plain = INNER_MINUS.test(text) ? `-${text.replaceAll("-", "")}` : text;
  if (!FORM.test(plain)) return undefined;
  try {
    const offset = Temporal.Duration.from(plain);
    const reach = addOffset(ORIGIN, offset);
    return isBefore(reach, NEAREST) || isAfter(reach, FARTHEST) ? undefined : offset;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The instant that lies the offset after `at`: years and months first, where a missing day becomes
 * the last of its month, then weeks and days of 24 hours, then the rest.
 */
export const addOffset = (at: Instant, offset: OffsetDuration): Instant =>
  at.toZonedDateTimeISO("UTC").add(offset, { overflow: "constrain" }).toInstant();
