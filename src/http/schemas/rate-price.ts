import { type Static, Type } from "typebox";
import type { PriceRow } from "../../db/tables/rate-cards.ts";
import { dec, ONE } from "../../domain/decimal.ts";
import { invalid, unsupported } from "../../errors.ts";
import { DecimalField, EnumField, ObjectField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

const RATE_TYPES = [
  "FLAT",
  "PERCENTAGE",
  "SUBSCRIPTION",
  "TIERED",
  "TIERED_PERCENTAGE",
  "CUSTOM",
] as const;

/**
 * How a rate turns a quantity into money. `flat_fee`, `tier_mode` and `package_size` are our
 * additions (docs/rates.md).
 */
export const ratePriceFields = {
  rate_type: EnumField(RATE_TYPES),
  price: Type.Optional(DecimalField({ minimum: "0" })),
  tiers: Type.Optional(
    Type.Array(
      ObjectField({
        size: Type.Optional(DecimalField({ minimum: "0" })),
        price: DecimalField({ minimum: "0" }),
        flat_fee: Type.Optional(DecimalField({ minimum: "0" })),
      }),
      { maxItems: 1000 },
    ),
  ),
  tier_mode: Type.Optional(NullableField(EnumField(["GRADUATED", "VOLUME"]))),
  package_size: Type.Optional(NullableField(DecimalField({ minimum: "0" }))),
};

/** Our additions: what a rate charges in a billing period at least and at most. */
export const rateLimitFields = {
  minimum_amount: Type.Optional(NullableField(DecimalField({ minimum: "0" }))),
  maximum_amount: Type.Optional(NullableField(DecimalField({ minimum: "0" }))),
};

const RatePriceBody = ObjectField(ratePriceFields);
type RatePriceBody = Static<typeof RatePriceBody>;

/**
 * The price of a rate body. A rate has a price or tiers, never both, and only the fields of its
 * type: another would be ignored.
 */
export function fromRatePrice(body: RatePriceBody, path: string): PriceRow {
  const { rate_type: type, price, tiers } = body;
  const refuse = (field: string, message: string) =>
    invalid(`${path}${field} ${message}`, `${path}${field}`);
  if (type !== "FLAT" && type !== "TIERED" && type !== "PERCENTAGE") {
    throw unsupported(`${path}rate_type ${type}`);
  }
  const packaged = fromPackageSize(body, refuse);
  if (type === "TIERED") {
    if (tiers === undefined) throw refuse("tiers", "is required for TIERED rates");
    if (price !== undefined) throw refuse("price", "is only for FLAT and PERCENTAGE rates");
    return {
      type,
      tiers,
      ...(body.tier_mode === "VOLUME" ? { tier_mode: "VOLUME" } : {}),
      ...packaged,
    };
  }
  if (price === undefined) throw refuse("price", `is required for ${type} rates`);
  if (tiers !== undefined && tiers.length > 0) throw refuse("tiers", "is only for TIERED rates");
  if (body.tier_mode != null) throw refuse("tier_mode", "is only for TIERED rates");
  if (type === "FLAT") return { type, price, ...packaged };
  if (dec(price).gt(ONE)) throw refuse("price", "must be at most 1: it is a fraction");
  if (body.package_size != null) throw refuse("package_size", "is not for PERCENTAGE rates");
  return { type, price };
}

function fromPackageSize(
  { package_size: size }: RatePriceBody,
  refuse: (field: string, message: string) => Error,
): { package_size?: string } {
  if (size == null) return {};
  if (dec(size).eq("0")) throw refuse("package_size", "must be greater than 0");
  return { package_size: size };
}
