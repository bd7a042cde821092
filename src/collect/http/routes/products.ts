import {
  changeProductTerms,
  createProduct,
  type ProductTerms,
  removeProduct,
} from "../../operations/save-product.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toProduct } from "../../serializers/to-product.ts";
import {
  getProduct,
  listProducts,
  listProductsById,
  searchProducts,
} from "../../store/products.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  choice,
  flag,
  hash,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  paging,
  pattern,
  range,
  text,
  unsettable,
} from "../params.ts";
import { priceParams, toPriceTerms } from "../price-params.ts";
import type { Resource } from "../resource.ts";
import { searchEndpoint } from "../search.ts";

const shared = {
  active: optional(flag()),
  description: optional(unsettable(text(40_000))),
  images: optional(unsettable(listOf(text(2048), 8))),
  marketing_features: optional(unsettable(listOf(hash({ name: text(80) }), 15))),
  metadata: optional(metadata()),
  shippable: optional(flag()),
  statement_descriptor: optional(text(22)),
  tax_code: optional(unsettable(text())),
  unit_label: optional(unsettable(text(12))),
  url: optional(unsettable(text(2048))),
};

const toTerms = (params: ParamsOf<typeof shared>): ProductTerms => ({
  active: params.active,
  description: params.description,
  images: params.images,
  marketingFeatures: params.marketing_features,
  metadata: params.metadata,
  shippable: params.shippable,
  statementDescriptor: params.statement_descriptor,
  taxCode: params.tax_code,
  unitLabel: params.unit_label,
  url: params.url,
});

export const productResource: Resource = {
  object: "product",
  references: { default_price: "price" },
  async load(scope, ids) {
    const rows = await listProductsById(scope, ids);
    return new Map([...rows].map(([id, row]) => [id, toProduct(row)]));
  },
};

export const productEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/products",
    params: {
      ...shared,
      default_price_data: optional(hash(priceParams)),
      id: optional(pattern(/^[\w.-]{1,255}$/, "1 to 255 letters, digits, dots, dashes or _")),
      name: text(),
      type: optional(choice("good", "service")),
    },
    returns: "product",
    handler: async ({ scope, params }) => {
      const price = params.default_price_data;
      const product = await createProduct(scope, {
        ...toTerms(params),
        id: params.id,
        name: params.name,
        type: params.type,
        defaultPriceTerms: price && toPriceTerms(price, "default_price_data"),
      });
      return toProduct(product);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/products",
    params: {
      ...paging,
      active: optional(flag()),
      created: optional(range()),
      ids: optional(listOf(objectId())),
      shippable: optional(flag()),
      type: optional(choice("good", "service")),
      url: optional(text(2048)),
    },
    returns: { listOf: "product" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      return toList("/v1/products", await listProducts(scope, query, params), toProduct);
    },
  }),
  searchEndpoint("/v1/products/search", "product", searchProducts, (_scope, rows) =>
    rows.map(toProduct),
  ),
  endpoint({
    method: "GET",
    path: "/v1/products/:product",
    params: {},
    returns: "product",
    handler: async ({ scope, path }) => toProduct(await getProduct(scope, path.product)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/products/:product",
    params: { ...shared, default_price: optional(objectId()), name: optional(text()) },
    returns: "product",
    handler: async ({ scope, path, params }) => {
      const product = await changeProductTerms(scope, path.product, {
        ...toTerms(params),
        name: params.name,
        defaultPrice: params.default_price,
      });
      return toProduct(product);
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/products/:product",
    params: {},
    returns: "product",
    handler: async ({ scope, path }) => {
      await removeProduct(scope, path.product);
      return toDeleted(path.product, "product");
    },
  }),
];
