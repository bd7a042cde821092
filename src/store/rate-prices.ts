import type { PriceRow } from "../db/tables/rate-cards.ts";
import { dec } from "../domain/decimal.ts";
import type { RatePrice } from "../domain/pricing/rate.ts";

/** A stored price as rating sees it. */
export function toRatePrice(row: PriceRow): RatePrice {
  if (row.type === "PERCENTAGE") return { type: "PERCENTAGE", price: dec(row.price) };
  const packaged = row.package_size === undefined ? {} : { packageSize: dec(row.package_size) };
  if (row.type === "FLAT") return { type: "FLAT", price: dec(row.price), ...packaged };
  const tiers = row.tiers.map(({ size, price, flat_fee: fee }) => ({
    size: size === undefined ? null : dec(size),
    price: dec(price),
    ...(fee === undefined ? {} : { flatFee: dec(fee) }),
  }));
  const mode = row.tier_mode === undefined ? {} : { mode: row.tier_mode };
  return { type: "TIERED", tiers, ...mode, ...packaged };
}
