import type { Selectable, Updateable } from "kysely";
import { violatedConstraint } from "../../platform/database/database.ts";
import type { PricesTable, TaxBehavior } from "../db/foundation-tables.ts";
import type { SearchQuery } from "../domain/search-query.ts";
import { missing, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";
import { type SearchFields, searchCondition } from "./search.ts";

export type PriceRow = Selectable<PricesTable>;
export type PriceChanges = Pick<
  Updateable<PricesTable>,
  | "active"
  | "deleted"
  | "lookup_key"
  | "metadata"
  | "nickname"
  | "product"
  | "recurring_trial_period_days"
  | "tax_behavior"
>;

const owned = (scope: Scope) =>
  scope.tx
    .selectFrom("prices")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404 (resource_missing) naming `param`. */
export async function getPrice(scope: Scope, id: string, param = "id"): Promise<PriceRow> {
  const row = await owned(scope)
    .where("id", "=", id)
    .where("deleted", "=", false)
    .executeTakeFirst();
  if (row === undefined) throw missing("price", id, param);
  return row;
}

/** A recurring price, as plans are. Throws 404. */
export async function getRecurringPrice(scope: Scope, id: string): Promise<PriceRow> {
  const row = await owned(scope)
    .where("id", "=", id)
    .where("deleted", "=", false)
    .where("recurring_interval", "is not", null)
    .executeTakeFirst();
  if (row === undefined) throw missing("plan", id);
  return row;
}

/** Like getPrice, and keeps others from changing it until the transaction ends. */
export async function lockPrice(scope: Scope, id: string): Promise<PriceRow> {
  const row = await owned(scope)
    .where("id", "=", id)
    .where("deleted", "=", false)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw missing("price", id);
  return row;
}

/** Those that exist, by id. */
export async function listPricesById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PriceRow>> {
  if (ids.length === 0) return new Map();
  const rows = await owned(scope)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The price that answers to a lookup key, locked. */
export async function findPriceByLookupKey(
  scope: Scope,
  lookupKey: string,
): Promise<PriceRow | undefined> {
  return owned(scope).where("lookup_key", "=", lookupKey).forUpdate().executeTakeFirst();
}

/**
 * Adds a price as of the scope's moment; its lookup key must be free. Throws 400
 * resource_already_exists when the id, which the maker of a plan may choose, is or was taken.
 */
export async function insertPrice(scope: Scope, price: NewObject<PricesTable>): Promise<PriceRow> {
  try {
    return await scope.tx
      .insertInto("prices")
      .values({ ...price, ...ownership(scope) })
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (violatedConstraint(error) !== "prices_pkey") throw error;
    throw refused("resource_already_exists", `Plan already exists: '${price.id}'`, "id");
  }
}

export interface InlinePrice {
  readonly id: string;
  readonly product: string;
  readonly currency: string;
  /** Minor units, at most 12 decimals. */
  readonly unitAmount: string;
  readonly taxBehavior: TaxBehavior;
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
      prices.map((price) => ({
        ...ownership(scope),
        id: price.id,
        active: false,
        currency: price.currency,
        product: price.product,
        unit_amount: price.unitAmount,
        nickname: null,
        lookup_key: null,
        metadata: "{}",
        tax_behavior: price.taxBehavior,
        recurring_interval: null,
        recurring_interval_count: null,
        recurring_trial_period_days: null,
        transform_quantity: "null",
      })),
    )
    .execute();
}

/** Changes a locked price. */
export async function updatePrice(
  scope: Scope,
  id: string,
  changes: PriceChanges,
): Promise<PriceRow> {
  return scope.tx
    .updateTable("prices")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface PriceFilter {
  readonly active?: boolean | undefined;
  readonly currency?: string | undefined;
  readonly product?: string | undefined;
  readonly type?: "one_time" | "recurring" | undefined;
  readonly lookupKeys?: readonly string[] | undefined;
  readonly interval?: "day" | "week" | "month" | "year" | undefined;
}

/** Newest first. */
export async function listPrices(
  scope: Scope,
  page: PageQuery,
  filter: PriceFilter,
): Promise<Page<PriceRow>> {
  let query = scope.tx.selectFrom("prices").selectAll().where("deleted", "=", false);
  if (filter.active !== undefined) query = query.where("active", "=", filter.active);
  if (filter.currency !== undefined) query = query.where("currency", "=", filter.currency);
  if (filter.product !== undefined) query = query.where("product", "=", filter.product);
  if (filter.type !== undefined) {
    query = query.where("recurring_interval", filter.type === "one_time" ? "is" : "is not", null);
  }
  if (filter.lookupKeys !== undefined) {
    query = query.where("lookup_key", "in", [...filter.lookupKeys, ""]);
  }
  if (filter.interval !== undefined)
    query = query.where("recurring_interval", "=", filter.interval);
  return listPage(scope, "prices", "price", query, page);
}

/** What prices can be searched by (Stripe docs: Search, query fields for prices). */
const SEARCH_FIELDS: SearchFields = {
  created: { column: "prices.created_at", kind: "time" },
  currency: { column: "prices.currency", kind: "token" },
  lookup_key: { column: "prices.lookup_key", kind: "token" },
  metadata: { column: "prices.metadata", kind: "metadata" },
  product: { column: "prices.product", kind: "token" },
};

/** Newest first. Throws 400 on a field that cannot be searched. */
export async function searchPrices(
  scope: Scope,
  page: PageQuery,
  search: SearchQuery,
): Promise<Page<PriceRow>> {
  const query = scope.tx
    .selectFrom("prices")
    .selectAll()
    .where(searchCondition(SEARCH_FIELDS, search));
  return listPage(scope, "prices", "price", query, page);
}
