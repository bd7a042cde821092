import type { InvoiceLine, LineType } from "./line.ts";
import type { StoredStep } from "./stored-step.ts";

const BY_STEP: Partial<Record<StoredStep["step"], string>> = {
  stated: "An imported invoice states the quantity; no events were metered for it",
  spend: "The line is a percentage of what other products cost; their lines have the events",
  minimum: "The line is what was missing to the rate's minimum; no events stand behind it",
};

const BY_TYPE: Record<LineType, string> = {
  usage: "Nothing was metered for the line",
  subscription: "A subscription is billed by its quantity and not by events",
  applied_commit_or_credit: "The line pays for another one; that one has the events",
  scheduled: "The line was scheduled; no events stand behind it",
  commit_purchase: "The line pays for a commit; no events stand behind it",
  cpu_conversion: "The line converts what lines in a pricing unit cost; those have the events",
};

/** Why a line without a `usage` step has no events. */
export const noEventsReason = (
  { type }: Pick<InvoiceLine, "type">,
  steps: readonly StoredStep[],
): string => steps.map(({ step }) => BY_STEP[step]).find((reason) => reason) ?? BY_TYPE[type];
