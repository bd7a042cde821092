import { type Decimal, dec, round } from "../../../domain/decimal.ts";

/** Units are counted in whole blocks (Stripe docs: Transform quantities). */
export interface Blocks {
  readonly divide_by: number;
  readonly round: "down" | "up";
}

/** The units, or whole blocks, that a quantity is billed as. */
export function billedUnits(quantity: bigint, blocks: Blocks | null): Decimal {
  const units = dec(quantity.toString());
  if (blocks === null) return units;
  const whole = units.div(dec(String(blocks.divide_by)));
  return round(whole, 0, blocks.round === "up" ? "away_from_zero" : "toward_zero");
}
