import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import { invalid, unsupported } from "../../errors.ts";
import { type AddRate, addRates } from "../../operations/add-rates.ts";
import { operationOf } from "../request-context.ts";
import { BILLING_FREQUENCIES } from "../schemas/billing-frequencies.ts";
import { DecimalField, EnumField, IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import { GroupValuesField } from "../schemas/group-values-field.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toCreditTypeView } from "../views/credit-type.ts";

const RATE_TYPES = [
  "FLAT",
  "PERCENTAGE",
  "SUBSCRIPTION",
  "TIERED",
  "TIERED_PERCENTAGE",
  "CUSTOM",
] as const;

const rateFields = {
  product_id: IdField(),
  starting_at: InstantField({ onHour: true }),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  entitled: Type.Boolean(),
  rate_type: EnumField(RATE_TYPES),
  price: Type.Optional(DecimalField({ minimum: "0" })),
  tiers: Type.Optional(
    Type.Array(
      ObjectField({
        size: Type.Optional(DecimalField({ minimum: "0" })),
        price: DecimalField({ minimum: "0" }),
      }),
      { maxItems: 1000 },
    ),
  ),
  credit_type_id: Type.Optional(IdField()),
  billing_frequency: Type.Optional(NullableField(EnumField(BILLING_FREQUENCIES))),
  pricing_group_values: Type.Optional(GroupValuesField()),
};

const unsupportedFields = {
  commit_rate: null,
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
    price: fromPrice(body, path),
    billingFrequency: body.billing_frequency ?? null,
    creditTypeId: body.credit_type_id,
  };
}

/** A rate has a price or tiers, never both: one of them would be ignored. */
function fromPrice(body: Static<typeof RateField>, path: string): AddRate["price"] {
  const { rate_type: type, price, tiers } = body;
  if (type !== "FLAT" && type !== "TIERED") throw unsupported(`${path}rate_type ${type}`);
  if (type === "FLAT") {
    if (price === undefined) throw invalid(`${path}price is required for FLAT rates`, "price");
    if (tiers !== undefined && tiers.length > 0) {
      throw invalid(`${path}tiers is only for TIERED rates`, "tiers");
    }
    return { type, price };
  }
  if (tiers === undefined) throw invalid(`${path}tiers is required for TIERED rates`, "tiers");
  if (price !== undefined) throw invalid(`${path}price is only for FLAT rates`, "price");
  return { type, tiers };
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
      const card = await addRates(operationOf(request), body.rate_card_id, [rate], () => "");
      return {
        data: {
          rate_type: rate.price.type,
          price: body.price === undefined ? undefined : dec(body.price),
          tiers: body.tiers?.map((tier) => ({
            ...(tier.size === undefined ? {} : { size: dec(tier.size) }),
            price: dec(tier.price),
          })),
          credit_type: toCreditTypeView(card.fiat_credit_type_id),
          pricing_group_values: body.pricing_group_values,
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
