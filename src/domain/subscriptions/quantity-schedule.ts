import { type Decimal, max, ZERO } from "../decimal.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";
import type { QuantityChange } from "./subscription.ts";

/** The quantity at an instant: that of the last change up to it; 0 before the first one. */
export const quantityAt = (changes: readonly QuantityChange[], at: Instant): Decimal =>
  changes.findLast(({ startingAt }) => !isAfter(startingAt, at))?.quantity ?? ZERO;

/** Units that a change added to what a period had been billed for. */
export interface QuantityIncrease {
  readonly change: QuantityChange;
  /** More than 0. */
  readonly quantity: Decimal;
}

/**
 * What changes inside a period add to the quantity at its start. A decrease takes nothing back: the
 * units are paid for until the period ends, so coming back up to them adds nothing either, and the
 * lower quantity counts from the next period on.
 */
export function increasesIn(
  changes: readonly QuantityChange[],
  period: Interval,
): QuantityIncrease[] {
  const increases: QuantityIncrease[] = [];
  let billed = quantityAt(changes, period.start);
  for (const change of changes) {
    const { startingAt } = change;
    if (!isAfter(startingAt, period.start) || !isBefore(startingAt, period.end)) continue;
    if (change.quantity.gt(billed)) {
      increases.push({ change, quantity: change.quantity.minus(billed) });
    }
    billed = max(billed, change.quantity);
  }
  return increases;
}
