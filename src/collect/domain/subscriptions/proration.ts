import { type Decimal, dec, toText } from "../../../domain/decimal.ts";
import type { Instant } from "../../../domain/time.ts";
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

/** The quotient of two integers, rounded half away from zero. `divisor` is positive. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend;
  const rounded = (magnitude * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -rounded : rounded;
}
