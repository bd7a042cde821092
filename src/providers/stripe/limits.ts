import type { CreditType } from "../../domain/credit-type.ts";
import { dec, round, toText } from "../../domain/decimal.ts";
import type { StripeLine } from "./document.ts";

/** Lines that an invoice can hold (Stripe docs: "Invoices", limits). */
export const MAX_LINES = 250;

/** Smallest amounts that are charged, in minor units (Stripe docs: "Minimum and maximum charge amounts"). */
const MINIMUM_CHARGE: ReadonlyMap<string, bigint> = new Map([
  ["USD", 50n],
  ["EUR", 50n],
  ["GBP", 30n],
  ["AUD", 50n],
  ["CAD", 50n],
  ["CHF", 50n],
  ["NZD", 50n],
  ["SGD", 50n],
  ["BRL", 50n],
  ["INR", 50n],
  ["JPY", 50n],
  ["AED", 200n],
  ["BGN", 100n],
  ["CZK", 1500n],
  ["DKK", 250n],
  ["HKD", 400n],
  ["HUF", 17_500n],
  ["MXN", 1000n],
  ["MYR", 200n],
  ["NOK", 300n],
  ["PLN", 200n],
  ["RON", 200n],
  ["SEK", 300n],
  ["THB", 1000n],
]);

/** Eight digits of minor units, 999,999.99 USD (the same page). */
const MAX_AMOUNT_MINOR = 99_999_999n;
/** The one currency whose amounts may have more digits. */
const LARGER_AMOUNTS: ReadonlyMap<string, bigint> = new Map([["IDR", 999_999_999_999n]]);

/**
 * Minor units below which Stripe charges nothing and marks an invoice paid all the same. Where no
 * minimum is published it is half a whole unit, or one where there are no smaller units.
 */
export const minimumCharge = ({ currency }: Pick<CreditType, "currency">): bigint =>
  MINIMUM_CHARGE.get(currency.code) ?? (currency.exponent === 0 ? 1n : 50n);

/**
 * The most that an invoice or a line may come to, in minor units. `raised` holds what an account
 * may charge instead, by currency code, in the wire's unit.
 */
export function maximumAmount(
  { currency, wireExponent }: Pick<CreditType, "currency" | "wireExponent">,
  raised: Readonly<Record<string, string>>,
): bigint {
  const own = raised[currency.code];
  if (own === undefined) return LARGER_AMOUNTS.get(currency.code) ?? MAX_AMOUNT_MINOR;
  return BigInt(toText(round(dec(own).times(dec(`1e${wireExponent}`)), 0, "toward_zero")));
}

/** Why Stripe would refuse these amounts, so that nothing is sent in the first place. */
export function findTooLarge(
  lines: readonly Pick<StripeLine, "amountMinor" | "productName">[],
  totalMinor: bigint,
  maximumMinor: bigint,
): string | undefined {
  const isTooLarge = (amount: bigint) => amount > maximumMinor || amount < -maximumMinor;
  const limit = `above Stripe's maximum of ${maximumMinor}`;
  if (isTooLarge(totalMinor)) return `The total of ${totalMinor} minor units is ${limit}.`;
  const line = lines.find(({ amountMinor }) => isTooLarge(amountMinor));
  return (
    line && `The line "${line.productName}" of ${line.amountMinor} minor units is ${limit} a line.`
  );
}
