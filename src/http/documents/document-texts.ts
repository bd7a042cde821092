import { type CreditType, findCreditType } from "../../domain/credit-type.ts";
import { type Decimal, dec, toText } from "../../domain/decimal.ts";
import { type Instant, instant } from "../../domain/time.ts";

const DAY = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" });
const MINUTE = new Intl.DateTimeFormat("en-US", {
  dateStyle: "medium",
  timeStyle: "short",
  hourCycle: "h23",
  timeZone: "UTC",
});
const DAY_MS = 86_400_000;

/** Digits after the point that a number can be shown with. */
const MOST_DECIMALS = 100;

const decimalsOf = (value: Decimal): number => Math.max(0, value.c.length - value.e - 1);

/** "Jan 1, 2024", in UTC. */
export const dayText = (at: Instant): string => DAY.format(at.epochMilliseconds);

/** "Jan 1, 2024", and the time of day when it is not midnight or, of an end, the last second before it. */
function edgeText(at: Instant): string {
  const second = 1000 - (at.epochMilliseconds % 1000);
  const isEdge =
    at.epochMilliseconds % DAY_MS === 0 || (at.epochMilliseconds + second) % DAY_MS === 0;
  return isEdge ? dayText(at) : `${MINUTE.format(at.epochMilliseconds)} UTC`;
}

/** "Jan 1, 2024 to Feb 1, 2024". */
export const periodText = (start: Instant, end: Instant): string =>
  `${edgeText(start)} to ${edgeText(end)}`;

/** "2024-02-01T00:00:00Z" and 30 days: "Mar 2, 2024". */
export const dueText = (issuedAt: string, days: number): string =>
  dayText(instant(issuedAt).add({ hours: 24 * days }));

/** "1,234.5", every digit. */
export const numberText = (value: Decimal): string =>
  new Intl.NumberFormat("en-US", {
    maximumFractionDigits: Math.min(MOST_DECIMALS, decimalsOf(value)),
  }).format(toText(value) as `${number}`);

/** An amount of the wire in whole units of its currency: cents become dollars. Exact. */
export const toWholeUnits = (
  amountWire: Decimal,
  { wireExponent, currency }: CreditType,
): Decimal => amountWire.times(dec(`1e${wireExponent - currency.exponent}`));

/** "$1,234.50", "¥500", "$0.00000125": at least the digits of the currency, and every one there is. */
export function moneyText(whole: Decimal, { currency }: CreditType): string {
  const digits = Math.min(MOST_DECIMALS, Math.max(currency.exponent, decimalsOf(whole)));
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: currency.code,
    minimumFractionDigits: currency.exponent,
    maximumFractionDigits: digits,
  }).format(toText(whole) as `${number}`);
}

/** An amount of the wire as text: in money, or in the pricing unit of that name. */
export function amountText(
  amountWire: Decimal,
  creditTypeId: string,
  units: ReadonlyMap<string, string>,
): string {
  const creditType = findCreditType(creditTypeId);
  if (creditType !== undefined) return moneyText(toWholeUnits(amountWire, creditType), creditType);
  return `${numberText(amountWire)} ${units.get(creditTypeId) ?? ""}`.trim();
}

/** Whole minor units as text. */
export const minorText = (amountMinor: bigint, creditType: CreditType): string =>
  moneyText(
    dec(amountMinor.toString()).times(dec(`1e-${creditType.currency.exponent}`)),
    creditType,
  );
