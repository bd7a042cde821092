import type { CustomFields } from "../../domain/custom-fields/entity.ts";
import type { AgreedSegment } from "../../domain/overrides/contract-rate-schedule.ts";
import type { ListPrice } from "../../domain/pricing/list-price.ts";
import type { Product } from "../../domain/pricing/product.ts";
import { productStateAt } from "../../domain/pricing/product-history.ts";
import type { Rate, RatePrice } from "../../domain/pricing/rate.ts";
import type { RateSegment } from "../../domain/pricing/rate-schedule.ts";
import { instantText } from "../../domain/time.ts";
import { toCreditTypeView, type UnitNames } from "./credit-type.ts";

/** The price of a rate as the API shows it. */
export const toRateView = (rate: Rate, units: UnitNames) =>
  toListPriceView({ ...rate, price: rate }, units);

/** What the card lists for a line as the API shows it. */
export const toListPriceView = (listed: ListPrice, units: UnitNames) => ({
  ...toPriceView(listed.price),
  ...(listed.minimum === undefined ? {} : { minimum_amount: listed.minimum }),
  ...(listed.maximum === undefined ? {} : { maximum_amount: listed.maximum }),
  ...(listed.price.type === "PERCENTAGE"
    ? {}
    : { credit_type: toCreditTypeView(listed.creditTypeId, units) }),
  ...pricingGroupValues(listed),
});

/** How a rate turns a quantity into money, as the API shows it. */
export function toPriceView(price: RatePrice) {
  if (price.type === "PERCENTAGE") return { rate_type: price.type, price: price.price };
  const packaged = price.packageSize === undefined ? {} : { package_size: price.packageSize };
  if (price.type === "FLAT") return { rate_type: price.type, price: price.price, ...packaged };
  return {
    rate_type: price.type,
    tiers: price.tiers.map(({ size, price: unitPrice, flatFee }) => ({
      ...(size === null ? {} : { size }),
      price: unitPrice,
      ...(flatFee === undefined ? {} : { flat_fee: flatFee }),
    })),
    ...(price.mode === undefined ? {} : { tier_mode: price.mode }),
    ...packaged,
  };
}

/** What a line of a rate schedule is shown with. */
interface SegmentViewOptions {
  /** Of its product. */
  readonly customFields: CustomFields;
  readonly units: UnitNames;
}

/** A line of a rate schedule: what a product costs from when to when. */
export const toRateSegmentView = (
  segment: RateSegment,
  product: Product,
  { customFields, units }: SegmentViewOptions,
) => ({
  ...toSegmentFrame(segment, product, customFields),
  entitled: segment.rate.entitled,
  rate: toRateView(segment.rate, units),
});

/** A line of a contract's rate schedule: what is listed, and what the contract makes of it. */
export const toAgreedSegmentView = (
  segment: AgreedSegment,
  rateCardId: string,
  { customFields, units }: SegmentViewOptions,
) => ({
  ...toSegmentFrame(segment, segment.product, customFields),
  rate_card_id: rateCardId,
  entitled: segment.agreed.rate.entitled,
  list_rate: toRateView(segment.rate, units),
  ...(segment.agreed.override === null
    ? {}
    : { override_rate: toRateView(segment.agreed.rate, units) }),
});

function toSegmentFrame(
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
    ...(rate.billingFrequency === null ? {} : { billing_frequency: rate.billingFrequency }),
    ...pricingGroupValues(rate),
    starting_at: instantText(startingAt),
    ...(endingBefore === null ? {} : { ending_before: instantText(endingBefore) }),
    ...(rate.commitRate === null ? {} : { commit_rate: toPriceView(rate.commitRate) }),
  };
}

const pricingGroupValues = ({
  pricingGroupValues: values,
}: Pick<ListPrice, "pricingGroupValues">) =>
  Object.keys(values).length === 0 ? {} : { pricing_group_values: values };
