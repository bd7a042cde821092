import { Type } from "typebox";
import {
  coversInstant,
  type RateSegment,
  rateSchedule,
} from "../../domain/pricing/rate-schedule.ts";
import { instant, isAfter, isBefore } from "../../domain/time.ts";
import type { OperationContext } from "../../operations/context.ts";
import { listCustomFields } from "../../store/custom-field-values.ts";
import { listUnitNames } from "../../store/pricing-units.ts";
import { getRateCard } from "../../store/rate-cards.ts";
import { loadCatalogue } from "../../store/rating-inputs.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { IdField, InstantField, ObjectField, pageQuery } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { isSelected, type RateSelector, selectors } from "../schemas/rate-selectors.ts";
import type { CoreServer } from "../server.ts";
import { toRateSegmentView } from "../views/rate.ts";

const GetRatesBody = ObjectField({ rate_card_id: IdField(), at: InstantField(), selectors });
const ScheduleBody = ObjectField({
  rate_card_id: IdField(),
  starting_at: InstantField(),
  ending_before: Type.Optional(NullableField(InstantField())),
  selectors,
});

interface RateQuery {
  readonly rateCardId: string;
  readonly wanted: readonly RateSelector[] | undefined;
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
  const units = await listUnitNames(ctx.db, ctx.environment.id);
  return {
    data: page.rows.map(({ segment, product }) =>
      toRateSegmentView(segment, product, { customFields: fields.get(product.id) ?? {}, units }),
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
