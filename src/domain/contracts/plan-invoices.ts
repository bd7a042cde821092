import type { Commit } from "../commits/commit.ts";
import { periodContaining, periodsUntil } from "../period.ts";
import { type Instant, type Interval, sameInstant, Temporal } from "../time.ts";
import type { Contract } from "./contract.ts";

/**
 * The billing periods of a contract that have a usage invoice at `until`: closed ones and the
 * current one, first to last. A contract without rate card bills no usage.
 */
export const usageInvoicePeriods = (contract: Contract, until: Instant): Interval[] =>
  contract.rateCardId === null ? [] : periodsUntil(contract.usageSchedule, contract, until);

/**
 * The instants at which a contract has a scheduled invoice of its own, ascending, past and future:
 * one for all charges and commit purchases of that instant. Items that join a usage invoice (the
 * contract says so, and a usage invoice's period ends at their instant) have none.
 */
export function scheduledInvoiceTimes(contract: Contract, commits: readonly Commit[]): Instant[] {
  const items = [
    ...contract.scheduledCharges.flatMap((charge) => charge.items),
    ...commits
      .filter(({ invoiceContractId }) => invoiceContractId === contract.id)
      .flatMap((commit) => commit.invoiceSchedule),
  ];
  const times = new Map(items.map(({ at }) => [at.epochMilliseconds, at]));
  return [...times.values()]
    .filter((at) => !joinsUsageInvoice(contract, at))
    .sort(Temporal.Instant.compare);
}

function joinsUsageInvoice(contract: Contract, at: Instant): boolean {
  if (!contract.scheduledChargesOnUsageInvoices || contract.rateCardId === null) return false;
  const justBefore = at.subtract({ nanoseconds: 1 });
  const period = periodContaining(contract.usageSchedule, contract, justBefore);
  return period !== undefined && sameInstant(period.end, at);
}
