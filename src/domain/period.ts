import type { Instant } from "./time.ts";

export type Frequency = "WEEKLY" | "MONTHLY" | "QUARTERLY" | "ANNUAL";

/** What the boundaries of billing periods are counted from. Calendar arithmetic is in UTC. */
export type PeriodAnchor =
  | { readonly day: "FIRST_OF_MONTH" }
  | { readonly day: "CONTRACT_START" }
  | { readonly day: "CUSTOM_DATE"; readonly anchorAt: Instant };

/** How a contract's time is cut into billing periods. */
export interface UsageSchedule {
  readonly frequency: Frequency;
  readonly anchor: PeriodAnchor;
  /** No automatic usage invoice bills time before it; null: the contract's start. */
  readonly invoiceGenerationStartingAt: Instant | null;
}
