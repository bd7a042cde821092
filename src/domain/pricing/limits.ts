import { type Decimal, divide, min, ONE, ZERO } from "../decimal.ts";
import type { Charge } from "./charge.ts";

/**
 * Holds what one rate charges in one billing period to a maximum. `charges` are in the order of
 * time; each answers one or two: what is charged, and the quantity that the maximum makes free. A
 * charge that crosses it is split: the amount is fixed first and its quantity is amount / price, to
 * 12 decimals. Corrections count backwards, so the sum is always min(sum of the charges, maximum).
 */
export function capCharges(charges: readonly Charge[], maximum: Decimal): Charge[][] {
  let spent = ZERO;
  return charges.map((charge) => {
    const before = spent;
    spent = spent.plus(charge.amount);
    const kept = min(spent, maximum).minus(min(before, maximum));
    return kept.eq(charge.amount) ? [charge] : splitAt(charge, kept, before, maximum);
  });
}

function splitAt(charge: Charge, kept: Decimal, spentBefore: Decimal, maximum: Decimal): Charge[] {
  const { amount, unitPrice } = charge;
  const step = { step: "maximum", maximum, spentBefore, ofAmount: amount, amount: kept } as const;
  const trace = [...charge.trace, step];
  const paid = kept.eq(ZERO) ? ZERO : divide(kept, unitPrice);
  const { quantityAfter: _, ...cut } = charge;
  const free: Charge = {
    ...cut,
    kind: charge.kind === "TIER_FEE" ? "FEE_BEYOND_MAXIMUM" : "BEYOND_MAXIMUM",
    quantity: charge.quantity.minus(paid),
    unitPrice: ZERO,
    amount: ZERO,
    trace,
  };
  return kept.eq(ZERO) ? [free] : [{ ...cut, quantity: paid, amount: kept, trace }, free];
}

/** The charge that lifts what a rate charged in a billing period to its minimum, if it fell short. */
export function toShortfall(minimum: Decimal, spent: Decimal): Charge[] {
  const amount = minimum.minus(spent);
  if (amount.lte(ZERO)) return [];
  const trace = [{ step: "minimum", minimum, spent, amount } as const];
  return [{ kind: "MINIMUM", tier: null, quantity: ONE, unitPrice: amount, amount, trace }];
}
