import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import type { ItemUpdate } from "../operations/change-invoice-item.ts";
import type { InlinePriceData, ItemPricing } from "../operations/item-source.ts";
import type { ItemDetails } from "../operations/new-items.ts";
import type { InvoiceItemRow } from "../store/invoice-items.ts";
import {
  amount,
  choice,
  currency,
  decimal,
  flag,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  text,
  timestamp,
  unsettable,
} from "./params.ts";
import { discountsParam, taxAmount, taxRatesParam, toItemTerms } from "./totals-params.ts";

const MAX_QUANTITY = 999_999_999_999;
/** Stripe docs: Bulk add invoice line items, `tax_amounts`. */
const MAX_TAX_AMOUNTS = 20;

const unitPrice = {
  currency: currency(),
  tax_behavior: optional(choice("exclusive", "inclusive", "unspecified")),
  unit_amount: optional(amount({ minimum: 0 })),
  unit_amount_decimal: optional(decimal()),
};

const described = {
  amount: optional(amount()),
  description: optional(text()),
  discountable: optional(flag()),
  discounts: discountsParam(),
  metadata: optional(metadata()),
  period: optional(hash({ start: timestamp(), end: timestamp() })),
  pricing: optional(hash({ price: objectId() })),
  quantity: optional(integer(0, MAX_QUANTITY)),
  quantity_decimal: optional(decimal()),
  tax_rates: taxRatesParam(),
};

/** What an invoice item takes, new or changed (Stripe docs: Invoice items). */
export const itemParams = {
  ...described,
  price_data: optional(hash({ ...unitPrice, product: objectId() })),
  unit_amount_decimal: optional(decimal()),
};

/** What a line takes, new or changed (Stripe docs: Bulk add invoice line items). */
export const lineParams = {
  ...described,
  price_data: optional(
    hash({
      ...unitPrice,
      product: optional(objectId()),
      product_data: optional(
        hash({
          name: text(),
          description: optional(text()),
          metadata: optional(metadata()),
          unit_label: optional(text(12)),
        }),
      ),
    }),
  ),
  tax_amounts: optional(unsettable(listOf(taxAmount, MAX_TAX_AMOUNTS))),
};

type Params = ParamsOf<typeof itemParams> | ParamsOf<typeof lineParams>;
type ParamOf = ItemPricing["paramOf"];

/** Names a member where it stands: "amount", or "lines[0][amount]" with a prefix. */
export const paramUnder =
  (prefix = ""): ParamOf =>
  (first, ...rest) =>
    [prefix === "" ? first : `${prefix}[${first}]`, ...rest.map((name) => `[${name}]`)].join("");

/** One of two forms of the same thing, as decimal text; throws 400 when both are given. */
function either(
  whole: bigint | number | undefined,
  exact: string | undefined,
  name: string,
  paramOf: ParamOf,
): string | undefined {
  if (whole !== undefined && exact !== undefined) {
    throw refused(
      "parameters_exclusive",
      `You may only specify one of these parameters: ${name}, ${name}_decimal.`,
      paramOf(name),
    );
  }
  return exact ?? whole?.toString();
}

function toPriceData(data: NonNullable<Params["price_data"]>, paramOf: ParamOf): InlinePriceData {
  const inside: ParamOf = (...path) => paramOf("price_data", ...path);
  const unitAmount = either(data.unit_amount, data.unit_amount_decimal, "unit_amount", inside);
  if (unitAmount === undefined || unitAmount.startsWith("-")) {
    throw refused(
      unitAmount === undefined ? "parameter_missing" : "parameter_invalid_integer",
      "A price needs a `unit_amount` or `unit_amount_decimal` of 0 or more; give a credit as `amount`.",
      inside("unit_amount_decimal"),
    );
  }
  const product = "product_data" in data ? data.product_data : undefined;
  return {
    currency: data.currency,
    product: data.product,
    productData: product && {
      name: product.name,
      description: product.description ?? null,
      unitLabel: product.unit_label ?? null,
      metadata: mergeMetadata({}, product.metadata),
    },
    unitAmount,
    taxBehavior: data.tax_behavior ?? "unspecified",
  };
}

/** How the parameters price the item. */
const toPricing = (params: Params, paramOf: ParamOf): ItemPricing => ({
  amount: params.amount,
  price: params.pricing?.price,
  priceData: params.price_data && toPriceData(params.price_data, paramOf),
  unitAmount: "unit_amount_decimal" in params ? params.unit_amount_decimal : undefined,
  quantity: either(params.quantity, params.quantity_decimal, "quantity", paramOf),
  paramOf,
});

function toPeriod(period: Params["period"], paramOf: ParamOf): ItemDetails["period"] {
  if (period !== undefined && period.end < period.start) {
    throw refused(
      "invalid_argument",
      "The period ends before it starts.",
      paramOf("period", "end"),
    );
  }
  return period;
}

/** A new item or line in the parameters that stand under `prefix`. */
export function toNewItem(params: Params, prefix = "") {
  const paramOf = paramUnder(prefix);
  return {
    ...toPricing(params, paramOf),
    description: params.description,
    discountable: params.discountable,
    metadata: mergeMetadata({}, params.metadata),
    period: toPeriod(params.period, paramOf),
    ...toItemTerms(params, paramOf),
  };
}

/** An update of an item or line in the parameters that stand under `prefix`. */
export function toItemUpdate(params: Params, prefix = ""): (current: InvoiceItemRow) => ItemUpdate {
  const paramOf = paramUnder(prefix);
  return (current) => ({
    ...toPricing(params, paramOf),
    ...(params.description === undefined ? {} : { description: params.description }),
    ...(params.discountable === undefined ? {} : { discountable: params.discountable }),
    metadata: mergeMetadata(current.metadata, params.metadata),
    period: toPeriod(params.period, paramOf),
    ...toItemTerms(params, paramOf),
  });
}
