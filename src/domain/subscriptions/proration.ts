import { type Decimal, dec, divide } from "../decimal.ts";
import type { Interval } from "../time.ts";

/** A share of a period as two whole numbers, so that nothing is divided before it has to be. */
export interface PeriodShare {
  readonly partMs: Decimal;
  readonly wholeMs: Decimal;
}

/** The share of `whole` that `part` takes, by length of time. */
export const shareOf = (part: Interval, whole: Interval): PeriodShare => ({
  partMs: lengthMs(part),
  wholeMs: lengthMs(whole),
});

/** Whether the share is less than everything. */
export const isPartial = ({ partMs, wholeMs }: PeriodShare): boolean => !partMs.eq(wholeMs);

/** amount x part / whole, exact or to 12 decimals. */
export const prorate = (amount: Decimal, share: PeriodShare): Decimal =>
  isPartial(share) ? divide(amount.times(share.partMs), share.wholeMs) : amount;

const lengthMs = ({ start, end }: Interval): Decimal =>
  dec(String(end.epochMilliseconds - start.epochMilliseconds));
