import { type Static, Type } from "typebox";
import type { NewConversion } from "../../store/rate-card-conversions.ts";
import { DecimalField, IdField, ObjectField } from "./fields.ts";

/** What custom pricing units cost on a rate card. */
export const ConversionsField = Type.Array(
  ObjectField({
    custom_credit_type_id: IdField(),
    fiat_per_custom_credit: DecimalField({ minimum: "0" }),
  }),
  { maxItems: 1000 },
);

/** Conversions as operations take them; absent: none. */
export const fromConversions = (
  conversions: Static<typeof ConversionsField> = [],
): NewConversion[] =>
  conversions.map(({ custom_credit_type_id: unitId, fiat_per_custom_credit: fiatPerUnit }) => ({
    unitId,
    fiatPerUnit,
  }));
