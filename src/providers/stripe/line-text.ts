import type { CreditType } from "../../domain/credit-type.ts";
import { type Decimal, dec, toText } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { fromMinor } from "../../domain/money.ts";

/** Far below what Stripe takes, and as much as anybody reads on a bill. */
const MAX_DESCRIPTION = 500;

/** Wire price -> "$10.00", "EUR 0.0125": whole units with at least two decimals. */
export function showPrice(priceWire: Decimal, creditType: CreditType): string {
  const { code, exponent } = creditType.currency;
  const whole = priceWire.times(dec(`1e${creditType.wireExponent - exponent}`));
  const decimals = Math.max(exponent, fractionDigits(whole));
  const text = whole.abs().toFixed(decimals);
  const sign = whole.lt(dec("0")) ? "-" : "";
  return code === "USD" ? `${sign}$${text}` : `${sign}${code} ${text}`;
}

const fractionDigits = (value: Decimal): number => Math.max(0, value.c.length - value.e - 1);

const groupText = (line: InvoiceLine): string =>
  Object.entries({ ...line.pricingGroupValues, ...line.presentationGroupValues })
    .map(([key, value]) => ` ${key}: ${value}`)
    .join(",");

/** A text of the length that is sent. What has to stand there comes last and is never cut off. */
export function cutText(text: string, ending = ""): string {
  if (text.length + ending.length <= MAX_DESCRIPTION) return `${text}${ending}`;
  // Cut between characters, not between the halves of one.
  return `${[...text].slice(0, MAX_DESCRIPTION - ending.length).join("")}${ending}`;
}

/** What is said of a line that credits were taken off: " (less $5.00 of credits)". */
export const lessCredits = (creditMinor: bigint, creditType: CreditType): string =>
  creditMinor === 0n
    ? ""
    : ` (less ${showPrice(fromMinor(creditMinor, creditType), creditType)} of credits)`;

/**
 * What the customer reads. With `withQuantity` the true quantity and price stand in it, because the
 * line itself is sent as one piece (guide "Invoice with Stripe": decimal quantities).
 */
export function describeLine(
  line: InvoiceLine,
  creditType: CreditType,
  withQuantity: boolean,
  ending = "",
): string {
  const amount =
    withQuantity && line.quantity !== null && line.unitPrice !== null
      ? ` (${toText(line.quantity)} x ${showPrice(line.unitPrice, creditType)})`
      : "";
  return cutText(`${line.name}${groupText(line)}`, `${amount}${ending}`);
}
