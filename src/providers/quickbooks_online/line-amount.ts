import type { CreditType } from "../../domain/credit-type.ts";
import { type Decimal, ONE, round } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { toWholeUnits } from "../../domain/money.ts";

/** QuickBooks keeps as many decimals of quantities and prices. */
const MAX_DECIMALS = 7;
/** And as many digits in all. */
const MAX_DIGITS = 15;

const decimalsOf = (value: Decimal): number => Math.max(0, value.c.length - value.e - 1);

const fits = (value: Decimal): boolean =>
  decimalsOf(value) <= MAX_DECIMALS && value.c.length <= MAX_DIGITS && value.e < MAX_DIGITS;

export interface LineAmount {
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** The true quantity and price are not what is sent, and belong into the text. */
  readonly isCollapsed: boolean;
}

/**
 * Quantity and price of a line of `amount`, in whole units of the currency. QuickBooks refuses a line whose
 * amount is not their product (fault 6070), so they are sent only where both survive its seven decimals and
 * their product rounds to the amount; else the line is one piece at the amount.
 */
export function toLineAmount(
  { quantity, unitPrice }: Pick<InvoiceLine, "quantity" | "unitPrice">,
  amount: Decimal,
  creditType: CreditType,
): LineAmount {
  const collapsed = { quantity: ONE, unitPrice: amount, isCollapsed: true };
  if (quantity === null || unitPrice === null) return { ...collapsed, isCollapsed: false };
  const price = toWholeUnits(unitPrice, creditType);
  if (!fits(quantity) || !fits(price)) return collapsed;
  const { exponent, stepMinor } = creditType.currency;
  const decimals = exponent - (stepMinor.toString().length - 1);
  const product = round(quantity.times(price), decimals, "half_away_from_zero");
  return product.eq(amount) ? { quantity, unitPrice: price, isCollapsed: false } : collapsed;
}
