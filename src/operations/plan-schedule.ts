import {
  type AmountDistribution,
  type ChargeFrequency,
  type DatedAmount,
  expandRecurringSchedule,
} from "../domain/contracts/recurring-schedule.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { type Decimal, ONE, toText } from "../domain/decimal.ts";
import { type Instant, instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { NewScheduleItem } from "../store/scheduled-charges.ts";
import { checkReach } from "./check-reach.ts";

/** Either an amount, or a unit price and a quantity, in the wire unit of the credit type. */
export interface PriceTerms {
  readonly amount: Decimal | undefined;
  readonly unitPrice: Decimal | undefined;
  readonly quantity: Decimal | undefined;
}

/** Dates that are listed or that recur: exactly one of the two. */
export interface ScheduleTerms {
  /** Default: US dollars. */
  readonly creditTypeId: string | undefined;
  readonly items: readonly (PriceTerms & { readonly at: Instant })[] | undefined;
  readonly recurring: (PriceTerms & RecurringDates) | undefined;
}

interface RecurringDates {
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  readonly frequency: ChargeFrequency;
  readonly distribution: AmountDistribution;
}

/** Enough for a weekly schedule over 19 years. */
const MAX_ITEMS = 1000;

/**
 * The dated amounts of a schedule. `path` names the schedule in messages ("commits[0].invoice_schedule");
 * `creditTypeId` is the currency of the contract that bills it.
 */
export function planSchedule(
  schedule: ScheduleTerms,
  creditTypeId: string,
  path: string,
): NewScheduleItem[] {
  const { items, recurring } = schedule;
  if ((items === undefined) === (recurring === undefined)) {
    throw invalid(`${path} must have either schedule_items or recurring_schedule`, path);
  }
  const amounts = items
    ? items.map((item, n) => ({ at: item.at, ...toPrice(item, `${path}.schedule_items[${n}]`) }))
    : recurring
      ? expand(recurring, creditTypeId, `${path}.recurring_schedule`)
      : [];
  if (amounts.length === 0) throw invalid(`${path} has no date at which it bills`, path);
  for (const { at } of amounts) checkReach(at, path);
  return amounts.map(toItem);
}

function expand(
  recurring: PriceTerms & RecurringDates,
  creditTypeId: string,
  path: string,
): DatedAmount[] {
  if (!isBefore(recurring.startingAt, recurring.endingBefore)) {
    throw invalid(`${path}.ending_before must be after starting_at`, path);
  }
  const { unitPrice, quantity } = toPrice(recurring, path);
  const decimals = getCreditType(creditTypeId).wireExponent;
  const amounts = expandRecurringSchedule(
    { ...recurring, unitPrice, quantity, decimals },
    MAX_ITEMS + 1,
  );
  if (amounts.length > MAX_ITEMS) {
    throw invalid(`${path} has more than ${MAX_ITEMS} dates`, path);
  }
  return amounts;
}

/** An amount alone is one unit of that price. Refuses half a price and both kinds of it. */
export function toPrice({ amount, unitPrice, quantity }: PriceTerms, path: string) {
  if (amount !== undefined && unitPrice === undefined && quantity === undefined) {
    return { quantity: ONE, unitPrice: amount, amount };
  }
  if (amount === undefined && unitPrice !== undefined && quantity !== undefined) {
    return { quantity, unitPrice, amount: quantity.times(unitPrice) };
  }
  throw invalid(`${path} must have either amount or both unit_price and quantity`, path);
}

const toItem = ({ at, quantity, unitPrice, amount }: DatedAmount): NewScheduleItem => ({
  at: instantText(at),
  quantity: toText(quantity),
  unitPrice: toText(unitPrice),
  amount: toText(amount),
});
