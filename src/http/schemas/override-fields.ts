import { type Static, Type } from "typebox";
import { instant } from "../../domain/time.ts";
import type { OverrideTerms } from "../../operations/add-overrides.ts";
import { BILLING_FREQUENCIES } from "./billing-frequencies.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { GroupValuesField } from "./group-values-field.ts";
import { NullableField } from "./nullable-field.ts";
import { priceFields, TiersField } from "./price-fields.ts";
import { fromRatePrice } from "./rate-price.ts";

const MAX_SPECIFIERS = 1000;

const tags = () => Type.Array(TextField({ max: 200 }), { minItems: 1, maxItems: 200 });
/** Ids of commits, or temporary ids of commits in the same body. */
const commitIds = () => Type.Array(TextField({ max: 200 }), { minItems: 1, maxItems: 1000 });

const SpecifierField = ObjectField({
  product_id: Type.Optional(IdField()),
  product_tags: Type.Optional(tags()),
  pricing_group_values: Type.Optional(GroupValuesField()),
  presentation_group_values: Type.Optional(GroupValuesField()),
  billing_frequency: Type.Optional(EnumField(BILLING_FREQUENCIES)),
  commit_ids: Type.Optional(commitIds()),
  recurring_commit_ids: Type.Optional(commitIds()),
  any_commit_or_credit_ids: Type.Optional(commitIds()),
});

/** An override of a contract to create. */
export const OverrideField = () =>
  ObjectField({
    starting_at: InstantField({ onHour: true }),
    ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
    entitled: Type.Optional(NullableField(Type.Boolean())),
    type: Type.Optional(EnumField(["OVERWRITE", "MULTIPLIER", "TIERED"])),
    is_commit_specific: Type.Optional(NullableField(Type.Boolean())),
    target: Type.Optional(EnumField(["LIST_RATE", "COMMIT_RATE"])),
    priority: Type.Optional(NullableField(DecimalField())),
    multiplier: Type.Optional(NullableField(DecimalField({ minimum: "0" }))),
    overwrite_rate: Type.Optional(
      NullableField(
        ObjectField(
          { ...priceFields, credit_type_id: Type.Optional(IdField()) },
          { unsupported: { custom_rate: null, is_prorated: false, quantity: null } },
        ),
      ),
    ),
    tiers: Type.Optional(TiersField({ multiplier: DecimalField({ minimum: "0" }) })),
    product_id: Type.Optional(NullableField(IdField())),
    applicable_product_tags: Type.Optional(NullableField(tags())),
    override_specifiers: Type.Optional(
      NullableField(Type.Array(SpecifierField, { maxItems: MAX_SPECIFIERS })),
    ),
  });

/** An override as operations take it; `path` names it in messages. */
export function fromOverride(
  body: Static<ReturnType<typeof OverrideField>>,
  path: string,
): OverrideTerms {
  const { overwrite_rate: rate } = body;
  return {
    startingAt: instant(body.starting_at),
    endingBefore: body.ending_before == null ? null : instant(body.ending_before),
    entitled: body.entitled ?? null,
    type: body.type,
    isCommitSpecific: body.is_commit_specific ?? false,
    target: body.target ?? "LIST_RATE",
    priority: body.priority ?? null,
    multiplier: body.multiplier ?? null,
    overwriteRate: rate ? fromRatePrice(rate, `${path}overwrite_rate.`) : null,
    overwriteCreditTypeId: rate?.credit_type_id,
    tiers: body.tiers ?? null,
    productId: body.product_id ?? null,
    applicableProductTags: body.applicable_product_tags ?? null,
    specifiers: body.override_specifiers?.length ? body.override_specifiers : null,
  };
}
