import type { Commit } from "../commits/commit.ts";
import type { Contract } from "../contracts/contract.ts";
import { periodContaining, periodsUntil, usagePeriods } from "../period.ts";
import { nextScheduledAt, scheduledInstantsOf } from "../subscriptions/invoice-placement.ts";
import {
  earlier,
  type Instant,
  type Interval,
  isAfter,
  isBefore,
  later,
  Temporal,
} from "../time.ts";

/** The billing periods of the contract that have begun at `now`; none when it bills no usage. */
export const begunPeriods = (contract: Contract, now: Instant): Interval[] =>
  contract.rateCardId === null ? [] : periodsUntil(contract.usageSchedule, contract, now);

/**
 * What of the periods no invoice has closed yet: a period that was invoiced up to an earlier end,
 * because the contract ended there before it was prolonged, goes on from that end.
 */
export const openParts = (periods: readonly Interval[], closed: readonly Interval[]): Interval[] =>
  periods.flatMap((period) => {
    const ends = closed
      .filter(({ start }) => !isBefore(start, period.start) && isBefore(start, period.end))
      .map(({ end }) => end);
    const start = ends.reduce(later, period.start);
    return isBefore(start, period.end) ? [{ start, end: period.end }] : [];
  });

/**
 * When the contract's invoices next need attention: where a usage period turns, or where a
 * subscription is billed on a SCHEDULED invoice, whichever comes first. null when nothing is left.
 */
export const nextTurnAt = (contract: Contract, now: Instant): Instant | null =>
  [
    nextUsageTurnAt(contract, now),
    ...contract.subscriptions.map((subscription) => nextScheduledAt(contract, subscription, now)),
  ].reduce((first, at) => (first === null || at === null ? (first ?? at) : earlier(first, at)));

/** The end of the period that runs at `now`, else the start of the first one. */
function nextUsageTurnAt(contract: Contract, now: Instant): Instant | null {
  if (contract.rateCardId === null) return null;
  const current = periodContaining(contract.usageSchedule, contract, now);
  if (current !== undefined) return current.end;
  const first = usagePeriods(contract.usageSchedule, contract).next().value;
  return first !== undefined && isAfter(first.start, now) ? first.start : null;
}

/**
 * The instants up to `now` at which the contract sends a SCHEDULED invoice for a subscription, in any
 * order. Later ones are not planned: terms without an end have no last one.
 */
export const subscriptionInstants = (contract: Contract, now: Instant): Instant[] =>
  contract.subscriptions.flatMap((subscription) =>
    scheduledInstantsOf(contract, subscription, now),
  );

/**
 * The instants at which the contract sends a SCHEDULED invoice, ascending, each once: those of its
 * charges and of the commit purchases that it invoices. Where scheduled charges ride on usage
 * invoices, an item dated at the end of a billing period has no invoice of its own, unless that
 * period's invoice is no draft any more (`closed`). True-ups never ride: they wait for all usage.
 */
export function scheduledInstants(
  contract: Contract,
  commits: readonly Commit[],
  closed: readonly Interval[],
): Instant[] {
  const purchases = commits.filter((commit) => commit.invoiceContractId === contract.id);
  const trueUps = purchases.filter(({ type }) => type === "POSTPAID");
  const mayRide = [
    ...contract.scheduledCharges.flatMap((charge) => charge.items),
    ...purchases.filter(({ type }) => type !== "POSTPAID").flatMap((c) => c.invoiceSchedule),
  ].filter(({ at }) => !ridesOnUsage(contract, at, closed));
  const items = [...mayRide, ...trueUps.flatMap((commit) => commit.invoiceSchedule)];
  const unique = new Map(items.map(({ at }) => [at.epochNanoseconds, at]));
  return [...unique.values()].sort(Temporal.Instant.compare);
}

function ridesOnUsage(contract: Contract, at: Instant, closed: readonly Interval[]): boolean {
  if (!contract.scheduledChargesOnUsageInvoices || contract.rateCardId === null) return false;
  const justBefore = at.subtract({ nanoseconds: 1 });
  const period = periodContaining(contract.usageSchedule, contract, justBefore);
  return period?.end.equals(at) === true && openParts([period], closed).length > 0;
}

/** The terms without the items that a finalized invoice bills already: an item is billed once. */
export function withoutInvoiced<Terms extends TermsWithItems>(
  terms: Terms,
  invoicedItemIds: ReadonlySet<string>,
): Terms {
  if (invoicedItemIds.size === 0) return terms;
  const isOpen = ({ id }: { readonly id: string }) => !invoicedItemIds.has(id);
  return {
    ...terms,
    contracts: terms.contracts.map((contract) => ({
      ...contract,
      subscriptions: contract.subscriptions.map((subscription) => ({
        ...subscription,
        invoicedChargeIds: invoicedItemIds,
      })),
      scheduledCharges: contract.scheduledCharges.map((charge) => ({
        ...charge,
        items: charge.items.filter(isOpen),
      })),
    })),
    commits: terms.commits.map((commit) => ({
      ...commit,
      invoiceSchedule: commit.invoiceSchedule.filter(isOpen),
    })),
  };
}

interface TermsWithItems {
  readonly contracts: readonly Contract[];
  readonly commits: readonly Commit[];
}
