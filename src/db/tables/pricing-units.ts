import type { Generated, InstantColumn, NumericColumn, Position } from "../columns.ts";

export interface PricingUnitsTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

/** What a unit costs in the currency of a rate card. */
export interface RateCardConversionsTable {
  rate_card_id: string;
  unit_id: string;
  fiat_per_unit: NumericColumn;
  position: Position;
}
