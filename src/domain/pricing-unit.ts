import type { Decimal } from "./decimal.ts";

/**
 * A custom pricing unit: what prices, commits and credits may be in beside currencies ("tokens").
 * Amounts in it are plain numbers. It becomes money by a conversion of a rate card only.
 */
export interface PricingUnit {
  /** A credit type id, as those of currencies are. */
  readonly id: string;
  /** As invoices show it. It never changes. */
  readonly name: string;
}

/** What one unit costs on a rate card, for ever: a card's conversions are added, never changed. */
export interface UnitConversion {
  readonly unit: PricingUnit;
  /** In the wire unit of the card's currency; 0 or more. */
  readonly fiatPerUnit: Decimal;
}
