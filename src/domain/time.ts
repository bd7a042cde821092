import { Temporal } from "temporal-polyfill";

/** The one place that imports the time library. Everything else takes Temporal from here. */
export { Temporal };
export type Instant = Temporal.Instant;

/** Reads an RFC 3339 instant. Throws RangeError on anything else. */
export const instant = (text: string): Instant => Temporal.Instant.from(text);

/** Canonical text: UTC, `Z`, as many fraction digits as needed. */
export const instantText = (at: Instant): string => at.toString();

export const isBefore = (a: Instant, b: Instant): boolean => Temporal.Instant.compare(a, b) < 0;
export const isAfter = (a: Instant, b: Instant): boolean => Temporal.Instant.compare(a, b) > 0;
export const earlier = (a: Instant, b: Instant): Instant => (isBefore(b, a) ? b : a);
export const later = (a: Instant, b: Instant): Instant => (isAfter(b, a) ? b : a);
export const sameInstant = (a: Instant, b: Instant): boolean => a.equals(b);

/** Half-open range of time: `start` belongs to it, `end` does not. */
export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}
