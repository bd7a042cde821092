import type { Decimal } from "../../../domain/decimal.ts";
import { spread } from "../../../domain/spread.ts";
import { divideRounded } from "./divide.ts";
import { scaled, WHOLE } from "./percent.ts";

/** What a discount takes off: a percentage, or an amount in a currency. */
export interface DiscountTerms {
  /** "di_...". */
  readonly id: string;
  readonly percentOff: Decimal | null;
  /** Minor units; null with a percentage. */
  readonly amountOff: bigint | null;
  /** Of the amount. */
  readonly currency: string | null;
  /** Products whose lines it covers; null: all. */
  readonly products: readonly string[] | null;
}

/** What a discount took off something. */
export interface DiscountAmount {
  readonly discount: string;
  readonly amount: bigint;
}

export interface DiscountableLine {
  readonly amount: bigint;
  readonly currency: string;
  readonly product: string | null;
  readonly discountable: boolean;
  /** Of this line alone. */
  readonly discounts: readonly DiscountTerms[];
}

/** What is left of a line while discounts take from it, and what they took. */
export interface DiscountedLine {
  /** After the discounts of its own. */
  readonly afterOwn: bigint;
  /** After all discounts. */
  readonly left: bigint;
  readonly amounts: readonly DiscountAmount[];
}

interface Running {
  readonly line: DiscountableLine;
  left: bigint;
  afterOwn: bigint;
  readonly amounts: DiscountAmount[];
}

const covers = ({ products, currency }: DiscountTerms, line: DiscountableLine): boolean =>
  (products === null || (line.product !== null && products.includes(line.product))) &&
  (currency === null || currency === line.currency);

/** Takes one discount off those of the lines that it covers and that still have something to take. */
function take(terms: DiscountTerms, lines: readonly Running[]): void {
  const covered = lines.filter(
    ({ line, left }) => line.discountable && left > 0n && covers(terms, line),
  );
  const base = covered.reduce((sum, { left }) => sum + left, 0n);
  const wanted =
    terms.percentOff === null
      ? (terms.amountOff ?? 0n)
      : divideRounded(base * scaled(terms.percentOff), WHOLE);
  const parts = spread(
    wanted < base ? wanted : base,
    covered.map(({ left }) => left),
  );
  for (const [index, running] of covered.entries()) {
    const amount = parts[index] ?? 0n;
    running.left -= amount;
    running.amounts.push({ discount: terms.id, amount });
  }
}

/**
 * Takes discounts off the lines of an invoice: first each line's own, then those of the invoice, each
 * in its order on what the ones before left (Stripe docs: Coupons, "Stackable discounts"). A percentage
 * is rounded once, half away from zero, over all lines that it covers, and spread over them in
 * proportion; an amount takes at most what is there. Credits and lines that are not discountable
 * are left alone, so nothing falls below zero.
 */
export function discountLines(
  lines: readonly DiscountableLine[],
  discounts: readonly DiscountTerms[],
): DiscountedLine[] {
  const running = lines.map(
    (line): Running => ({ line, left: line.amount, afterOwn: line.amount, amounts: [] }),
  );
  for (const one of running) {
    for (const terms of one.line.discounts) take(terms, [one]);
    one.afterOwn = one.left;
  }
  for (const terms of discounts) take(terms, running);
  return running.map(({ left, afterOwn, amounts }) => ({ left, afterOwn, amounts }));
}
