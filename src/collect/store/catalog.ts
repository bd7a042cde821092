import type { Selectable } from "kysely";
import type { PricesTable, ProductsTable } from "../db/foundation-tables.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";

/** Prices and products by id, for items that name them. */

/** Those that exist, by id. */
export async function listPricesById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Selectable<PricesTable>>> {
  if (ids.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("prices")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Those that exist, by id. */
export async function listProductsById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Selectable<ProductsTable>>> {
  if (ids.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("products")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

export interface InlinePrice {
  readonly id: string;
  readonly product: string;
  readonly currency: string;
  /** Minor units, at most 12 decimals. */
  readonly unitAmount: string;
}

/** Adds the prices of items that were priced in place; they are inactive, so nothing else can use them. */
export async function insertInlinePrices(
  scope: Scope,
  prices: readonly InlinePrice[],
): Promise<void> {
  if (prices.length === 0) return;
  await scope.tx
    .insertInto("prices")
    .values(
      prices.map((price): NewObject<PricesTable> & ReturnType<typeof ownership> => ({
        ...ownership(scope),
        id: price.id,
        active: false,
        currency: price.currency,
        product: price.product,
        unit_amount: price.unitAmount,
        nickname: null,
        lookup_key: null,
        metadata: "{}",
        tax_behavior: "unspecified",
        recurring_interval: null,
        recurring_interval_count: null,
        recurring_trial_period_days: null,
        transform_quantity: "null",
      })),
    )
    .execute();
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
