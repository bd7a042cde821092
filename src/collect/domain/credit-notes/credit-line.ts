import { divideRounded } from "../totals/divide.ts";

/** A discount or a tax of a line. */
export interface LinePart {
  readonly amount: bigint;
  /** What the notes that hold took back of it. */
  readonly credited: bigint;
}

/** A line of an invoice: amounts in minor units, with what the notes that hold took back of it. */
export interface CreditableLine {
  /** Before discounts and taxes; positive. */
  readonly amount: bigint;
  readonly discounts: readonly LinePart[];
  /** Exclusive ones add to the line's total, inclusive ones are in its amount. */
  readonly taxes: readonly (LinePart & { readonly inclusive: boolean })[];
  /** Part of `amount` that the notes that hold took back. */
  readonly credited: bigint;
}

/** What a note takes back of a line. */
export interface LineCredit {
  readonly amount: bigint;
  readonly discounts: readonly bigint[];
  readonly taxes: readonly bigint[];
  /** Amount less discounts plus exclusive taxes. */
  readonly total: bigint;
}

/** The part of `whole` that belongs to the first `upTo` of `amount`. */
const partUpTo = (whole: bigint, upTo: bigint, amount: bigint): bigint =>
  amount === 0n ? 0n : divideRounded(whole * upTo, amount);

/**
 * What taking back `amount` of a line comes to: its discounts and taxes go back in proportion. Each
 * part is the running part of all that is taken back less what the notes that hold took, so that notes
 * which together take back a whole line take back exactly its discounts and taxes, however they cut it
 * and whichever of them were voided.
 */
export function creditLine(line: CreditableLine, amount: bigint): LineCredit {
  const to = line.credited + amount;
  const rest = (part: LinePart): bigint => {
    const due = partUpTo(part.amount, to, line.amount) - part.credited;
    return due > 0n ? due : 0n;
  };
  const discounts = line.discounts.map(rest);
  const taxes = line.taxes.map(rest);
  const sum = (values: readonly bigint[]) => values.reduce((all, one) => all + one, 0n);
  const exclusive = taxes.filter((_, index) => line.taxes[index]?.inclusive === false);
  return { amount, discounts, taxes, total: amount - sum(discounts) + sum(exclusive) };
}

/**
 * What `quantity` units of a line come to: the running part of all units taken back less what notes by
 * quantity took, so that all of the units come to all of the line. `taken` holds those notes' sums.
 */
export function amountOfUnits(
  line: { readonly amount: bigint; readonly units: bigint },
  taken: { readonly amount: bigint; readonly units: bigint },
  quantity: bigint,
): bigint {
  return partUpTo(line.amount, taken.units + quantity, line.units) - taken.amount;
}
