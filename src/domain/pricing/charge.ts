import type { Decimal } from "../decimal.ts";
import type { LineTier } from "../invoices/line.ts";

/** A quantity at one unit price. A rate turns the quantity of a window into one or more of these. */
export interface Charge {
  /** null: the rate has no tiers. */
  readonly tier: LineTier | null;
  /** The slice of the billing period's running quantity that is priced: its two ends. */
  readonly quantityBefore: Decimal;
  readonly quantityAfter: Decimal;
  /** quantityAfter - quantityBefore; negative for corrections. */
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** quantity x unitPrice, exact. */
  readonly amount: Decimal;
}

/** Prices the running quantity's way from `before` to `after` at one price. */
export function toCharge(
  tier: LineTier | null,
  before: Decimal,
  after: Decimal,
  unitPrice: Decimal,
): Charge {
  const quantity = after.minus(before);
  return {
    tier,
    quantityBefore: before,
    quantityAfter: after,
    quantity,
    unitPrice,
    amount: quantity.times(unitPrice),
  };
}
