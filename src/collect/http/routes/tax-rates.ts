import { changeTaxRate, createTaxRate, type TaxRateTerms } from "../../operations/save-tax-rate.ts";
import { toTaxRate } from "../../serializers/to-tax-rate.ts";
import { getTaxRate, listTaxRates, listTaxRatesById } from "../../store/tax-rates.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  decimal,
  flag,
  metadata,
  optional,
  type ParamsOf,
  paging,
  range,
  text,
} from "../params.ts";
import type { Resource } from "../resource.ts";
import { readPercentage, taxRateDetails } from "../totals-params.ts";

const changes = {
  ...taxRateDetails,
  active: optional(flag()),
  display_name: optional(text(50)),
  metadata: optional(metadata()),
};

const creation = {
  ...changes,
  display_name: text(50),
  inclusive: flag(),
  percentage: decimal(),
};

const toTerms = (params: ParamsOf<typeof changes>): TaxRateTerms => ({
  active: params.active,
  displayName: params.display_name,
  description: params.description,
  country: params.country,
  state: params.state,
  jurisdiction: params.jurisdiction,
  taxType: params.tax_type,
  metadata: params.metadata,
});

export const taxRateResource: Resource = {
  object: "tax_rate",
  async load(scope, ids) {
    const rows = await listTaxRatesById(scope, ids);
    return new Map([...rows].map(([id, row]) => [id, toTaxRate(row)]));
  },
};

export const taxRateEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/tax_rates",
    params: creation,
    returns: "tax_rate",
    handler: async ({ scope, params }) => {
      const rate = await createTaxRate(scope, {
        ...toTerms(params),
        displayName: params.display_name,
        inclusive: params.inclusive,
        percentage: readPercentage(params.percentage, "percentage"),
      });
      return toTaxRate(rate);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/tax_rates",
    params: {
      ...paging,
      active: optional(flag()),
      created: optional(range()),
      inclusive: optional(flag()),
    },
    returns: { listOf: "tax_rate" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      return toList("/v1/tax_rates", await listTaxRates(scope, query, params), toTaxRate);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/tax_rates/:rate",
    params: {},
    returns: "tax_rate",
    handler: async ({ scope, path }) => toTaxRate(await getTaxRate(scope, path.rate)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/tax_rates/:rate",
    params: changes,
    returns: "tax_rate",
    handler: async ({ scope, path, params }) =>
      toTaxRate(await changeTaxRate(scope, path.rate, toTerms(params))),
  }),
];
