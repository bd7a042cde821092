import { type Decimal, dec, toText } from "../../../domain/decimal.ts";
import { type Instant, isAfter } from "../../../domain/time.ts";
import { divideRounded } from "../totals/divide.ts";
import type { Period } from "./recurrence.ts";

/** Decimals that a unit amount may have; the share of a period is whole seconds. */
const UNIT_DECIMALS = 12;
const SCALE = dec(`1e${UNIT_DECIMALS}`);

const epochSeconds = (at: Instant): bigint => BigInt(Math.floor(at.epochMilliseconds / 1000));

/**
 * What a price costs from `at` to the period's end: unit amount x quantity x the share of the period
 * that is left, counted in whole seconds and rounded once to the minor unit, half away from zero
 * (Stripe docs: Prorations). The quotient is never cut before it is rounded.
 */
export function remainingAmount(
  unitAmount: Decimal,
  quantity: Decimal,
  period: Period,
  at: Instant,
): bigint {
  const whole = epochSeconds(period.end) - epochSeconds(period.start);
  const left = epochSeconds(period.end) - epochSeconds(at);
  if (whole <= 0n || left <= 0n) return 0n;
  const scaled = BigInt(toText(unitAmount.times(quantity).times(SCALE)));
  return divideRounded(scaled * left, whole * 10n ** BigInt(UNIT_DECIMALS));
}

/** What was debited for the time from an instant to the end of a period, in minor units. */
export interface PaidTime {
  readonly start: Instant;
  readonly amount: bigint;
}

/** A stretch of time that is given back, and what was paid for it. */
export interface UnusedTime {
  readonly period: Period;
  readonly amount: bigint;
}

/** The part of a debit that pays for the time after `at`, rounded once, half away from zero. */
function paidAfter({ start, amount }: PaidTime, end: Instant, at: Instant): bigint {
  const whole = epochSeconds(end) - epochSeconds(start);
  const left = epochSeconds(end) - epochSeconds(at);
  return whole <= 0n || left <= 0n ? 0n : divideRounded(amount * left, whole);
}

/**
 * What was debited for the time from `from` to the end of the period, latest stretch first. A later
 * debit took the place of earlier ones from its own start on, and what those had paid for that time was
 * given back then; so each of `debits`, newest first, still pays from its start up to where a newer one
 * began.
 */
export function unusedTime(debits: readonly PaidTime[], end: Instant, from: Instant): UnusedTime[] {
  const found: UnusedTime[] = [];
  let until = end;
  for (const debit of debits) {
    const start = isAfter(debit.start, from) ? debit.start : from;
    if (!isAfter(until, start)) continue;
    found.push({
      period: { start, end: until },
      amount: paidAfter(debit, end, start) - paidAfter(debit, end, until),
    });
    until = start;
  }
  return found;
}
