import type { Decimal } from "../../domain/decimal.ts";

/** big.js: nearest, ties away from zero. */
const HALF_AWAY_FROM_ZERO = 1;

/**
 * Amount of a line in minor units: unit price (minor units, fractions allowed) times quantity, rounded
 * once, half away from zero.
 */
export const lineAmount = (unitAmount: Decimal, quantity: Decimal): bigint =>
  BigInt(unitAmount.times(quantity).round(0, HALF_AWAY_FROM_ZERO).toFixed());

/** Whole units of a quantity: what `quantity` shows beside `quantity_decimal`. */
export const wholeQuantity = (quantity: Decimal): bigint => BigInt(quantity.round(0, 0).toFixed());
