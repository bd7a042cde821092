import { type Decimal, divide, min, ZERO } from "../decimal.ts";
import type { InvoiceLine, ProductLine } from "../invoices/line.ts";
import { type CoveredPart, coverPart } from "./cover-part.ts";
import type { BurningSegment } from "./purse.ts";

/** A slice of a line at the price that it has when one commit pays for it. */
export interface PricedSlice {
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** quantity x unitPrice, exact. */
  readonly amount: Decimal;
  readonly tier: InvoiceLine["tier"];
  readonly trace: InvoiceLine["trace"];
}

/**
 * Lets the segment pay for slices of a line at the price of its commit, in their order, until it is
 * used up. The slice at which that happens is split: the amount is fixed, its quantity is amount /
 * price to 12 decimals. A slice that is free is covered by 0.
 */
export function payOwnPrice(
  line: ProductLine,
  slices: readonly PricedSlice[],
  burning: BurningSegment,
): { parts: CoveredPart[]; quantity: Decimal } {
  const parts: CoveredPart[] = [];
  let quantity = ZERO;
  for (const slice of slices) {
    if (burning.remaining.lte(ZERO)) break;
    const burned = min(burning.remaining, slice.amount);
    const covered = burned.eq(slice.amount)
      ? slice.quantity
      : min(divide(burned, slice.unitPrice), slice.quantity);
    parts.push(coverPart(toOwnLine(line, slice), burning, covered, burned));
    quantity = quantity.plus(covered);
  }
  return { parts, quantity };
}

function toOwnLine(line: ProductLine, { amount, tier, ...slice }: PricedSlice) {
  const ownTier = tier === null ? "" : ` tier ${tier.level}`;
  return { ...line, ...slice, tier, total: amount, lineKey: `${line.lineKey}/own price${ownTier}` };
}
