import type { PriceRow } from "../db/tables/rate-cards.ts";
import { dec } from "../domain/decimal.ts";
import type { RatePrice } from "../domain/pricing/rate.ts";

/** A stored price as rating sees it. */
export function toRatePrice(row: PriceRow): RatePrice {
  if (row.type === "FLAT") return { type: "FLAT", price: dec(row.price) };
  const tiers = row.tiers.map(({ size, price }) => ({
    size: size === undefined ? null : dec(size),
    price: dec(price),
  }));
  return { type: "TIERED", tiers };
}
