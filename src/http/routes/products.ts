import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { ProductState } from "../../domain/pricing/product-history.ts";
import { instant } from "../../domain/time.ts";
import { unsupported } from "../../errors.ts";
import { archiveProduct } from "../../operations/archive-product.ts";
import { createProduct } from "../../operations/create-product.ts";
import { updateProduct } from "../../operations/update-product.ts";
import { getProduct, listProductPage } from "../../store/products.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import {
  CustomFieldsField,
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  pageQuery,
  TextField,
} from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { loadProductViews } from "../views/load-product-views.ts";

const PRODUCT_TYPES = [
  "USAGE",
  "FIXED",
  "SUBSCRIPTION",
  "COMPOSITE",
  "PROFESSIONAL_SERVICE",
  "PRO_SERVICE",
] as const;

const GroupKeyField = () =>
  Type.Array(TextField({ max: 200 }), { maxItems: 50, uniqueItems: true });

const changeable = {
  composite_product_ids: Type.Optional(
    NullableField(Type.Array(IdField(), { maxItems: 1000, uniqueItems: true })),
  ),
  composite_tags: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 200 })),
  ),
  exclude_free_usage: Type.Optional(NullableField(Type.Boolean())),
  billable_metric_id: Type.Optional(IdField()),
  tags: Type.Optional(Type.Array(TextField({ max: 200 }), { maxItems: 200 })),
  pricing_group_key: Type.Optional(GroupKeyField()),
  presentation_group_key: Type.Optional(GroupKeyField()),
  quantity_conversion: Type.Optional(
    NullableField(
      ObjectField({
        conversion_factor: DecimalField(),
        operation: EnumField(["MULTIPLY", "DIVIDE"]),
        name: Type.Optional(TextField({ max: 200 })),
      }),
    ),
  ),
  quantity_rounding: Type.Optional(
    NullableField(
      ObjectField({
        rounding_method: EnumField(["ROUND_UP", "ROUND_DOWN", "ROUND_HALF_UP"]),
        decimal_places: Type.Integer({ minimum: 0, maximum: 18 }),
      }),
    ),
  ),
};

const unsupportedFields = {
  composite_scope: "CONTRACT",
  is_refundable: true,
  netsuite_internal_item_id: null,
  netsuite_overage_item_id: null,
  sql_breakdown_granularity: "SERVICE_PERIOD",
};

const CreateBody = ObjectField(
  {
    name: TextField({ max: 1024 }),
    type: EnumField(PRODUCT_TYPES),
    custom_fields: Type.Optional(CustomFieldsField()),
    ...changeable,
  },
  { unsupported: unsupportedFields },
);

const UpdateBody = ObjectField(
  {
    product_id: IdField(),
    starting_at: InstantField({ onHour: true }),
    name: Type.Optional(TextField({ max: 1024 })),
    ...changeable,
  },
  { unsupported: unsupportedFields },
);

const NO_STATE: ProductState = {
  name: "",
  tags: [],
  metricId: null,
  quantityConversion: null,
  quantityRounding: null,
  pricingGroupKey: [],
  presentationGroupKey: [],
};

/** The parts of a state that a body names. */
function fromBody(
  body: Omit<Static<typeof UpdateBody>, "product_id" | "starting_at">,
): Partial<ProductState> {
  const { quantity_conversion: conversion, quantity_rounding: rounding } = body;
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.tags === undefined ? {} : { tags: [...new Set(body.tags)] }),
    ...(body.billable_metric_id === undefined ? {} : { metricId: body.billable_metric_id }),
    ...(body.pricing_group_key === undefined ? {} : { pricingGroupKey: body.pricing_group_key }),
    ...(body.presentation_group_key === undefined
      ? {}
      : { presentationGroupKey: body.presentation_group_key }),
    ...(body.composite_product_ids == null
      ? {}
      : { compositeProductIds: body.composite_product_ids }),
    ...(body.composite_tags == null ? {} : { compositeTags: [...new Set(body.composite_tags)] }),
    ...(body.exclude_free_usage == null ? {} : { excludeFreeUsage: body.exclude_free_usage }),
    ...(conversion === undefined
      ? {}
      : {
          quantityConversion: conversion && {
            operation: conversion.operation,
            factor: dec(conversion.conversion_factor),
          },
        }),
    ...(rounding === undefined
      ? {}
      : {
          quantityRounding: rounding && {
            method: rounding.rounding_method,
            decimalPlaces: rounding.decimal_places,
          },
        }),
  };
}

/** Products of contracts: what rates price and lines name. */
export function addProductRoutes(http: CoreServer): void {
  const base = "/v1/contract-pricing/products";
  const tags = ["products"];

  http.route({
    method: "POST",
    url: `${base}/create`,
    schema: { tags, summary: "Create a product", body: CreateBody },
    handler: async (request) => {
      const { body } = request;
      const { type } = body;
      if (type === "PRO_SERVICE" || type === "PROFESSIONAL_SERVICE") {
        throw unsupported(`A product of type ${type}`);
      }
      const id = await createProduct(operationOf(request), {
        type,
        state: { ...NO_STATE, ...fromBody(body) },
        conversionName: body.quantity_conversion?.name ?? null,
        customFields: body.custom_fields,
      });
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/get`,
    schema: { tags, summary: "Get a product", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      const ctx = operationOf(request);
      const product = await getProduct(ctx.db, ctx.environment.id, request.body.id);
      return { data: (await loadProductViews(ctx, [product]))[0] };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/list`,
    schema: {
      tags,
      summary: "List products",
      querystring: ObjectField(pageQuery),
      body: NullableField(
        ObjectField({
          archive_filter: Type.Optional(EnumField(["ARCHIVED", "NOT_ARCHIVED", "ALL"])),
        }),
      ),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const limit = request.query.limit ?? 100;
      const page = toPage(
        await listProductPage(ctx.db, {
          environmentId: ctx.environment.id,
          archived: request.body?.archive_filter ?? "NOT_ARCHIVED",
          after: fromPageToken(request.query.next_page),
          limit: limit + 1,
        }),
        limit,
      );
      return { data: await loadProductViews(ctx, page.rows), next_page: toPageToken(page.next) };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/update`,
    schema: { tags, summary: "Date a change of a product", body: UpdateBody },
    handler: async (request) => {
      const { product_id: productId, starting_at: startingAt, ...changes } = request.body;
      const id = await updateProduct(operationOf(request), {
        productId,
        startingAt: instant(startingAt),
        changes: fromBody(changes),
        conversionName: changes.quantity_conversion?.name ?? null,
      });
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/archive`,
    schema: { tags, summary: "Archive a product", body: ObjectField({ product_id: IdField() }) },
    handler: async (request) => {
      await archiveProduct(operationOf(request), request.body.product_id);
      return { data: { id: request.body.product_id } };
    },
  });
}
