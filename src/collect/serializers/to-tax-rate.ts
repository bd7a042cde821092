import type Stripe from "stripe";
import type { TaxRateRow } from "../store/tax-rates.ts";
import { toUnix, type Wire } from "../wire.ts";

/** A tax rate as Stripe's API shows it. */
export const toTaxRate = (row: TaxRateRow) =>
  ({
    id: row.id,
    object: "tax_rate",
    active: row.active,
    country: row.country,
    created: toUnix(row.created_at),
    description: row.description,
    display_name: row.display_name,
    effective_percentage: null,
    flat_amount: null,
    inclusive: row.inclusive,
    jurisdiction: row.jurisdiction,
    jurisdiction_level: row.jurisdiction_level,
    livemode: row.livemode,
    metadata: { ...row.metadata },
    percentage: Number(row.percentage),
    rate_type: "percentage",
    state: row.state,
    tax_type: row.tax_type,
  }) satisfies Wire<Stripe.TaxRate>;

/** Those that are named, in their order. */
export const toTaxRates = (ids: readonly string[], rates: ReadonlyMap<string, TaxRateRow>) =>
  ids.flatMap((id) => {
    const rate = rates.get(id);
    return rate === undefined ? [] : [toTaxRate(rate)];
  });
