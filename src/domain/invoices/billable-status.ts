import { instant, isAfter } from "../time.ts";

/** Whether an invoice is meant to be collected. */
export type BillableStatus = "billable" | "unbillable";

export interface BillableStatusChange {
  readonly status: BillableStatus;
  /** Canonical instant. */
  readonly effectiveAt: string;
}

/**
 * The status that holds at an instant (the start of a usage invoice's period, the date of issue of any
 * other; Metronome API: "Set customer billable status"). `changes` run oldest first; customers are
 * billable until told otherwise.
 */
export const billableStatusAt = (
  changes: readonly BillableStatusChange[],
  at: string,
): BillableStatus =>
  changes.findLast(({ effectiveAt }) => !isAfter(instant(effectiveAt), instant(at)))?.status ??
  "billable";
