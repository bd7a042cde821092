import type { Decimal } from "../decimal.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import { type Instant, type Interval, instantText, isAfter } from "../time.ts";
import { increasesIn, quantityAt } from "./quantity-schedule.ts";
import type { Subscription } from "./subscription.ts";
import {
  type SubscriptionContract,
  type SubscriptionPeriod,
  subscriptionPeriods,
} from "./subscription-periods.ts";

/** Units to bill for a period or a part of it, before their price is known. */
export interface SubscriptionCharge {
  /** A uuid that follows from the subscription and what is charged: it is billed once, for ever. */
  readonly id: string;
  /** false: the quantity at the start of a period. */
  readonly isIncrease: boolean;
  /** The calendar period, whose start decides the rate. */
  readonly whole: Interval;
  /** The time that is paid for. */
  readonly window: Interval;
  readonly quantity: Decimal;
  /** When it is to be invoiced. */
  readonly collectedAt: Instant;
}

/**
 * The charges of a subscription that are to be invoiced after `after` and up to `until`, by period;
 * in it the quantity at its start comes first, then each increase. Those that are invoiced already
 * are among them.
 *
 * - ARREARS: all of a period when it ends.
 * - ADVANCE: the quantity at its start when it starts. An increase on its date (BILL_IMMEDIATELY),
 *   or when the period ends (BILL_ON_NEXT_COLLECTION_DATE).
 */
export function subscriptionCharges(
  contract: SubscriptionContract,
  subscription: Subscription,
  after: Instant,
  until: Instant,
): SubscriptionCharge[] {
  const charges: SubscriptionCharge[] = [];
  for (const period of subscriptionPeriods(contract, subscription, after)) {
    if (isAfter(period.active.start, until)) break;
    charges.push(...chargesOf(subscription, period));
  }
  return charges.filter(
    ({ collectedAt }) => isAfter(collectedAt, after) && !isAfter(collectedAt, until),
  );
}

function chargesOf(
  subscription: Subscription,
  { whole, active }: SubscriptionPeriod,
): SubscriptionCharge[] {
  const { id, quantities, collectionSchedule, invoiceBehavior } = subscription;
  const inAdvance = collectionSchedule === "ADVANCE";
  const increases = increasesIn(quantities, active).map(({ change, quantity }) => ({
    id: uuidV5(id, `increase/${change.id}`),
    isIncrease: true,
    whole,
    window: { start: change.startingAt, end: active.end },
    quantity,
    collectedAt:
      inAdvance && invoiceBehavior === "BILL_IMMEDIATELY" ? change.startingAt : active.end,
  }));
  const period = {
    id: uuidV5(id, `period/${instantText(active.start)}`),
    isIncrease: false,
    whole,
    window: active,
    quantity: quantityAt(quantities, active.start),
    collectedAt: inAdvance ? active.start : active.end,
  };
  return [period, ...increases];
}
