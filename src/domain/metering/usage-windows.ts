import type { Interval } from "../time.ts";

export type WindowSize = "HOUR" | "DAY" | "NONE";

const HOUR_MS = 3_600_000;

/** Hours in one window; a whole range is one window under NONE. */
export function windowHours(size: WindowSize, { start, end }: Interval): number {
  if (size === "HOUR") return 1;
  if (size === "DAY") return 24;
  return (end.epochMilliseconds - start.epochMilliseconds) / HOUR_MS;
}

/** How many windows a range has. Its edges are edges of windows. */
export const countWindows = (size: WindowSize, range: Interval): number =>
  (range.end.epochMilliseconds - range.start.epochMilliseconds) /
  (windowHours(size, range) * HOUR_MS);

/** The windows of a range, one after the other. */
export function cutWindows(size: WindowSize, range: Interval): Interval[] {
  const hours = windowHours(size, range);
  let end = range.start;
  return Array.from({ length: countWindows(size, range) }, () => {
    const start = end;
    end = start.add({ hours });
    return { start, end };
  });
}
