import { periodContaining } from "../period.ts";
import { earlier, type Instant, type Interval, isAfter, isBefore, sameInstant } from "../time.ts";
import type { Subscription } from "./subscription.ts";
import { type SubscriptionCharge, subscriptionCharges } from "./subscription-charges.ts";
import { type SubscriptionContract, subscriptionPeriods } from "./subscription-periods.ts";

/** Where a charge is looked for: on the usage invoice of a period, or on a scheduled one. */
export type InvoicePlace =
  | { readonly type: "USAGE"; readonly period: Interval }
  | { readonly type: "SCHEDULED"; readonly at: Instant };

/**
 * The charges of a subscription that one invoice of the contract carries and no other invoice has
 * billed. By default subscriptions go on usage invoices (Metronome API: `invoice_placement`):
 *
 * - in arrears: on the usage invoice in whose period the charge falls due, its end included;
 * - in advance: on the usage invoice that ends when the charge falls due. Where none ends there (the
 *   first period, an increase, periods shorter than the usage periods) it is a SCHEDULED invoice.
 * - what fell due on usage invoices that were closed when the subscription was added: on a SCHEDULED
 *   invoice of that date.
 *
 * ON_SCHEDULED_INVOICE: on a SCHEDULED invoice of the instant at which it falls due, whichever way.
 *
 * What fell due before the contract's `invoiceGenerationStartingAt` was billed elsewhere.
 */
export function chargesOnInvoice(
  contract: SubscriptionContract,
  subscription: Subscription,
  place: InvoicePlace,
): SubscriptionCharge[] {
  if (place.type === "SCHEDULED") {
    if (!isScheduledAt(contract, subscription, place.at)) return [];
    return openCharges(contract, subscription, justBefore(place.at), place.at);
  }
  if (subscription.invoicePlacement === "ON_SCHEDULED_INVOICE") return [];
  const inAdvance = subscription.collectionSchedule === "ADVANCE";
  const { start, end } = place.period;
  return openCharges(contract, subscription, inAdvance ? justBefore(end) : start, end).filter(
    ({ collectedAt }) => !wasClosed(subscription, collectedAt),
  );
}

/** The instants up to `until` at which the subscription needs a SCHEDULED invoice, by period. */
export function scheduledInstantsOf(
  contract: SubscriptionContract,
  subscription: Subscription,
  until: Instant,
): Instant[] {
  const { startingAt, addedAfter = null } = subscription;
  const last = isOnUsageOnly(subscription) ? addedAfter : until;
  if (last === null) return [];
  return openCharges(contract, subscription, justBefore(startingAt), earlier(last, until))
    .map(({ collectedAt }) => collectedAt)
    .filter((at) => isScheduledAt(contract, subscription, at));
}

/** Whether what falls due at this instant is on a SCHEDULED invoice. */
const isScheduledAt = (
  contract: SubscriptionContract,
  subscription: Subscription,
  at: Instant,
): boolean =>
  subscription.invoicePlacement === "ON_SCHEDULED_INVOICE" ||
  wasClosed(subscription, at) ||
  (!isOnUsageOnly(subscription) && !endsUsagePeriod(contract, at));

/** Whether the usage invoice that would have carried it was closed when the subscription was added. */
const wasClosed = ({ addedAfter = null }: Subscription, at: Instant): boolean =>
  addedAfter !== null && !isAfter(at, addedAfter);

/** In arrears there is always a usage invoice in whose period a charge falls due. */
const isOnUsageOnly = ({ invoicePlacement, collectionSchedule }: Subscription): boolean =>
  invoicePlacement === "ON_USAGE_INVOICE" && collectionSchedule === "ARREARS";

/**
 * When the subscription next falls due after `now` so that a SCHEDULED invoice may be needed, as far
 * as its terms tell; null when it does not any more. Until then no SCHEDULED invoice of it is missing.
 */
export function nextScheduledAt(
  contract: SubscriptionContract,
  subscription: Subscription,
  now: Instant,
): Instant | null {
  if (isOnUsageOnly(subscription)) return null;
  const period = subscriptionPeriods(contract, subscription, now).next().value;
  if (period === undefined) return null;
  // The next period's charge falls due at the end of this one, so nothing beyond it comes first.
  const { end } = period.active;
  return subscriptionCharges(contract, subscription, now, end)
    .map(({ collectedAt }) => collectedAt)
    .reduce<Instant | null>((first, at) => (first === null ? at : earlier(first, at)), null);
}

/** What nobody has billed yet, and what this contract is to bill. */
function openCharges(
  contract: SubscriptionContract,
  subscription: Subscription,
  after: Instant,
  until: Instant,
): SubscriptionCharge[] {
  const { invoiceGenerationStartingAt: first } = contract.usageSchedule;
  return subscriptionCharges(contract, subscription, after, until).filter(
    ({ id, collectedAt }) =>
      !subscription.invoicedChargeIds.has(id) && (first === null || !isBefore(collectedAt, first)),
  );
}

/** Whether a usage invoice of the contract ends at this instant. */
function endsUsagePeriod(contract: SubscriptionContract, at: Instant): boolean {
  if (contract.rateCardId === null) return false;
  const period = periodContaining(contract.usageSchedule, contract, justBefore(at));
  return period !== undefined && sameInstant(period.end, at);
}

const justBefore = (at: Instant): Instant => at.subtract({ nanoseconds: 1 });
