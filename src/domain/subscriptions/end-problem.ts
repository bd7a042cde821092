import { type Instant, instantText, isAfter, isBefore } from "../time.ts";
import type { Subscription } from "./subscription.ts";
import { subscriptionCharges } from "./subscription-charges.ts";
import { type SubscriptionContract, subscriptionEnd } from "./subscription-periods.ts";

/**
 * Why a subscription cannot end then (null: with its contract); null: it can. An earlier end gives
 * nothing back of what is invoiced. A later one needs the last period to be open, or to end with a
 * whole period: a period that is invoiced is not billed again. Nor may it bring charges onto usage
 * invoices that are closed: `closedUntil` is the end of the last such one, null when there is none.
 */
export function endProblem(
  contract: SubscriptionContract,
  subscription: Subscription,
  endingBefore: Instant | null,
  closedUntil: Instant | null,
): string | null {
  if (endingBefore !== null && !isAfter(endingBefore, subscription.startingAt)) {
    return `must be after the subscription's start, ${instantText(subscription.startingAt)}`;
  }
  const contractEnd = contract.endingBefore;
  if (endingBefore !== null && contractEnd !== null && isAfter(endingBefore, contractEnd)) {
    return `must not be after the contract's end, ${instantText(contractEnd)}`;
  }
  const before = subscriptionEnd(contract, subscription);
  const after = subscriptionEnd(contract, { ...subscription, endingBefore });
  const isLater = before !== null && (after === null || isAfter(after, before));
  if (!isLater) return null;
  const limit = `must not be after ${instantText(before)}`;
  if (isLastPartInvoiced(contract, subscription, before)) {
    return `${limit}: the period that ends there is invoiced`;
  }
  if (closedUntil !== null && isBefore(before, closedUntil) && isOnUsage(subscription)) {
    return `${limit}: usage up to ${instantText(closedUntil)} is invoiced; add a new subscription for the time since`;
  }
  return null;
}

const isOnUsage = ({ invoicePlacement }: Subscription): boolean =>
  invoicePlacement === "ON_USAGE_INVOICE";

function isLastPartInvoiced(
  contract: SubscriptionContract,
  subscription: Subscription,
  end: Instant,
): boolean {
  const start = subscription.startingAt.subtract({ nanoseconds: 1 });
  return subscriptionCharges(contract, subscription, start, end).some(
    ({ id, window, whole }) =>
      window.end.equals(end) && isBefore(end, whole.end) && subscription.invoicedChargeIds.has(id),
  );
}
