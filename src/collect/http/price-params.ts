import { refused } from "../errors.ts";
import type { PriceTerms, Recurrence } from "../operations/save-price.ts";
import {
  amount,
  choice,
  currency,
  decimal,
  hash,
  integer,
  metadata,
  optional,
  type ParamsOf,
} from "./params.ts";

/** What describes a price wherever one is made: on its own or with its product. */
export const priceParams = {
  currency: currency(),
  metadata: optional(metadata()),
  recurring: optional(
    hash({
      interval: choice("day", "week", "month", "year"),
      interval_count: optional(integer(1, 1095)),
      trial_period_days: optional(integer(1, 730)),
      usage_type: optional(choice("licensed")),
    }),
  ),
  tax_behavior: optional(choice("exclusive", "inclusive", "unspecified")),
  unit_amount: optional(amount({ minimum: 0 })),
  unit_amount_decimal: optional(decimal()),
};

/** Exactly one of the two forms, as decimal text of minor units. Throws 400. */
export function readUnitAmount(
  params: Pick<ParamsOf<typeof priceParams>, "unit_amount" | "unit_amount_decimal">,
  prefix: string,
): string {
  const { unit_amount: whole, unit_amount_decimal: exact } = params;
  const name = prefix === "" ? "unit_amount_decimal" : `${prefix}[unit_amount_decimal]`;
  if (whole !== undefined && exact !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: unit_amount, unit_amount_decimal.",
      name,
    );
  }
  if (exact?.startsWith("-")) {
    throw refused("invalid_argument", "This value must be greater than or equal to 0.", name);
  }
  const text = exact ?? whole?.toString();
  if (text !== undefined) return text;
  throw refused(
    "parameter_missing",
    "You must specify either `unit_amount` or `unit_amount_decimal`.",
    name,
  );
}

const toRecurrence = (
  recurring: ParamsOf<typeof priceParams>["recurring"],
): Recurrence | undefined =>
  recurring && {
    interval: recurring.interval,
    intervalCount: recurring.interval_count ?? 1,
    trialPeriodDays: recurring.trial_period_days,
  };

/** The terms in the parameters; `prefix` is where they stand in the request ("" or "default_price_data"). */
export const toPriceTerms = (
  params: ParamsOf<typeof priceParams>,
  prefix = "",
): Omit<PriceTerms, "product"> => ({
  currency: params.currency,
  unitAmount: readUnitAmount(params, prefix),
  metadata: params.metadata,
  taxBehavior: params.tax_behavior,
  recurring: toRecurrence(params.recurring),
});
