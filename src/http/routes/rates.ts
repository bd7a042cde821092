import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import { type AddRate, addRates } from "../../operations/add-rates.ts";
import { listUnitNames } from "../../store/pricing-units.ts";
import { toRatePrice } from "../../store/rate-prices.ts";
import { operationOf } from "../request-context.ts";
import { BILLING_FREQUENCIES } from "../schemas/billing-frequencies.ts";
import { EnumField, IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import { GroupValuesField } from "../schemas/group-values-field.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { priceFields } from "../schemas/price-fields.ts";
import { fromRatePrice, rateLimitFields, ratePriceFields } from "../schemas/rate-price.ts";
import type { CoreServer } from "../server.ts";
import { toCreditTypeView } from "../views/credit-type.ts";
import { toPriceView } from "../views/rate.ts";

const rateFields = {
  product_id: IdField(),
  starting_at: InstantField({ onHour: true }),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  entitled: Type.Boolean(),
  ...ratePriceFields,
  ...rateLimitFields,
  credit_type_id: Type.Optional(IdField()),
  billing_frequency: Type.Optional(NullableField(EnumField(BILLING_FREQUENCIES))),
  pricing_group_values: Type.Optional(GroupValuesField()),
  commit_rate: Type.Optional(NullableField(ObjectField(priceFields))),
};

const unsupportedFields = {
  custom_rate: null,
  is_prorated: false,
  minimum_config: null,
  quantity: null,
};

const RateField = ObjectField(rateFields, { unsupported: unsupportedFields });
const AddRateBody = ObjectField(
  { rate_card_id: IdField(), ...rateFields },
  { unsupported: unsupportedFields },
);
const AddRatesBody = ObjectField({
  rate_card_id: IdField(),
  rates: Type.Array(RateField, { minItems: 1, maxItems: 10_000 }),
});

function fromRate(body: Static<typeof RateField>, path: string): AddRate {
  return {
    productId: body.product_id,
    pricingGroupValues: body.pricing_group_values ?? {},
    startingAt: instant(body.starting_at),
    endingBefore: body.ending_before == null ? null : instant(body.ending_before),
    entitled: body.entitled,
    price: fromRatePrice(body, path),
    commitRate: body.commit_rate ? fromRatePrice(body.commit_rate, `${path}commit_rate.`) : null,
    minimumAmount: body.minimum_amount ?? null,
    maximumAmount: body.maximum_amount ?? null,
    billingFrequency: body.billing_frequency ?? null,
    creditTypeId: body.credit_type_id,
  };
}

const base = "/v1/contract-pricing/rate-cards";
const tags = ["rate cards"];

/** The dated rates of rate cards. */
export function addRateRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: `${base}/addRate`,
    schema: { tags, summary: "Add a rate to a rate card", body: AddRateBody },
    handler: async (request) => {
      const { body } = request;
      const rate = fromRate(body, "");
      const ctx = operationOf(request);
      const card = await addRates(ctx, body.rate_card_id, [rate], () => "");
      const units = await listUnitNames(ctx.db, ctx.environment.id);
      return {
        data: {
          ...toPriceView(toRatePrice(rate.price)),
          minimum_amount: rate.minimumAmount === null ? undefined : dec(rate.minimumAmount),
          maximum_amount: rate.maximumAmount === null ? undefined : dec(rate.maximumAmount),
          credit_type:
            rate.price.type === "PERCENTAGE"
              ? undefined
              : toCreditTypeView(rate.creditTypeId ?? card.fiat_credit_type_id, units),
          pricing_group_values: body.pricing_group_values,
          ...(rate.commitRate === null
            ? {}
            : { commit_rate: toPriceView(toRatePrice(rate.commitRate)) }),
        },
      };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/addRates`,
    schema: { tags, summary: "Add rates to a rate card, all or none", body: AddRatesBody },
    handler: async (request) => {
      const { rate_card_id: id, rates } = request.body;
      const path = (n: number) => `rates[${n}].`;
      const added = rates.map((rate, n) => fromRate(rate, path(n)));
      await addRates(operationOf(request), id, added, path);
      return { data: { id } };
    },
  });
}
