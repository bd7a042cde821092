import { spread } from "../../domain/spread.ts";

/** An amount, and what it is of: credits are taken off the same first. */
export interface NettableAmount {
  readonly product: string;
  readonly amountMinor: bigint;
}

const add = (amounts: readonly bigint[]): bigint => amounts.reduce((all, each) => all + each, 0n);
const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Takes credits off the amounts that are not negative, because Stripe works out no tax for a negative
 * line: first off those of the same product, what is left over off all of them, each time in proportion
 * by largest remainder in steps of the currency. Answers what is left of each amount, 0 for a credit;
 * together they are what the amounts were together, which must not be negative.
 */
export function netCredits(amounts: readonly NettableAmount[], stepMinor: bigint): bigint[] {
  const left = amounts.map(({ amountMinor }) => (amountMinor > 0n ? amountMinor : 0n));
  const takeOff = (creditMinor: bigint, indexes: readonly number[]): void => {
    const weights = indexes.map((index) => (left[index] ?? 0n) / stepMinor);
    for (const [n, part] of spread(creditMinor / stepMinor, weights).entries()) {
      const index = indexes[n] ?? 0;
      left[index] = (left[index] ?? 0n) - part * stepMinor;
    }
  };
  const byProduct = Map.groupBy(amounts.keys(), (index) => amounts[index]?.product);
  let rest = 0n;
  for (const indexes of byProduct.values()) {
    const charged = add(indexes.map((index) => left[index] ?? 0n));
    const credit = charged - add(indexes.map((index) => amounts[index]?.amountMinor ?? 0n));
    const taken = lesser(credit, charged);
    takeOff(taken, indexes);
    rest += credit - taken;
  }
  takeOff(rest, [...amounts.keys()]);
  return left;
}
