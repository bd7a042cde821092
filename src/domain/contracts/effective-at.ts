import { wholePeriodContaining } from "../period.ts";
import { type Instant, later } from "../time.ts";
import type { Contract } from "./contract.ts";

/** From when on a change of a contract counts, in the words of the public contract. */
export type EffectiveAt = "START_OF_CURRENT_PERIOD" | "START_OF_NEXT_PERIOD";

/**
 * The instant that is meant, by the usage period that runs at `now`; before the contract begins that
 * is its first one.
 */
export function effectiveInstant(
  wanted: EffectiveAt,
  contract: Pick<Contract, "startingAt" | "endingBefore" | "usageSchedule">,
  now: Instant,
): Instant {
  const { usageSchedule, startingAt } = contract;
  const at = later(now, startingAt);
  const current = wholePeriodContaining(usageSchedule.frequency, usageSchedule, contract, at);
  return wanted === "START_OF_CURRENT_PERIOD" ? later(current.start, startingAt) : current.end;
}
