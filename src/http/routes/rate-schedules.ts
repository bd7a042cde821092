import { type Static, Type } from "typebox";
import type { Product } from "../../domain/pricing/product.ts";
import { productStateAt } from "../../domain/pricing/product-history.ts";
import type { Rate } from "../../domain/pricing/rate.ts";
import {
  coversInstant,
  type RateSegment,
  rateSchedule,
} from "../../domain/pricing/rate-schedule.ts";
import { instant, isAfter, isBefore } from "../../domain/time.ts";
import type { OperationContext } from "../../operations/context.ts";
import { listCustomFields } from "../../store/custom-field-values.ts";
import { getRateCard } from "../../store/rate-cards.ts";
import { loadCatalogue } from "../../store/rating-inputs.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { BILLING_FREQUENCIES } from "../schemas/billing-frequencies.ts";
import {
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  pageQuery,
  TextField,
} from "../schemas/fields.ts";
import { GroupValuesField } from "../schemas/group-values-field.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toRateSegmentView } from "../views/rate.ts";

const SelectorField = ObjectField({
  product_id: Type.Optional(IdField()),
  product_tags: Type.Optional(Type.Array(TextField({ max: 200 }), { maxItems: 200 })),
  pricing_group_values: Type.Optional(GroupValuesField()),
  partial_pricing_group_values: Type.Optional(GroupValuesField()),
  billing_frequency: Type.Optional(NullableField(EnumField(BILLING_FREQUENCIES))),
});
const selectors = Type.Optional(Type.Array(SelectorField, { maxItems: 1000 }));

const GetRatesBody = ObjectField({ rate_card_id: IdField(), at: InstantField(), selectors });
const ScheduleBody = ObjectField({
  rate_card_id: IdField(),
  starting_at: InstantField(),
  ending_before: Type.Optional(NullableField(InstantField())),
  selectors,
});

const sameValues = (rate: Rate, wanted: Record<string, string>): boolean =>
  Object.keys(wanted).length === Object.keys(rate.pricingGroupValues).length &&
  includesValues(rate, wanted);

const includesValues = (rate: Rate, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => rate.pricingGroupValues[name] === value);

/** What a selector names must all hold; of several selectors one is enough; none means everything. */
function isSelected(
  { rate, startingAt }: RateSegment,
  product: Product,
  wanted: readonly Static<typeof SelectorField>[] | undefined,
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

interface RateQuery {
  readonly rateCardId: string;
  readonly wanted: readonly Static<typeof SelectorField>[] | undefined;
  readonly isInTime: (segment: RateSegment) => boolean;
  readonly page: { readonly limit?: number; readonly next_page?: string };
}

/** One page of a card's rate schedule, products in the card's order. */
async function listSegments(ctx: OperationContext, query: RateQuery) {
  await getRateCard(ctx.db, ctx.environment.id, query.rateCardId);
  const keys = { rateCardIds: [query.rateCardId], productIds: [] };
  const { rateCards, products } = await loadCatalogue(ctx.db, keys);
  const byId = new Map(products.map((product) => [product.id, product]));
  const rank = new Map((rateCards[0]?.productOrder ?? []).map((id, n) => [id, n]));
  const rankOf = (segment: RateSegment) => rank.get(segment.rate.productId) ?? rank.size;
  const found = rateSchedule(rateCards[0]?.rates ?? [])
    .flatMap((segment) => {
      const product = byId.get(segment.rate.productId);
      return product === undefined ? [] : [{ segment, product }];
    })
    .filter(
      ({ segment, product }) =>
        query.isInTime(segment) && isSelected(segment, product, query.wanted),
    )
    .sort((a, b) => rankOf(a.segment) - rankOf(b.segment))
    .map((entry, n) => ({ ...entry, position: BigInt(n + 1) }));
  const after = fromPageToken(query.page.next_page) ?? 0n;
  const page = toPage(
    found.filter(({ position }) => position > after),
    query.page.limit ?? 100,
  );
  const productIds = page.rows.map(({ product }) => product.id);
  const fields = await listCustomFields(ctx.db, ctx.environment.id, "contract_product", productIds);
  return {
    data: page.rows.map(({ segment, product }) =>
      toRateSegmentView(segment, product, fields.get(product.id) ?? {}),
    ),
    next_page: toPageToken(page.next),
  };
}

const base = "/v1/contract-pricing/rate-cards";
const tags = ["rate cards"];

/** What is in force on rate cards, at an instant or over time. */
export function addRateScheduleRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: `${base}/getRates`,
    schema: {
      tags,
      summary: "List the rates in force at an instant",
      querystring: ObjectField(pageQuery),
      body: GetRatesBody,
    },
    handler: async (request) => {
      const at = instant(request.body.at);
      return listSegments(operationOf(request), {
        rateCardId: request.body.rate_card_id,
        wanted: request.body.selectors,
        isInTime: (segment) => coversInstant(segment, at),
        page: request.query,
      });
    },
  });

  http.route({
    method: "POST",
    url: `${base}/getRateSchedule`,
    schema: {
      tags,
      summary: "List the rates in force in a range of time",
      querystring: ObjectField(pageQuery),
      body: ScheduleBody,
    },
    handler: async (request) => {
      const { body } = request;
      const start = instant(body.starting_at);
      const end = body.ending_before == null ? null : instant(body.ending_before);
      return listSegments(operationOf(request), {
        rateCardId: body.rate_card_id,
        wanted: body.selectors,
        isInTime: (segment) =>
          (end === null || isBefore(segment.startingAt, end)) &&
          (segment.endingBefore === null || isAfter(segment.endingBefore, start)),
        page: request.query,
      });
    },
  });
}
