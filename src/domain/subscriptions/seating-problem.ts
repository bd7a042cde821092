import { dec, round } from "../decimal.ts";
import { type Instant, instantText, isAfter } from "../time.ts";
import { MAX_SEATS } from "./plan-seats.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Why the units of a subscription cannot become seats that nobody has yet; null: they can. From then
 * on its quantity follows its seats, so no quantity may be still to come.
 */
export function seatingProblem({ seats, quantities }: Subscription, now: Instant): string | null {
  if (seats !== null) return "is for QUANTITY_ONLY subscriptions, and this one is SEAT_BASED";
  const last = quantities.at(-1);
  if (last === undefined) return null;
  if (isAfter(last.startingAt, now)) {
    return `must wait for ${instantText(last.startingAt)}, when the quantity changes`;
  }
  const isWhole = quantities.every(({ quantity }) =>
    round(quantity, 0, "toward_zero").eq(quantity),
  );
  if (!isWhole) return "needs a quantity that was always a whole number";
  if (quantities.some(({ quantity }) => quantity.gt(dec(String(MAX_SEATS))))) {
    return `needs a quantity that was never above ${MAX_SEATS}`;
  }
  return null;
}
