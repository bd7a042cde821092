import type { Conventions } from "../conventions.ts";
import type { Instant } from "../time.ts";

/**
 * The end of a period as a document states it that leaves us: the instant after the period, or the
 * last second that belongs to it, whose date is the period's last day. Intervals of ours, and the
 * times in our API's replies, end exclusively whatever the convention says.
 */
export const statedEnd = (end: Instant, periodEnd: Conventions["periodEnd"]): Instant =>
  periodEnd === "exclusive"
    ? end
    : end.subtract({ nanoseconds: 1 }).round({ smallestUnit: "second", roundingMode: "floor" });
