import type { StoredListPrice, StoredPrice } from "../db/tables/invoices.ts";
import { dec } from "../domain/decimal.ts";
import type { ListPrice } from "../domain/pricing/list-price.ts";
import type { RatePrice } from "../domain/pricing/rate.ts";

/** The list price that was kept with a line of a finalized invoice. */
export const fromStoredListPrice = ({
  price,
  minimum,
  maximum,
  ...stored
}: StoredListPrice): ListPrice => ({
  ...stored,
  price: fromStoredPrice(price),
  ...(minimum === undefined ? {} : { minimum: dec(minimum) }),
  ...(maximum === undefined ? {} : { maximum: dec(maximum) }),
});

function fromStoredPrice(stored: StoredPrice): RatePrice {
  if (stored.type === "PERCENTAGE") return { type: stored.type, price: dec(stored.price) };
  const { packageSize: size } = stored;
  const packaged = size === undefined ? {} : { packageSize: dec(size) };
  if (stored.type === "FLAT") return { type: stored.type, price: dec(stored.price), ...packaged };
  return {
    type: stored.type,
    ...(stored.mode === undefined ? {} : { mode: stored.mode }),
    tiers: stored.tiers.map((tier) => ({
      size: tier.size === null ? null : dec(tier.size),
      price: dec(tier.price),
      ...(tier.flatFee === undefined ? {} : { flatFee: dec(tier.flatFee) }),
    })),
    ...packaged,
  };
}
