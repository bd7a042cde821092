import { refused } from "../../errors.ts";
import { changePriceTerms, createPrice } from "../../operations/save-price.ts";
import { createProduct } from "../../operations/save-product.ts";
import type { Scope } from "../../scope.ts";
import { toPrice } from "../../serializers/to-price.ts";
import { getPrice, listPrices, listPricesById, searchPrices } from "../../store/prices.ts";
import { getProduct } from "../../store/products.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  choice,
  currency,
  flag,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  paging,
  range,
  text,
} from "../params.ts";
import { priceParams, toPriceTerms } from "../price-params.ts";
import type { Resource } from "../resource.ts";
import { searchEndpoint } from "../search.ts";

const naming = {
  active: optional(flag()),
  lookup_key: optional(text(200)),
  metadata: optional(metadata()),
  nickname: optional(text()),
  tax_behavior: optional(choice("exclusive", "inclusive", "unspecified")),
  transfer_lookup_key: optional(flag()),
};

const creation = {
  ...naming,
  ...priceParams,
  billing_scheme: optional(choice("per_unit")),
  product: optional(objectId()),
  product_data: optional(
    hash({
      name: text(),
      active: optional(flag()),
      id: optional(objectId()),
      metadata: optional(metadata()),
      statement_descriptor: optional(text(22)),
      tax_code: optional(text()),
      unit_label: optional(text(12)),
    }),
  ),
  transform_quantity: optional(
    hash({ divide_by: integer(1, 1_000_000_000), round: choice("up", "down") }),
  ),
};

/** The product of a new price: an existing one, or one made along with it. */
async function obtainProduct(scope: Scope, params: ParamsOf<typeof creation>): Promise<string> {
  const { product, product_data: data } = params;
  if (product !== undefined && data !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: product, product_data.",
      "product_data",
    );
  }
  if (product !== undefined) return (await getProduct(scope, product, "product")).id;
  if (data === undefined) {
    throw refused("parameter_missing", "Missing required param: product.", "product");
  }
  const made = await createProduct(scope, {
    name: data.name,
    active: data.active,
    id: data.id,
    metadata: data.metadata,
    statementDescriptor: data.statement_descriptor,
    taxCode: data.tax_code,
    unitLabel: data.unit_label,
  });
  return made.id;
}

export const priceResource: Resource = {
  object: "price",
  references: { product: "product" },
  async load(scope, ids) {
    const rows = await listPricesById(scope, ids);
    return new Map([...rows].map(([id, row]) => [id, toPrice(row)]));
  },
};

export const priceEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/prices",
    params: creation,
    returns: "price",
    handler: async ({ scope, params }) => {
      const price = await createPrice(scope, {
        ...toPriceTerms(params),
        product: await obtainProduct(scope, params),
        active: params.active,
        nickname: params.nickname,
        lookupKey: params.lookup_key,
        transferLookupKey: params.transfer_lookup_key,
        transformQuantity: params.transform_quantity,
      });
      return toPrice(price);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/prices",
    params: {
      ...paging,
      active: optional(flag()),
      created: optional(range()),
      currency: optional(currency()),
      lookup_keys: optional(listOf(text(200), 10)),
      product: optional(objectId()),
      recurring: optional(hash({ interval: optional(choice("day", "week", "month", "year")) })),
      type: optional(choice("one_time", "recurring")),
    },
    returns: { listOf: "price" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const page = await listPrices(scope, query, {
        active: params.active,
        currency: params.currency,
        product: params.product,
        type: params.recurring === undefined ? params.type : "recurring",
        lookupKeys: params.lookup_keys,
        interval: params.recurring?.interval,
      });
      return toList("/v1/prices", page, toPrice);
    },
  }),
  searchEndpoint("/v1/prices/search", "price", searchPrices, (_scope, rows) => rows.map(toPrice)),
  endpoint({
    method: "GET",
    path: "/v1/prices/:price",
    params: {},
    returns: "price",
    handler: async ({ scope, path }) => toPrice(await getPrice(scope, path.price)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/prices/:price",
    params: naming,
    returns: "price",
    handler: async ({ scope, path, params }) => {
      const price = await changePriceTerms(scope, path.price, {
        active: params.active,
        nickname: params.nickname,
        lookupKey: params.lookup_key,
        transferLookupKey: params.transfer_lookup_key,
        metadata: params.metadata,
        taxBehavior: params.tax_behavior,
      });
      return toPrice(price);
    },
  }),
];
