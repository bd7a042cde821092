import type { Selectable, Updateable } from "kysely";
import type { SubscriptionItemsTable } from "../db/subscription-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type SubscriptionItemRow = Selectable<SubscriptionItemsTable>;
export type SubscriptionItemInsert = NewObject<SubscriptionItemsTable>;

const ofScope = (scope: Scope) =>
  scope.tx
    .selectFrom("subscription_items")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404 when there is no such item in this account and mode. */
export async function getSubscriptionItem(scope: Scope, id: string): Promise<SubscriptionItemRow> {
  const row = await ofScope(scope).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw missing("subscription_item", id);
  return row;
}

/** Those that exist, in no particular order. */
export async function listSubscriptionItemsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<SubscriptionItemRow[]> {
  return ids.length === 0 ? [] : ofScope(scope).where("id", "in", ids).execute();
}

/** The items of these subscriptions, oldest first, by subscription. */
export async function listItemsOfSubscriptions(
  scope: Scope,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, readonly SubscriptionItemRow[]>> {
  if (subscriptions.length === 0) return new Map();
  const rows = await ofScope(scope)
    .where("subscription", "in", subscriptions)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return Map.groupBy(rows, (row) => row.subscription);
}

/** The items of one subscription, oldest first. */
export async function listSubscriptionItems(
  scope: Scope,
  subscription: string,
): Promise<readonly SubscriptionItemRow[]> {
  return (await listItemsOfSubscriptions(scope, [subscription])).get(subscription) ?? [];
}

/** One page of a subscription's items, newest first. */
export async function pageSubscriptionItems(
  scope: Scope,
  page: PageQuery,
  subscription: string,
): Promise<Page<SubscriptionItemRow>> {
  const query = scope.tx
    .selectFrom("subscription_items")
    .selectAll()
    .where("subscription", "=", subscription);
  return listPage(scope, "subscription_items", "subscription_item", query, page);
}

/** Adds items of a subscription that this transaction made or locked. */
export async function insertSubscriptionItems(
  scope: Scope,
  items: readonly SubscriptionItemInsert[],
): Promise<void> {
  if (items.length === 0) return;
  await scope.tx
    .insertInto("subscription_items")
    .values(items.map((item) => ({ ...item, ...ownership(scope) })))
    .execute();
}

/** Changes an item of a locked subscription. */
export async function updateSubscriptionItem(
  scope: Scope,
  id: string,
  changes: Updateable<SubscriptionItemsTable>,
): Promise<void> {
  await scope.tx.updateTable("subscription_items").set(changes).where("id", "=", id).execute();
}

/** Removes items of a locked subscription. */
export async function deleteSubscriptionItems(scope: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await scope.tx.deleteFrom("subscription_items").where("id", "in", ids).execute();
}
