/**
 * What the smallest sendable amount of a currency is. The table follows what payment providers
 * accept (Stripe docs: "Supported currencies"), which is not always ISO 4217: some currencies are
 * written with digits that must be zero.
 */
export interface Currency {
  /** ISO 4217, upper case. */
  readonly code: string;
  /** Digits between the whole unit and the minor unit: 2 for USD, 0 for JPY. */
  readonly exponent: number;
  /** Amounts in minor units must be multiples of this. */
  readonly stepMinor: bigint;
}

const ZERO_DECIMAL = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" ");
/** Three decimals of which the last must be 0. */
const THREE_DECIMAL = "BHD JOD KWD OMR TND".split(" ");
/** Whole units in practice, but written with two decimals that must be 0. */
const WHOLE_WITH_TWO_DECIMALS = ["ISK", "UGX"];

type Precision = Omit<Currency, "code">;

const all = (codes: readonly string[], precision: Precision): [string, Precision][] =>
  codes.map((code) => [code, precision]);

const SPECIAL: ReadonlyMap<string, Precision> = new Map([
  ...all(ZERO_DECIMAL, { exponent: 0, stepMinor: 1n }),
  ...all(THREE_DECIMAL, { exponent: 3, stepMinor: 10n }),
  ...all(WHOLE_WITH_TWO_DECIMALS, { exponent: 2, stepMinor: 100n }),
]);

/**
 * The currency of a three-letter code in any case. Codes outside the table of exceptions have two
 * decimals. Throws RangeError when the text is not three letters.
 */
export function currency(code: string): Currency {
  if (!/^[A-Za-z]{3}$/.test(code)) throw new RangeError(`"${code}" is not a currency code`);
  const upper = code.toUpperCase();
  return { code: upper, ...(SPECIAL.get(upper) ?? { exponent: 2, stepMinor: 1n }) };
}
