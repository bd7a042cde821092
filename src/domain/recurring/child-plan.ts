import type { ProrationBasis } from "../conventions.ts";
import { type Decimal, dec, divide, ONE, ZERO } from "../decimal.ts";
import { canonicalText } from "../invoices/canonical.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import { prorate, shareOf } from "../subscriptions/proration.ts";
import { quantityAt } from "../subscriptions/quantity-schedule.ts";
import { seatsAt } from "../subscriptions/seats.ts";
import { type Instant, type Interval, instantText } from "../time.ts";
import type { Proration, RecurringCommit, UnitAmount } from "./recurring-commit.ts";
import {
  type RecurringContract,
  type RecurringPeriod,
  subscriptionOf,
} from "./recurring-periods.ts";

/**
 * What a child is for and what it grants: kept with the child, because the terms of its recurring
 * commit may change after it has started.
 */
export interface ChildPlan {
  readonly recurringCommitId: string;
  /** The calendar period, for whose length the full amounts are. */
  readonly whole: Interval;
  /** The child's own period, in which its access and its purchase begin. */
  readonly active: Interval;
  /** The part of the calendar period that counts: `active`, or more where nothing is prorated. */
  readonly counted: Interval;
  /** What the share that counts is measured in. */
  readonly basis: ProrationBasis;
  readonly accessEndingBefore: Instant;
  /** For a whole period. */
  readonly access: UnitAmount;
  /** Who has a seat as the period begins, each of whom gets one unit; absent: it is for all. */
  readonly seats?: { readonly groupKey: string; readonly seatIds: readonly string[] };
  /** For a whole period; null: nothing is billed. */
  readonly invoice: UnitAmount | null;
  readonly rateType: "LIST_RATE" | "COMMIT_RATE";
}

/** Plans the child of one period, at the terms and the subscription's quantity as they are known. */
export function planChild(
  contract: RecurringContract,
  recurring: RecurringCommit,
  { whole, active, accessEndingBefore }: RecurringPeriod,
  basis: ProrationBasis,
): ChildPlan {
  const { access, invoice, rateType } = recurring;
  const subscription = subscriptionOf(contract, recurring);
  const seats =
    recurring.pool?.allocation === "INDIVIDUAL" && subscription?.seats
      ? {
          groupKey: subscription.seats.groupKey,
          seatIds: seatsAt(subscription.seats, active.start),
        }
      : undefined;
  const quantity =
    seats === undefined
      ? (access.quantity ?? quantityAt(subscription?.quantities ?? [], active.start))
      : dec(String(seats.seatIds.length));
  return {
    recurringCommitId: recurring.id,
    whole,
    active,
    counted: countedPart(recurring.proration, whole, active),
    basis,
    accessEndingBefore,
    access: { unitPrice: access.unitPrice, quantity },
    ...(seats === undefined ? {} : { seats }),
    invoice,
    rateType,
  };
}

/** FIRST takes off what lies before the start, LAST what lies after the end. */
function countedPart(proration: Proration, whole: Interval, active: Interval): Interval {
  const cutsStart = proration === "FIRST" || proration === "FIRST_AND_LAST";
  const cutsEnd = proration === "LAST" || proration === "FIRST_AND_LAST";
  return {
    start: cutsStart ? active.start : whole.start,
    end: cutsEnd ? active.end : whole.end,
  };
}

/** unit price x quantity x counted part / whole period: exact, or to 12 decimals. */
export const plannedAmount = (
  { whole, counted, basis }: ChildPlan,
  { unitPrice, quantity }: UnitAmount,
): Decimal => prorate(unitPrice.times(quantity), shareOf(counted, whole, basis));

/** What a child bills; the quantity stays as agreed where its prorated price is exact, else it is 1. */
export function plannedPurchase(plan: ChildPlan): (UnitAmount & { amount: Decimal }) | null {
  const { invoice } = plan;
  if (invoice === null) return null;
  const amount = plannedAmount(plan, invoice);
  const { quantity } = invoice;
  if (quantity.eq(ZERO)) return { ...invoice, amount };
  const unitPrice = divide(amount, quantity);
  if (unitPrice.times(quantity).eq(amount)) return { unitPrice, quantity, amount };
  return { unitPrice: amount, quantity: ONE, amount };
}

/** The ids of a child and its parts: the same whenever and wherever it is spawned. */
export function childIds({
  recurringCommitId,
  active,
}: Pick<ChildPlan, "recurringCommitId" | "active">) {
  const id = uuidV5(recurringCommitId, `child/${instantText(active.start)}`);
  return { id, segmentId: uuidV5(id, "segment"), invoiceItemId: uuidV5(id, "invoice item") };
}

/** Whether two plans grant and bill the same. */
export const samePlan = (a: ChildPlan, b: ChildPlan): boolean =>
  canonicalText(a) === canonicalText(b);
