import { dec } from "../../domain/decimal.ts";
import { PERCENT_DECIMALS } from "../domain/totals/percent.ts";
import { refused } from "../errors.ts";
import type { DiscountRequest } from "../operations/discounts/resolve-discounts.ts";
import type { NewTaxRate } from "../operations/save-tax-rate.ts";
import type { FixedTaxRequest, ItemTermsRequest } from "../operations/totals/resolve-item-terms.ts";
import {
  amount,
  choice,
  decimal,
  flag,
  hash,
  listOf,
  objectId,
  optional,
  type ParamsOf,
  pattern,
  text,
  unsettable,
} from "./params.ts";

const MAX_DISCOUNTS = 20;
const MAX_TAX_RATES = 10;

/** Coupons to redeem or discounts to use, in order; empty: none. */
export const discountsParam = () =>
  optional(
    unsettable(
      listOf(hash({ coupon: optional(objectId()), discount: optional(objectId()) }), MAX_DISCOUNTS),
    ),
  );

/** Ids of tax rates; empty: none. */
export const taxRatesParam = () => optional(unsettable(listOf(objectId(), MAX_TAX_RATES)));

const TAX_TYPES = [
  "admissions_tax",
  "amusement_tax",
  "attendance_tax",
  "communications_tax",
  "digital_excise_tax",
  "entertainment_tax",
  "get_fund",
  "gross_receipts_tax",
  "gst",
  "hospitality_tax",
  "hst",
  "igst",
  "jct",
  "lease_tax",
  "luxury_tax",
  "mass_transit_parking_tax",
  "nhil",
  "parking_tax",
  "pst",
  "qst",
  "resort_tax",
  "retail_delivery_fee",
  "rst",
  "sales_tax",
  "service_tax",
  "tourism_tax",
  "utility_users_tax",
  "vat",
] as const;

/** What a tax rate says beside its percentage. */
export const taxRateDetails = {
  country: optional(pattern(/^[A-Z]{2}$/, "two upper-case letters")),
  description: optional(text()),
  jurisdiction: optional(text()),
  state: optional(text()),
  tax_type: optional(choice(...TAX_TYPES)),
};

/** A tax rate that is described in place. */
const taxRateData = {
  ...taxRateDetails,
  display_name: text(),
  inclusive: flag(),
  jurisdiction_level: optional(
    choice("city", "country", "county", "district", "multiple", "state"),
  ),
  percentage: decimal(),
};

/** One tax that was computed elsewhere (Stripe docs: Bulk add invoice line items). */
export const taxAmount = hash({
  amount: amount(),
  tax_rate_data: hash(taxRateData),
  taxability_reason: optional(
    choice(
      "customer_exempt",
      "not_collecting",
      "not_subject_to_tax",
      "not_supported",
      "portion_product_exempt",
      "portion_reduced_rated",
      "portion_standard_rated",
      "product_exempt",
      "product_exempt_holiday",
      "proportionally_rated",
      "reduced_rated",
      "reverse_charge",
      "standard_rated",
      "taxable_basis_reduced",
      "zero_rated",
    ),
  ),
  taxable_amount: amount(),
});

/** A percentage as decimal text. Throws 400 below 0, above 100 or with more than four decimals. */
export function readPercentage(value: string, param: string): string {
  const percent = dec(value);
  if (percent.lt(dec("0")) || percent.gt(dec("100"))) {
    throw refused("parameter_invalid_range", `${param} must be between 0 and 100.`, param);
  }
  if (!percent.eq(percent.round(PERCENT_DECIMALS))) {
    throw refused(
      "invalid_argument",
      `${param} can have at most ${PERCENT_DECIMALS} decimals.`,
      param,
    );
  }
  return value;
}

type DiscountParams = readonly {
  readonly coupon?: string | undefined;
  readonly discount?: string | undefined;
}[];

/** The discounts that a request names; undefined leaves them, null clears them. */
export function toDiscountRequests(
  discounts: DiscountParams | null | undefined,
  paramOf: ItemTermsRequest["paramOf"] = (first, ...rest) =>
    [first, ...rest.map((name) => `[${name}]`)].join(""),
): DiscountRequest[] | null | undefined {
  return (
    discounts?.map(({ coupon, discount }, n) => ({
      coupon,
      discount,
      paramOf: (name) => paramOf("discounts", String(n), name),
    })) ?? (discounts as null | undefined)
  );
}

type TaxAmountParams = ParamsOf<{ tax: typeof taxAmount }>["tax"];

function toFixedTax(
  {
    amount: minor,
    taxable_amount: taxable,
    taxability_reason: reason,
    tax_rate_data: data,
  }: TaxAmountParams,
  param: string,
): FixedTaxRequest {
  const rate: NewTaxRate = {
    displayName: data.display_name,
    inclusive: data.inclusive,
    percentage: readPercentage(data.percentage, `${param}[tax_rate_data][percentage]`),
    country: data.country,
    description: data.description,
    jurisdiction: data.jurisdiction,
    jurisdictionLevel: data.jurisdiction_level,
    state: data.state,
    taxType: data.tax_type,
  };
  return { amount: minor, taxable, reason, rate };
}

/** What the parameters of an item say of its discounts and taxes. */
export function toItemTerms(
  params: {
    readonly discounts?: DiscountParams | null | undefined;
    readonly tax_rates?: readonly string[] | null | undefined;
    readonly tax_amounts?: readonly TaxAmountParams[] | null | undefined;
  },
  paramOf: ItemTermsRequest["paramOf"],
): ItemTermsRequest {
  const { tax_amounts: fixed } = params;
  return {
    discounts: toDiscountRequests(params.discounts, paramOf),
    taxRates: params.tax_rates,
    fixedTaxes:
      fixed?.map((tax, n) => toFixedTax(tax, paramOf("tax_amounts", String(n)))) ??
      (fixed as null | undefined),
    paramOf,
  };
}
