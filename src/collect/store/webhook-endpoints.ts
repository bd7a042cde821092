import { type Selectable, sql, type Updateable } from "kysely";
import type { WebhookEndpointsTable } from "../db/foundation-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type WebhookEndpointRow = Selectable<WebhookEndpointsTable>;
export type WebhookEndpointChanges = Omit<
  Updateable<WebhookEndpointsTable>,
  "id" | "account_id" | "livemode"
>;

const owned = (scope: Scope) =>
  scope.tx
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404. */
export async function getWebhookEndpoint(scope: Scope, id: string): Promise<WebhookEndpointRow> {
  const row = await owned(scope).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw missing("webhook endpoint", id);
  return row;
}

/** Those that exist, by id. */
export async function mapWebhookEndpoints(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, WebhookEndpointRow>> {
  const rows = await owned(scope).where("id", "=", sql<string>`any(${ids})`).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Throws 404. */
export async function lockWebhookEndpoint(scope: Scope, id: string): Promise<WebhookEndpointRow> {
  const row = await owned(scope).where("id", "=", id).forUpdate().executeTakeFirst();
  if (row === undefined) throw missing("webhook endpoint", id);
  return row;
}

/** Adds an endpoint as of the scope's moment. */
export async function insertWebhookEndpoint(
  scope: Scope,
  endpoint: NewObject<WebhookEndpointsTable>,
): Promise<WebhookEndpointRow> {
  return scope.tx
    .insertInto("webhook_endpoints")
    .values({ ...endpoint, ...ownership(scope) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes a locked endpoint. */
export async function updateWebhookEndpoint(
  scope: Scope,
  id: string,
  changes: WebhookEndpointChanges,
): Promise<WebhookEndpointRow> {
  return scope.tx
    .updateTable("webhook_endpoints")
    .set(changes)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Deletes it with its deliveries; jobs that find theirs gone end. */
export async function deleteWebhookEndpoint(scope: Scope, id: string): Promise<void> {
  await scope.tx.deleteFrom("webhook_endpoints").where("id", "=", id).execute();
}

/** Newest first. */
export async function listWebhookEndpoints(
  scope: Scope,
  page: PageQuery,
): Promise<Page<WebhookEndpointRow>> {
  const query = scope.tx.selectFrom("webhook_endpoints").selectAll();
  return listPage(scope, "webhook_endpoints", "webhook endpoint", query, page);
}
