import { type Selectable, sql, type Updateable } from "kysely";
import { violatedConstraint } from "../../platform/database/database.ts";
import { isTestClock } from "../../platform/jobs/job-table.ts";
import type { CollectionMethod, InvoicesTable } from "../db/invoicing-tables.ts";
import type { InvoiceStatus } from "../domain/invoice-status.ts";
import type { SearchQuery } from "../domain/search-query.ts";
import { missing, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { type CreatedRange, listPage, type Page, type PageQuery } from "./page.ts";
import { type SearchFields, searchCondition } from "./search.ts";

export type InvoiceRow = Selectable<InvoicesTable>;
export type InvoiceInsert = NewObject<InvoicesTable>;
export type InvoiceChanges = Updateable<InvoicesTable>;

/** Two invoices that take one number at the same moment: the second is refused. */
function rethrow(error: unknown): never {
  if (violatedConstraint(error) !== "invoices_number") throw error;
  throw refused("invalid_argument", "This invoice number is already used.", "number");
}

const ofScope = (scope: Scope) =>
  scope.tx
    .selectFrom("invoices")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404, naming `param`, when there is no such invoice in this account and mode. */
export async function getInvoice(scope: Scope, id: string, param = "id"): Promise<InvoiceRow> {
  const row = await ofScope(scope).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw missing("invoice", id, param);
  return row;
}

/** Locks an invoice until the transaction ends; undefined when it is gone. Lock it before its customer. */
export async function findAndLockInvoice(
  scope: Scope,
  id: string,
): Promise<InvoiceRow | undefined> {
  return ofScope(scope).where("id", "=", id).forUpdate().executeTakeFirst();
}

/** Like `findAndLockInvoice`; throws 404, naming `param`, when there is no such invoice. */
export async function lockInvoice(scope: Scope, id: string, param = "id"): Promise<InvoiceRow> {
  const row = await findAndLockInvoice(scope, id);
  if (row === undefined) throw missing("invoice", id, param);
  return row;
}

/** Locks a subscription's open invoices, oldest first. */
export async function listOpenInvoicesOf(
  scope: Scope,
  subscription: string,
): Promise<InvoiceRow[]> {
  return ofScope(scope)
    .where("subscription", "=", subscription)
    .where("status", "=", "open")
    .orderBy("created_at")
    .orderBy("id")
    .forUpdate()
    .execute();
}

/** Those that exist, in no particular order. */
export async function listInvoicesByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<InvoiceRow[]> {
  return ids.length === 0 ? [] : ofScope(scope).where("id", "in", ids).execute();
}

/**
 * Adds an invoice as of the scope's moment. Where nobody listens, everybody knows of it at once;
 * on a test clock nobody is waited for, since deliveries are not on it.
 */
export async function insertInvoice(scope: Scope, invoice: InvoiceInsert): Promise<InvoiceRow> {
  return scope.tx
    .insertInto("invoices")
    .values({
      ...invoice,
      ...ownership(scope),
      webhooks_delivered_at: sql`case when not exists (
        select 1 from collect.webhook_endpoints where account_id = ${scope.accountId}
          and livemode = ${scope.livemode} and status = 'enabled'
          and (enabled_events ? 'invoice.created' or enabled_events ? '*'))
        or ${isTestClock(scope.clock)} then ${scope.nowAt}::timestamptz end`,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch(rethrow);
}

/** Changes a locked invoice and returns it as it is then. */
export async function updateInvoice(
  scope: Scope,
  id: string,
  changes: InvoiceChanges,
): Promise<InvoiceRow> {
  return scope.tx
    .updateTable("invoices")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch(rethrow);
}

/** Removes a locked draft whose items are gone already. */
export async function deleteInvoice(scope: Scope, id: string): Promise<void> {
  await scope.tx
    .deleteFrom("invoices")
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .execute();
}

/** True when an invoice of this account and mode has the number. */
export async function hasNumber(scope: Scope, number: string): Promise<boolean> {
  const row = await ofScope(scope).where("number", "=", number).executeTakeFirst();
  return row !== undefined;
}

export interface InvoiceFilter {
  readonly customer?: string | undefined;
  readonly status?: InvoiceStatus | undefined;
  readonly collectionMethod?: CollectionMethod | undefined;
  readonly subscription?: string | undefined;
  readonly due?: CreatedRange | undefined;
}

/** Newest first. */
export async function listInvoices(
  scope: Scope,
  page: PageQuery,
  filter: InvoiceFilter,
): Promise<Page<InvoiceRow>> {
  let query = scope.tx.selectFrom("invoices").selectAll();
  if (filter.customer !== undefined) query = query.where("customer", "=", filter.customer);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.collectionMethod !== undefined) {
    query = query.where("collection_method", "=", filter.collectionMethod);
  }
  if (filter.subscription !== undefined) {
    query = query.where("subscription", "=", filter.subscription);
  }
  const { gt, gte, lt, lte } = filter.due ?? {};
  if (gt !== undefined) query = query.where("due_at", ">", gt);
  if (gte !== undefined) query = query.where("due_at", ">=", gte);
  if (lt !== undefined) query = query.where("due_at", "<", lt);
  if (lte !== undefined) query = query.where("due_at", "<=", lte);
  return listPage(scope, "invoices", "invoice", query, page);
}

/** What invoices can be searched by (Stripe docs: Search, query fields for invoices). */
const SEARCH_FIELDS: SearchFields = {
  created: { column: "invoices.created_at", kind: "time" },
  currency: { column: "invoices.currency", kind: "token" },
  customer: { column: "invoices.customer", kind: "token" },
  metadata: { column: "invoices.metadata", kind: "metadata" },
  number: { column: "invoices.number", kind: "text" },
  status: { column: "invoices.status", kind: "token" },
  subscription: { column: "invoices.subscription", kind: "token" },
  total: { column: "invoices.total_minor", kind: "number" },
};

/** Newest first. Throws 400 on a field that cannot be searched. */
export async function searchInvoices(
  scope: Scope,
  page: PageQuery,
  search: SearchQuery,
): Promise<Page<InvoiceRow>> {
  const query = scope.tx
    .selectFrom("invoices")
    .selectAll()
    .where(searchCondition(SEARCH_FIELDS, search));
  return listPage(scope, "invoices", "invoice", query, page);
}
