import { type Decimal, minus } from "../decimal.ts";
import type { LineTier } from "../invoices/line.ts";
import type { TraceStep } from "../invoices/trace.ts";

/**
 * What a charge is for:
 * - USE: a quantity at the price of the rate.
 * - TIER_FEE: the flat fee of a tier that usage got into, or out of again.
 * - BEYOND_MAXIMUM, FEE_BEYOND_MAXIMUM: the quantity, of use or of a fee, that the rate's maximum
 *   makes free.
 * - MINIMUM: what is missing to the rate's minimum.
 */
export type ChargeKind = "USE" | "TIER_FEE" | "BEYOND_MAXIMUM" | "FEE_BEYOND_MAXIMUM" | "MINIMUM";

/** A quantity at one unit price. A rate turns the quantity of a window into one or more of these. */
export interface Charge {
  readonly kind: ChargeKind;
  /** null: the rate has no tiers. */
  readonly tier: LineTier | null;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** quantity x unitPrice, exact (a maximum fixes the amount first and rounds the quantity). */
  readonly amount: Decimal;
  /** Of USE that no limit cut: the running quantity at its end, in what the price counts. */
  readonly quantityAfter?: Decimal;
  /** How the running quantity became this amount. */
  readonly trace: readonly TraceStep[];
}

/** Prices the running quantity's way from `before` to `after` at one price. */
export function toCharge(
  tier: LineTier | null,
  before: Decimal,
  after: Decimal,
  unitPrice: Decimal,
): Charge {
  const quantity = minus(after, before);
  const amount = quantity.times(unitPrice);
  const price: TraceStep = { step: "price", quantity, unitPrice, amount };
  const trace: TraceStep[] =
    tier === null
      ? [price]
      : [{ step: "tier", ...tier, quantityBefore: before, quantityAfter: after }, price];
  return { kind: "USE", tier, quantity, unitPrice, amount, quantityAfter: after, trace };
}

/** The charge with steps that came before its own. */
export const afterSteps = (steps: readonly TraceStep[], charge: Charge): Charge => ({
  ...charge,
  trace: [...steps, ...charge.trace],
});
