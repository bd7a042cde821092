import { Temporal } from "temporal-polyfill";

/** The one place that imports the time library. Everything else takes Temporal from here. */
export { Temporal };
export type Instant = Temporal.Instant;

/** Instants that were read of late: the same few come again and again, and they never change. */
const lately = new Map<string, Instant>();
const MAX_LATELY = 1000;

/** Reads an RFC 3339 instant. Throws RangeError on anything else. */
export function instant(text: string): Instant {
  const known = lately.get(text);
  if (known !== undefined) return known;
  const at = Temporal.Instant.from(text);
  if (lately.size >= MAX_LATELY) lately.clear();
  lately.set(text, at);
  return at;
}

/** Texts of instants: they never change, and formatting one costs more than most arithmetic. */
const texts = new WeakMap<Instant, string>();

/** Canonical text: UTC, `Z`, as many fraction digits as needed. */
export function instantText(at: Instant): string {
  const known = texts.get(at);
  if (known !== undefined) return known;
  const text = at.toString();
  texts.set(at, text);
  return text;
}

export const isBefore = (a: Instant, b: Instant): boolean => Temporal.Instant.compare(a, b) < 0;
export const isAfter = (a: Instant, b: Instant): boolean => Temporal.Instant.compare(a, b) > 0;
export const earlier = (a: Instant, b: Instant): Instant => (isBefore(b, a) ? b : a);
export const later = (a: Instant, b: Instant): Instant => (isAfter(b, a) ? b : a);
export const sameInstant = (a: Instant, b: Instant): boolean => a.equals(b);

/** Whether two ranges, neither of them empty, share an instant. */
export const doOverlap = (a: Interval, b: Interval): boolean =>
  isBefore(a.start, b.end) && isBefore(b.start, a.end);

/** Half-open range of time: `start` belongs to it, `end` does not. */
export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}
