import type { CreditType } from "../credit-type.ts";
import { type Decimal, dec, ZERO } from "../decimal.ts";
import { roundToMinor } from "../money.ts";

/** Tax on an invoice that was calculated outside of it: of one kind, on all that is charged. */
export interface StatedTax {
  /** What the customer reads: "VAT". */
  readonly name: string;
  /** Percent, as decimal text; what is shown, and not what the amount is computed from. */
  readonly percentage: string;
  /** In minor units of the invoice's currency, never negative. */
  readonly amountMinor: bigint;
}

/** An amount of tax in minor units, or undefined where it is negative or no whole number of them. */
export function toTaxMinor(amountWire: Decimal, creditType: CreditType): bigint | undefined {
  if (amountWire.lt(ZERO)) return undefined;
  const minor = roundToMinor(amountWire, creditType, "toward_zero");
  const isWhole = dec(minor.toString()).eq(amountWire.times(dec(`1e${creditType.wireExponent}`)));
  return isWhole ? minor : undefined;
}

/** Whether two statements say the same; undefined: nothing was said. */
export const isSameTax = (
  a: readonly StatedTax[] | undefined,
  b: readonly StatedTax[] | undefined,
): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.length === b.length &&
    a.every(
      ({ name, percentage, amountMinor }, index) =>
        name === b[index]?.name &&
        percentage === b[index]?.percentage &&
        amountMinor === b[index]?.amountMinor,
    ));
