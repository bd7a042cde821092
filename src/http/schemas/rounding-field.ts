import { type Static, Type } from "typebox";
import type { AmountRounding } from "../../domain/round-quotient.ts";
import { EnumField, ObjectField } from "./fields.ts";

/** How a prorated amount is rounded; negative places are powers of ten. */
export const RoundingField = () =>
  ObjectField({
    rounding_method: EnumField(["HALF_UP", "FLOOR", "CEILING"]),
    decimal_places: Type.Integer({ minimum: -12, maximum: 12 }),
  });

export const fromRounding = (body: Static<ReturnType<typeof RoundingField>>): AmountRounding => ({
  method: body.rounding_method,
  decimalPlaces: body.decimal_places,
});
