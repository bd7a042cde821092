import type { Selectable, Updateable } from "kysely";
import type { CollectionMethod } from "../db/invoicing-tables.ts";
import type { SubscriptionStatus, SubscriptionsTable } from "../db/subscription-tables.ts";
import type { SearchQuery } from "../domain/search-query.ts";
import { type Scope, testClockOf } from "../scope.ts";
import { ownedObjects } from "./owned-objects.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";
import { type SearchFields, searchCondition } from "./search.ts";

export type SubscriptionRow = Selectable<SubscriptionsTable>;
export type SubscriptionChanges = Updateable<SubscriptionsTable>;

const objects = ownedObjects("subscriptions", "subscription");

/** Throws 404, naming `param`, when there is no such subscription in this account and mode. */
export const getSubscription = objects.get;

/** Locks a subscription until the transaction ends. Lock it after its invoice, before its customer. */
export const lockSubscription = objects.lock;

/** Those that exist, in no particular order. */
export const listSubscriptionsByIds = objects.listByIds;

const ofScope = (scope: Scope) =>
  scope.tx
    .selectFrom("subscriptions")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Adds a subscription as of the scope's moment. */
export async function insertSubscription(
  scope: Scope,
  subscription: NewObject<SubscriptionsTable>,
): Promise<SubscriptionRow> {
  return scope.tx
    .insertInto("subscriptions")
    .values({ ...subscription, ...ownership(scope), test_clock: testClockOf(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes a locked subscription. */
export async function updateSubscription(
  scope: Scope,
  id: string,
  changes: SubscriptionChanges,
): Promise<SubscriptionRow> {
  return scope.tx
    .updateTable("subscriptions")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Statuses of a subscription that is over. */
export const ENDED: readonly SubscriptionStatus[] = ["canceled", "incomplete_expired"];

/** The subscriptions of a customer that are not over, in no particular order. */
export async function listLivingSubscriptions(
  scope: Scope,
  customer: string,
): Promise<SubscriptionRow[]> {
  return ofScope(scope).where("customer", "=", customer).where("status", "not in", ENDED).execute();
}

/** Locks the subscriptions of a customer that are not over, oldest first. */
export async function lockLivingSubscriptions(
  scope: Scope,
  customer: string,
): Promise<SubscriptionRow[]> {
  return ofScope(scope)
    .where("customer", "=", customer)
    .where("status", "not in", ENDED)
    .orderBy("id")
    .forUpdate()
    .execute();
}

export interface SubscriptionFilter {
  readonly customer?: string | undefined;
  readonly price?: string | undefined;
  readonly collectionMethod?: CollectionMethod | undefined;
  /** undefined: of no clock, unless a customer is named (Stripe docs: List subscriptions). */
  readonly testClock?: string | undefined;
  /** "ended": canceled or expired; undefined: all that are not canceled. */
  readonly status?: SubscriptionStatus | "all" | "ended" | undefined;
}

/** Newest first. */
export async function listSubscriptions(
  scope: Scope,
  page: PageQuery,
  { customer, price, collectionMethod, testClock, status }: SubscriptionFilter,
): Promise<Page<SubscriptionRow>> {
  let query = scope.tx.selectFrom("subscriptions").selectAll("subscriptions");
  if (customer !== undefined) query = query.where("customer", "=", customer);
  if (testClock !== undefined) query = query.where("test_clock", "=", testClock);
  else if (customer === undefined) query = query.where("test_clock", "is", null);
  if (collectionMethod !== undefined) {
    query = query.where("collection_method", "=", collectionMethod);
  }
  if (price !== undefined) {
    query = query.where("subscriptions.id", "in", (from) =>
      from.selectFrom("subscription_items").select("subscription").where("price", "=", price),
    );
  }
  if (status === undefined) query = query.where("status", "!=", "canceled");
  else if (status === "ended") query = query.where("status", "in", ENDED);
  else if (status !== "all") query = query.where("status", "=", status);
  return listPage(scope, "subscriptions", "subscription", query, page);
}

/** What subscriptions can be searched by (Stripe docs: Search, query fields for subscriptions). */
const SEARCH_FIELDS: SearchFields = {
  created: { column: "subscriptions.created_at", kind: "time" },
  metadata: { column: "subscriptions.metadata", kind: "metadata" },
  status: { column: "subscriptions.status", kind: "token" },
};

/** Newest first. Throws 400 on a field that cannot be searched. */
export async function searchSubscriptions(
  scope: Scope,
  page: PageQuery,
  search: SearchQuery,
): Promise<Page<SubscriptionRow>> {
  const query = scope.tx
    .selectFrom("subscriptions")
    .selectAll()
    .where(searchCondition(SEARCH_FIELDS, search));
  return listPage(scope, "subscriptions", "subscription", query, page);
}
