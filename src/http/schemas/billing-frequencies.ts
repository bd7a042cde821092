import type { BillingFrequency } from "../../domain/period.ts";

/** How often subscriptions are billed; DAILY is an addition of our own. */
export const BILLING_FREQUENCIES = [
  "MONTHLY",
  "QUARTERLY",
  "ANNUAL",
  "WEEKLY",
  "DAILY",
] as const satisfies readonly BillingFrequency[];
