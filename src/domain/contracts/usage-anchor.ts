import type { Instant } from "../time.ts";

export type BillingDay = "FIRST_OF_MONTH" | "CONTRACT_START" | "CUSTOM_DATE";

/**
 * The instant that a contract's billing periods are counted from. FIRST_OF_MONTH: the first
 * midnight (UTC) of a 1st from the contract's start on.
 */
export function usageAnchor(
  day: Exclude<BillingDay, "CUSTOM_DATE">,
  contractStartingAt: Instant,
): Instant {
  if (day === "CONTRACT_START") return contractStartingAt;
  const start = contractStartingAt.toZonedDateTimeISO("UTC");
  const first = start.with({ day: 1 }).startOfDay();
  return (first.equals(start) ? first : first.add({ months: 1 })).toInstant();
}
