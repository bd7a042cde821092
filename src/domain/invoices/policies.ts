/** Whether invoices are finalized by themselves when their grace is over, or wait for a person. */
export const FINALIZATION_POLICIES = ["automatic", "on_approval"] as const;
export type FinalizationPolicy = (typeof FINALIZATION_POLICIES)[number];

/** What becomes of usage that arrives when its invoice is final: docs/corrections.md. */
export const LATE_USAGE_POLICIES = [
  "report",
  "next_invoice",
  "supplementary",
  "credit_note",
] as const;
export type LateUsagePolicy = (typeof LATE_USAGE_POLICIES)[number];

/** What holds for the invoices of a contract: its own choice, else its environment's. */
export interface InvoicingPolicies {
  readonly finalization: FinalizationPolicy;
  readonly lateUsage: LateUsagePolicy;
}

/** What an environment starts with. */
export const DEFAULT_POLICIES: InvoicingPolicies = {
  finalization: "automatic",
  lateUsage: "report",
};
