import type { ProrationBasis } from "../conventions.ts";
import type { Decimal } from "../decimal.ts";
import type { TraceStep } from "../invoices/trace.ts";
import { isPartial, prorate, prorateRounded, shareOf } from "./proration.ts";
import type { Subscription } from "./subscription.ts";
import type { SubscriptionCharge } from "./subscription-charges.ts";

/** What a charge costs, and how that came about. */
export interface PricedCharge {
  readonly isProrated: boolean;
  readonly unitPrice: Decimal;
  readonly total: Decimal;
  readonly steps: readonly TraceStep[];
}

/**
 * Prices the units of a charge; `price` is that of one unit for a whole period. Without a rounding
 * the price of all units is divided once, so that three thirds make a whole, and the unit price only
 * shows 12 decimals of what one costs. With one it is the unit price that is rounded, and the total
 * is a multiple of it (Metronome API: `proration.rounding`).
 */
export function priceCharge(
  { isProrated: prorates, prorationRounding: rounding }: Subscription,
  { window, whole, quantity }: SubscriptionCharge,
  price: Decimal,
  basis: ProrationBasis,
): PricedCharge {
  const share = shareOf(window, whole, basis);
  const full = price.times(quantity);
  if (!prorates || !isPartial(share)) {
    return { isProrated: false, unitPrice: price, total: full, steps: [] };
  }
  const exact = prorate(price, share);
  const proration: TraceStep = {
    step: "proration",
    startingAt: window.start,
    endingBefore: window.end,
    periodStart: whole.start,
    periodEnd: whole.end,
    basis,
    ...share,
    price,
    unitPrice: exact,
  };
  if (rounding === null) {
    return { isProrated: true, unitPrice: exact, total: prorate(full, share), steps: [proration] };
  }
  const unitPrice = prorateRounded(price, share, rounding);
  const rounded: TraceStep = { step: "proration-rounding", ...rounding, price: exact, unitPrice };
  return {
    isProrated: true,
    unitPrice,
    total: unitPrice.times(quantity),
    steps: [proration, rounded],
  };
}
