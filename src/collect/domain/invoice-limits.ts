import { refused } from "../errors.ts";
import { isPayable } from "./currencies.ts";

/** Lines an invoice can hold (Stripe docs: Invoices, "up to 250 invoice items"). */
export const MAX_LINES = 250;
/** Eight digits of minor units: 999,999.99 USD (Stripe docs: Maximum charge amount). */
export const MAX_AMOUNT = 99_999_999n;
/** The one currency whose amounts may have more digits. */
const MAX_AMOUNT_IDR = 999_999_999_999n;

const maxAmount = (currency: string): bigint => (currency === "idr" ? MAX_AMOUNT_IDR : MAX_AMOUNT);

const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** Throws 400 `amount_too_large` when a line has more digits than can be charged. */
export function assertLineAmount(amount: bigint, currency: string, param: string): void {
  if (magnitude(amount) > maxAmount(currency)) {
    throw refused(
      "amount_too_large",
      `Amount must be no more than ${maxAmount(currency)} in the smallest unit of ${currency}`,
      param,
    );
  }
  if (!isPayable(amount, currency)) {
    throw refused(
      "invalid_charge_amount",
      `Amount ${amount} has more decimals than ${currency} allows`,
      param,
    );
  }
}

/** Throws 400 `amount_too_large` when an invoice cannot be finalized for its size. */
export function assertInvoiceTotal(total: bigint, currency: string): void {
  if (magnitude(total) > maxAmount(currency)) {
    throw refused(
      "amount_too_large",
      `The invoice's total of ${total} is more than the maximum of ${maxAmount(currency)} in the smallest unit of ${currency}`,
    );
  }
}

/** Throws 400 when `adding` lines more than `existing` ones are too many. */
export function assertLineCount(existing: number, adding: number, param: string): void {
  if (existing + adding > MAX_LINES) {
    throw refused(
      "parameter_invalid_range",
      `An invoice can have up to ${MAX_LINES} lines; this one has ${existing} and ${adding} more were given`,
      param,
    );
  }
}
