import { type Instant, type Interval, isAfter, isBefore, Temporal } from "../time.ts";
import type { Rate } from "./rate.ts";
import { rateEdges, rateInForce } from "./rate-in-force.ts";

/** A stretch of time with one rate; undefined where no rate covers it. */
export interface PriceWindow extends Interval {
  readonly rate: Rate | undefined;
}

/** Cuts a stretch wherever another rate comes into force. Hours are the finest grain. */
export function priceWindows(rates: readonly Rate[], stretch: Interval): PriceWindow[] {
  const windows: PriceWindow[] = [];
  for (const { start, end } of cutAt(stretch, rateEdges(rates, stretch))) {
    const rate = rateInForce(rates, start);
    const last = windows.at(-1);
    if (last !== undefined && last.rate?.id === rate?.id) {
      windows[windows.length - 1] = { ...last, end };
    } else {
      windows.push({ start, end, rate });
    }
  }
  return windows;
}

/** Cuts a stretch at those edges that lie inside of it, in any order and any number. */
export function cutAt(stretch: Interval, edges: readonly Instant[]): Interval[] {
  const inside = edges
    .filter((edge) => isAfter(edge, stretch.start) && isBefore(edge, stretch.end))
    .sort(Temporal.Instant.compare);
  const parts: Interval[] = [];
  let start = stretch.start;
  for (const edge of inside) {
    if (edge.equals(start)) continue;
    parts.push({ start, end: edge });
    start = edge;
  }
  parts.push({ start, end: stretch.end });
  return parts;
}
