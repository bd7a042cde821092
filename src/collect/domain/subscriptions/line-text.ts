import { currency as precisionOf } from "../../../domain/currency.ts";
import { type Decimal, dec, toText } from "../../../domain/decimal.ts";
import type { Instant } from "../../../domain/time.ts";
import type { Recurrence } from "./recurrence.ts";

/** Decimals that a unit price may show. */
const MAX_DECIMALS = 12;

/** An amount in minor units as people write it: "$10.00", "¥500", "$0.005". */
export function moneyText(minor: Decimal, currency: string): string {
  const { exponent } = precisionOf(currency);
  const format = new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: currency.toUpperCase(),
    minimumFractionDigits: exponent,
    maximumFractionDigits: MAX_DECIMALS,
  });
  // The text keeps every digit; a number would not.
  return format.format(toText(minor.times(dec(`1e-${exponent}`))) as `${number}`);
}

const every = ({ unit, count }: Recurrence): string =>
  count === 1 ? `/ ${unit}` : `every ${count} ${unit}s`;

/** "2 × Gold (at $10.00 / month)" */
export const recurringText = (
  name: string,
  quantity: bigint,
  price: { readonly unitAmount: Decimal; readonly currency: string },
  recurrence: Recurrence,
): string =>
  `${quantity} × ${name} (at ${moneyText(price.unitAmount, price.currency)} ${every(recurrence)})`;

export const trialText = (name: string): string => `Trial period for ${name}`;

/** "Unused time on 2 × Gold after 15 Feb 2025" (Stripe docs: Prorations). */
export const prorationText = (
  kind: "unused" | "remaining",
  name: string,
  quantity: bigint,
  at: Instant,
): string => {
  const what = quantity === 1n ? name : `${quantity} × ${name}`;
  return `${kind === "unused" ? "Unused" : "Remaining"} time on ${what} after ${dayText(at)}`;
};

const dayText = (at: Instant): string =>
  new Intl.DateTimeFormat("en-GB", {
    day: "2-digit",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(at.epochMilliseconds);
