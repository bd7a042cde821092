import type { Selectable, Updateable } from "kysely";
import { violatedConstraint } from "../../platform/database/database.ts";
import type { ProductsTable } from "../db/foundation-tables.ts";
import type { SearchQuery } from "../domain/search-query.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";
import { type SearchFields, searchCondition } from "./search.ts";

export type ProductRow = Selectable<ProductsTable>;
export type ProductChanges = Omit<Updateable<ProductsTable>, "id" | "account_id" | "livemode">;

const objects = ownedObjects("products", "product");

/** Throws 404, naming `param`, when there is no such product in this account and mode. */
export const getProduct = objects.get;

/** Like getProduct, and keeps others from changing it until the transaction ends. */
export const lockProduct = objects.lock;

/** Those that exist, by id. */
export const listProductsById = objects.mapByIds;

/** Throws 400 resource_already_exists when the id, which callers may choose, is taken. */
export async function insertProduct(
  scope: Scope,
  product: NewObject<ProductsTable>,
): Promise<ProductRow> {
  try {
    return await scope.tx
      .insertInto("products")
      .values({ ...product, ...ownership(scope) })
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (violatedConstraint(error) !== "products_pkey") throw error;
    throw refused("resource_already_exists", `Product already exists: '${product.id}'`, "id");
  }
}

export interface InlineProduct {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly unitLabel: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Adds the products of items that were described in place; inactive like their prices. */
export async function insertInlineProducts(
  scope: Scope,
  products: readonly InlineProduct[],
): Promise<void> {
  if (products.length === 0) return;
  await scope.tx
    .insertInto("products")
    .values(
      products.map((product) => ({
        ...ownership(scope),
        id: product.id,
        updated_at: scope.nowAt,
        active: false,
        name: product.name,
        description: product.description,
        default_price: null,
        images: "[]",
        marketing_features: "[]",
        metadata: JSON.stringify(product.metadata),
        shippable: null,
        statement_descriptor: null,
        tax_code: null,
        type: "service" as const,
        unit_label: product.unitLabel,
        url: null,
      })),
    )
    .execute();
}

/** Changes a locked product. */
export async function updateProduct(
  scope: Scope,
  id: string,
  changes: ProductChanges,
): Promise<ProductRow> {
  return scope.tx
    .updateTable("products")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Throws 400 when a price still belongs to it. */
export async function deleteProduct(scope: Scope, id: string): Promise<void> {
  try {
    await scope.tx
      .deleteFrom("products")
      .where("account_id", "=", scope.accountId)
      .where("livemode", "=", scope.livemode)
      .where("id", "=", id)
      .execute();
  } catch (error) {
    if (violatedConstraint(error) === undefined) throw error;
    throw refused(
      "invalid_argument",
      "This product cannot be deleted because it has one or more user-created prices.",
    );
  }
}

export interface ProductFilter {
  readonly active?: boolean | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly shippable?: boolean | undefined;
  readonly url?: string | undefined;
  readonly type?: "good" | "service" | undefined;
}

/** Newest first. */
export async function listProducts(
  scope: Scope,
  page: PageQuery,
  filter: ProductFilter,
): Promise<Page<ProductRow>> {
  let query = scope.tx.selectFrom("products").selectAll();
  if (filter.active !== undefined) query = query.where("active", "=", filter.active);
  if (filter.ids !== undefined) query = query.where("id", "in", [...filter.ids, ""]);
  if (filter.shippable !== undefined) query = query.where("shippable", "=", filter.shippable);
  if (filter.url !== undefined) query = query.where("url", "=", filter.url);
  if (filter.type !== undefined) query = query.where("type", "=", filter.type);
  return listPage(scope, "products", "product", query, page);
}

/** What products can be searched by (Stripe docs: Search, query fields for products). */
const SEARCH_FIELDS: SearchFields = {
  created: { column: "products.created_at", kind: "time" },
  description: { column: "products.description", kind: "text" },
  metadata: { column: "products.metadata", kind: "metadata" },
  name: { column: "products.name", kind: "text" },
  url: { column: "products.url", kind: "text" },
};

/** Newest first. Throws 400 on a field that cannot be searched. */
export async function searchProducts(
  scope: Scope,
  page: PageQuery,
  search: SearchQuery,
): Promise<Page<ProductRow>> {
  const query = scope.tx
    .selectFrom("products")
    .selectAll()
    .where(searchCondition(SEARCH_FIELDS, search));
  return listPage(scope, "products", "product", query, page);
}
