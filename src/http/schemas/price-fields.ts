import { type TSchema, Type } from "typebox";
import { DecimalField, ObjectField } from "./fields.ts";
import { ratePriceFields } from "./rate-price.ts";

const MAX_TIERS = 1000;

/** A list of slices of a quantity, each with what `fields` say of it. */
export const TiersField = <Fields extends Record<string, TSchema>>(fields: Fields) =>
  Type.Array(ObjectField({ size: Type.Optional(DecimalField({ minimum: "0" })), ...fields }), {
    maxItems: MAX_TIERS,
  });

/** A price that is no dated rate of its own: a commit rate, an overwrite. Without our additions. */
export const priceFields = {
  rate_type: ratePriceFields.rate_type,
  price: ratePriceFields.price,
  tiers: Type.Optional(TiersField({ price: DecimalField({ minimum: "0" }) })),
};
