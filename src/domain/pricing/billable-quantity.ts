import { type Decimal, divide, type RoundingMode, round } from "../decimal.ts";
import type { QuantityConversion, QuantityRounding, RoundingMethod } from "./product.ts";

/** Turns metered units into priced ones: MULTIPLY by the factor, or DIVIDE by it. */
export const convertQuantity = (value: Decimal, conversion: QuantityConversion): Decimal =>
  conversion.operation === "MULTIPLY"
    ? value.times(conversion.factor)
    : divide(value, conversion.factor);

/** Up is away from zero and down towards it, so that a correction mirrors what it corrects. */
const MODE = {
  ROUND_UP: "away_from_zero",
  ROUND_DOWN: "toward_zero",
  ROUND_HALF_UP: "half_away_from_zero",
} as const satisfies Record<RoundingMethod, RoundingMode>;

/** Rounds a converted quantity as the product says. */
export const roundQuantity = (value: Decimal, rounding: QuantityRounding): Decimal =>
  round(value, rounding.decimalPlaces, MODE[rounding.method]);
