import { type Decimal, dec, toText } from "../../../domain/decimal.ts";

/** Decimals that a percentage may have. */
export const PERCENT_DECIMALS = 4;

/** 100 percent as `scaled` counts it. */
export const WHOLE = 1_000_000n;

/** A percentage in ten-thousandths of a percent: 8.25 is 82,500. It has at most four decimals. */
export const scaled = (percent: Decimal): bigint =>
  BigInt(toText(percent.times(dec(`1e${PERCENT_DECIMALS}`))));
