import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ProductField, ProductVersionsTable } from "../db/tables/products.ts";
import { dec, toText } from "../domain/decimal.ts";
import type { Product, ProductType, QuantityConversion } from "../domain/pricing/product.ts";
import {
  type ProductState,
  type ProductUpdate,
  productVersions,
} from "../domain/pricing/product-history.ts";
import { instant } from "../domain/time.ts";
import { assert, notFound } from "../errors.ts";

/** The product as created, or one dated update of it. */
export interface ProductVersionRecord {
  /** null: as created. */
  readonly startingAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly state: ProductState;
  readonly conversionName: string | null;
  /** The fields an update set; empty for the product as created. */
  readonly changed: readonly ProductField[];
}

/** A product with its whole history, updates in the order in which they were made. */
export interface ProductRecord {
  readonly id: string;
  readonly type: ProductType;
  readonly archivedAt: string | null;
  readonly position: bigint;
  readonly initial: ProductVersionRecord;
  readonly updates: readonly ProductVersionRecord[];
}

export interface NewProduct {
  readonly environmentId: string;
  readonly type: ProductType;
  readonly createdAt: string;
  readonly createdBy: string;
}

export type NewProductVersion = Omit<ProductVersionRecord, "startingAt"> & {
  readonly productId: string;
  readonly startingAt: string | null;
};

export type ArchiveFilter = "ARCHIVED" | "NOT_ARCHIVED" | "ALL";

/** Adds a product without its first version; returns its id. */
export async function insertProduct(tx: CoreTransaction, product: NewProduct): Promise<string> {
  const { id } = await tx
    .insertInto("products")
    .values({
      environment_id: product.environmentId,
      type: product.type,
      created_at: product.createdAt,
      created_by: product.createdBy,
      archived_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Adds the first state of a product or a dated update. */
export async function insertProductVersion(
  tx: CoreTransaction,
  version: NewProductVersion,
): Promise<void> {
  const { state } = version;
  await tx
    .insertInto("product_versions")
    .values({
      product_id: version.productId,
      starting_at: version.startingAt,
      changed: JSON.stringify(version.changed),
      name: state.name,
      billable_metric_id: state.metricId,
      tags: JSON.stringify(state.tags),
      quantity_conversion: fromConversion(state.quantityConversion, version.conversionName),
      quantity_rounding:
        state.quantityRounding === null
          ? null
          : JSON.stringify({
              rounding_method: state.quantityRounding.method,
              decimal_places: state.quantityRounding.decimalPlaces,
            }),
      pricing_group_key: JSON.stringify(state.pricingGroupKey),
      presentation_group_key: JSON.stringify(state.presentationGroupKey),
      composite_product_ids: toJson(state.compositeProductIds),
      composite_tags: toJson(state.compositeTags),
      exclude_free_usage: state.excludeFreeUsage ?? null,
      created_at: version.createdAt,
      created_by: version.createdBy,
    })
    .execute();
}

/** The products with these ids, without order; ids that do not exist are left out. */
export async function listProducts(db: CoreDb, ids: readonly string[]): Promise<ProductRecord[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("products")
    .select(["id", "type", "archived_at", "position"])
    .where("id", "in", [...new Set(ids)])
    .execute();
  return withVersions(db, rows);
}

/** The products of an environment in the order of their creation, at most `limit` after `after`. */
export async function listProductPage(
  db: CoreDb,
  filter: {
    environmentId: string;
    archived: ArchiveFilter;
    after: bigint | undefined;
    limit: number;
  },
): Promise<ProductRecord[]> {
  const rows = await db
    .selectFrom("products")
    .select(["id", "type", "archived_at", "position"])
    .where("environment_id", "=", filter.environmentId)
    .$if(filter.archived === "ARCHIVED", (query) => query.where("archived_at", "is not", null))
    .$if(filter.archived === "NOT_ARCHIVED", (query) => query.where("archived_at", "is", null))
    .$if(filter.after !== undefined, (query) => query.where("position", ">", filter.after ?? 0n))
    .orderBy("position")
    .limit(filter.limit)
    .execute();
  return withVersions(db, rows);
}

/** The products of one environment by id. Throws not found, naming the first id that is not there. */
export async function getProducts(
  db: CoreDb,
  environmentId: string,
  ids: readonly string[],
): Promise<Map<string, ProductRecord>> {
  if (ids.length === 0) return new Map();
  const own = await db
    .selectFrom("products")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "in", [...new Set(ids)])
    .execute();
  const known = new Set(own.map((row) => row.id));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw notFound("product", missing);
  return new Map((await listProducts(db, ids)).map((product) => [product.id, product]));
}

/** One product of an environment. Throws not found. */
export async function getProduct(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<ProductRecord> {
  const product = (await getProducts(db, environmentId, [id])).get(id);
  assert(product !== undefined, "getProducts answers every id");
  return product;
}

/** Keeps others from changing a product until the transaction ends. Throws not found. */
export async function lockProduct(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<void> {
  const row = await tx
    .selectFrom("products")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("product", id);
}

/** Archives a product; one that is archived keeps its time. */
export async function archiveProduct(tx: CoreTransaction, id: string, at: string): Promise<void> {
  await tx
    .updateTable("products")
    .set({ archived_at: sql`coalesce(archived_at, ${at}::timestamptz)` })
    .where("id", "=", id)
    .execute();
}

/** A product as rating sees it. */
export const toProduct = (record: ProductRecord): Product => ({
  id: record.id,
  type: record.type,
  versions: productVersions(record.initial.state, record.updates.map(toProductUpdate)),
});

/** The fields that a dated update may set: as column and as part of the state. */
export const PRODUCT_FIELDS = [
  { column: "name", state: "name" },
  { column: "billable_metric_id", state: "metricId" },
  { column: "tags", state: "tags" },
  { column: "quantity_conversion", state: "quantityConversion" },
  { column: "quantity_rounding", state: "quantityRounding" },
  { column: "pricing_group_key", state: "pricingGroupKey" },
  { column: "presentation_group_key", state: "presentationGroupKey" },
  { column: "composite_product_ids", state: "compositeProductIds" },
  { column: "composite_tags", state: "compositeTags" },
  { column: "exclude_free_usage", state: "excludeFreeUsage" },
] as const satisfies readonly { column: ProductField; state: keyof ProductState }[];

/** A dated update as the domain reads it. */
export function toProductUpdate(version: ProductVersionRecord): ProductUpdate {
  assert(version.startingAt !== null, "an update has a date");
  const changes = PRODUCT_FIELDS.filter(({ column }) => version.changed.includes(column)).map(
    ({ state }) => [state, version.state[state]],
  );
  return { startingAt: instant(version.startingAt), changes: Object.fromEntries(changes) };
}

type ProductRow = { id: string; type: ProductType; archived_at: string | null; position: bigint };

async function withVersions(db: CoreDb, rows: readonly ProductRow[]): Promise<ProductRecord[]> {
  if (rows.length === 0) return [];
  const versions = await db
    .selectFrom("product_versions")
    .selectAll()
    .where(
      "product_id",
      "in",
      rows.map((row) => row.id),
    )
    .orderBy("position")
    .execute();
  const byProduct = Map.groupBy(versions, (version) => version.product_id);
  return rows.map((row) => {
    const [initial, ...updates] = (byProduct.get(row.id) ?? []).map(toVersionRecord);
    assert(initial !== undefined && initial.startingAt === null, "a product has its first state");
    return {
      id: row.id,
      type: row.type,
      archivedAt: row.archived_at,
      position: row.position,
      initial,
      updates,
    };
  });
}

function toVersionRecord(row: Selectable<ProductVersionsTable>): ProductVersionRecord {
  const { quantity_conversion: conversion, quantity_rounding: rounding } = row;
  return {
    startingAt: row.starting_at,
    createdAt: row.created_at,
    createdBy: row.created_by,
    changed: row.changed,
    conversionName: conversion?.name ?? null,
    state: {
      name: row.name,
      metricId: row.billable_metric_id,
      tags: row.tags,
      quantityConversion: conversion && {
        operation: conversion.operation,
        factor: dec(conversion.conversion_factor),
      },
      quantityRounding: rounding && {
        method: rounding.rounding_method,
        decimalPlaces: rounding.decimal_places,
      },
      pricingGroupKey: row.pricing_group_key,
      presentationGroupKey: row.presentation_group_key,
      ...(row.composite_product_ids === null
        ? {}
        : { compositeProductIds: row.composite_product_ids }),
      ...(row.composite_tags === null ? {} : { compositeTags: row.composite_tags }),
      ...(row.exclude_free_usage === null ? {} : { excludeFreeUsage: row.exclude_free_usage }),
    },
  };
}

const toJson = (value: readonly string[] | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

const fromConversion = (
  conversion: QuantityConversion | null,
  name: string | null,
): string | null =>
  conversion &&
  JSON.stringify({
    conversion_factor: toText(conversion.factor),
    operation: conversion.operation,
    ...(name === null ? {} : { name }),
  });
