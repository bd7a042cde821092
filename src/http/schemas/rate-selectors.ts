import { type Static, Type } from "typebox";
import type { Product } from "../../domain/pricing/product.ts";
import { productStateAt } from "../../domain/pricing/product-history.ts";
import type { Rate } from "../../domain/pricing/rate.ts";
import type { RateSegment } from "../../domain/pricing/rate-schedule.ts";
import { BILLING_FREQUENCIES } from "./billing-frequencies.ts";
import { EnumField, IdField, ObjectField, TextField } from "./fields.ts";
import { GroupValuesField } from "./group-values-field.ts";
import { NullableField } from "./nullable-field.ts";

const SelectorField = ObjectField({
  product_id: Type.Optional(IdField()),
  product_tags: Type.Optional(Type.Array(TextField({ max: 200 }), { maxItems: 200 })),
  pricing_group_values: Type.Optional(GroupValuesField()),
  partial_pricing_group_values: Type.Optional(GroupValuesField()),
  billing_frequency: Type.Optional(NullableField(EnumField(BILLING_FREQUENCIES))),
});

/** Which rates are wanted; absent: all. */
export const selectors = Type.Optional(Type.Array(SelectorField, { maxItems: 1000 }));

export type RateSelector = Static<typeof SelectorField>;

const sameValues = (rate: Rate, wanted: Record<string, string>): boolean =>
  Object.keys(wanted).length === Object.keys(rate.pricingGroupValues).length &&
  includesValues(rate, wanted);

const includesValues = (rate: Rate, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => rate.pricingGroupValues[name] === value);

/** What a selector names must all hold; of several selectors one is enough; none means everything. */
export function isSelected(
  { rate, startingAt }: RateSegment,
  product: Product,
  wanted: readonly RateSelector[] | undefined,
): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  const { tags } = productStateAt(product.versions, startingAt);
  return wanted.some(
    (selector) =>
      (selector.product_id === undefined || selector.product_id === rate.productId) &&
      (selector.billing_frequency == null ||
        selector.billing_frequency === rate.billingFrequency) &&
      (selector.product_tags ?? []).every((tag) => tags.includes(tag)) &&
      (selector.pricing_group_values === undefined ||
        sameValues(rate, selector.pricing_group_values)) &&
      includesValues(rate, selector.partial_pricing_group_values ?? {}),
  );
}
