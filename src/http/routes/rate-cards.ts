import { type Static, Type } from "typebox";
import { archiveRateCard } from "../../operations/archive-rate-card.ts";
import { createRateCard } from "../../operations/create-rate-card.ts";
import { moveProducts, orderProducts } from "../../operations/order-rate-card-products.ts";
import { updateRateCard } from "../../operations/update-rate-card.ts";
import type { RateCardAlias } from "../../store/rate-card-aliases.ts";
import { getRateCard, listRateCards } from "../../store/rate-cards.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { ConversionsField, fromConversions } from "../schemas/conversion-fields.ts";
import {
  CustomFieldsField,
  IdField,
  InstantField,
  ObjectField,
  pageQuery,
  TextField,
} from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { loadRateCardViews } from "../views/load-rate-card-views.ts";

const AliasField = ObjectField({
  name: TextField({ max: 128 }),
  starting_at: Type.Optional(NullableField(InstantField({ onHour: true }))),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
});

const AliasesField = Type.Array(AliasField, { maxItems: 100 });

const fromAliases = (aliases: Static<typeof AliasesField>): RateCardAlias[] =>
  aliases.map((alias) => ({
    name: alias.name,
    startingAt: alias.starting_at ?? null,
    endingBefore: alias.ending_before ?? null,
  }));

const CreateBody = ObjectField({
  name: TextField({ max: 1024 }),
  description: Type.Optional(TextField({ min: 0, max: 4096 })),
  fiat_credit_type_id: Type.Optional(IdField()),
  credit_type_conversions: Type.Optional(ConversionsField),
  aliases: Type.Optional(AliasesField),
  custom_fields: Type.Optional(CustomFieldsField()),
});

const UpdateBody = ObjectField({
  rate_card_id: IdField(),
  name: Type.Optional(TextField({ max: 1024 })),
  description: Type.Optional(TextField({ min: 0, max: 4096 })),
  add_credit_type_conversions: Type.Optional(ConversionsField),
  aliases: Type.Optional(AliasesField),
});

const OrderBody = ObjectField({
  rate_card_id: IdField(),
  product_order: Type.Array(IdField(), { maxItems: 10_000 }),
});

const MoveBody = ObjectField({
  rate_card_id: IdField(),
  product_moves: Type.Array(
    ObjectField({ product_id: IdField(), position: Type.Integer({ minimum: 0 }) }),
    { maxItems: 10_000 },
  ),
});

const base = "/v1/contract-pricing/rate-cards";
const tags = ["rate cards"];

/** Rate cards themselves; what is on them is in rates.ts. */
export function addRateCardRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: `${base}/create`,
    schema: { tags, summary: "Create a rate card", body: CreateBody },
    handler: async (request) => {
      const { body } = request;
      const id = await createRateCard(operationOf(request), {
        name: body.name,
        description: body.description ?? null,
        fiatCreditTypeId: body.fiat_credit_type_id,
        conversions: fromConversions(body.credit_type_conversions),
        aliases: fromAliases(body.aliases ?? []),
        customFields: body.custom_fields,
      });
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/get`,
    schema: { tags, summary: "Get a rate card", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      const ctx = operationOf(request);
      const card = await getRateCard(ctx.db, ctx.environment.id, request.body.id);
      return { data: (await loadRateCardViews(ctx, [card]))[0] };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/list`,
    schema: {
      tags,
      summary: "List rate cards",
      querystring: ObjectField(pageQuery),
      body: NullableField(ObjectField({})),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const limit = request.query.limit ?? 100;
      const after = fromPageToken(request.query.next_page);
      const filter = { environmentId: ctx.environment.id, after, limit: limit + 1 };
      const page = toPage(await listRateCards(ctx.db, filter), limit);
      return { data: await loadRateCardViews(ctx, page.rows), next_page: toPageToken(page.next) };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/update`,
    schema: { tags, summary: "Change a rate card's names, add conversions", body: UpdateBody },
    handler: async (request) => {
      const { rate_card_id: id, name, description, aliases } = request.body;
      const { add_credit_type_conversions: added } = request.body;
      await updateRateCard(operationOf(request), {
        rateCardId: id,
        name,
        description,
        aliases: aliases && fromAliases(aliases),
        addConversions: fromConversions(added),
      });
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/archive`,
    schema: { tags, summary: "Archive a rate card", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      await archiveRateCard(operationOf(request), request.body.id);
      return { data: { id: request.body.id } };
    },
  });

  addOrderRoutes(http);
}

function addOrderRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: `${base}/setRateCardProductsOrder`,
    schema: { tags, summary: "Set the order of a rate card's products", body: OrderBody },
    handler: async (request) => {
      const { rate_card_id: id, product_order: order } = request.body;
      await orderProducts(operationOf(request), id, order);
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/moveRateCardProducts`,
    schema: { tags, summary: "Move products in the order of a rate card", body: MoveBody },
    handler: async (request) => {
      const { rate_card_id: id, product_moves: moves } = request.body;
      await moveProducts(
        operationOf(request),
        id,
        moves.map(({ product_id: productId, position }) => ({ productId, position })),
      );
      return { data: { id } };
    },
  });
}
