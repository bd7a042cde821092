import { type Decimal, dec, divide, ONE, round, ZERO } from "./decimal.ts";

/** How a prorated amount is rounded (Metronome API: `proration.rounding`). */
export interface AmountRounding {
  readonly method: "HALF_UP" | "FLOOR" | "CEILING";
  /** In the wire unit of the amount; negative: to powers of ten, -2 to hundreds. At most 12. */
  readonly decimalPlaces: number;
}

/**
 * dividend / divisor, rounded once: it is the quotient itself that is compared with the half, not
 * what 12 decimals show of it. The dividend is 0 or more, the divisor more than 0.
 */
export function roundQuotient(
  dividend: Decimal,
  divisor: Decimal,
  { method, decimalPlaces }: AmountRounding,
): Decimal {
  const unit = dec(`1e${-decimalPlaces}`);
  const near = round(divide(dividend, divisor), decimalPlaces, "toward_zero");
  // 12 decimals may have been rounded up to a whole unit that the quotient does not reach.
  const floor = near.times(divisor).gt(dividend) ? near.minus(unit) : near;
  const rest = dividend.minus(floor.times(divisor));
  return goesUp(rest, unit.times(divisor), method) ? floor.plus(unit) : floor;
}

/** `rest` of `whole` is left above the floor. */
function goesUp(rest: Decimal, whole: Decimal, method: AmountRounding["method"]): boolean {
  switch (method) {
    case "FLOOR":
      return false;
    case "CEILING":
      return rest.gt(ZERO);
    case "HALF_UP":
      return rest.times(TWO).gte(whole);
  }
}

const TWO = ONE.plus(ONE);
