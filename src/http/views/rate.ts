import type { CustomFields } from "../../domain/custom-fields/entity.ts";
import type { Product } from "../../domain/pricing/product.ts";
import { productStateAt } from "../../domain/pricing/product-history.ts";
import type { Rate } from "../../domain/pricing/rate.ts";
import type { RateSegment } from "../../domain/pricing/rate-schedule.ts";
import { instantText } from "../../domain/time.ts";
import { toCreditTypeView } from "./credit-type.ts";

/** The price of a rate as the API shows it. */
export const toRateView = (rate: Rate) => ({
  rate_type: rate.type,
  ...(rate.type === "FLAT"
    ? { price: rate.price }
    : {
        tiers: rate.tiers.map(({ size, price }) => (size === null ? { price } : { size, price })),
      }),
  credit_type: toCreditTypeView(rate.creditTypeId),
  ...pricingGroupValues(rate),
});

/** A line of a rate schedule: what a product costs from when to when. */
export function toRateSegmentView(
  { rate, startingAt, endingBefore }: RateSegment,
  product: Product,
  customFields: CustomFields,
) {
  const { name, tags } = productStateAt(product.versions, startingAt);
  return {
    product_id: rate.productId,
    product_name: name,
    product_tags: tags,
    product_custom_fields: customFields,
    entitled: rate.entitled,
    ...(rate.billingFrequency === null ? {} : { billing_frequency: rate.billingFrequency }),
    ...pricingGroupValues(rate),
    starting_at: instantText(startingAt),
    ...(endingBefore === null ? {} : { ending_before: instantText(endingBefore) }),
    rate: toRateView(rate),
  };
}

const pricingGroupValues = ({ pricingGroupValues: values }: Rate) =>
  Object.keys(values).length === 0 ? {} : { pricing_group_values: values };
