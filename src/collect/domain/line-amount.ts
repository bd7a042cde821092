import { type Decimal, round, toText } from "../../domain/decimal.ts";

/**
 * Amount of a line in minor units: unit price (minor units, fractions allowed) times quantity, rounded
 * once, half away from zero.
 */
export const lineAmount = (unitAmount: Decimal, quantity: Decimal): bigint =>
  BigInt(toText(round(unitAmount.times(quantity), 0, "half_away_from_zero")));

/** Whole units of a quantity: what `quantity` shows beside `quantity_decimal`. */
export const wholeQuantity = (quantity: Decimal): bigint =>
  BigInt(toText(round(quantity, 0, "toward_zero")));
