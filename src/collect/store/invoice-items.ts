import { type Selectable, sql, type Updateable } from "kysely";
import type { InvoiceItemsTable } from "../db/invoicing-tables.ts";
import { missing } from "../errors.ts";
import { type Scope, testClockOf } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type InvoiceItemRow = Selectable<InvoiceItemsTable>;
export type InvoiceItemInsert = NewObject<InvoiceItemsTable>;
export type InvoiceItemChanges = Updateable<InvoiceItemsTable>;

/** Throws 404 when there is no such item in this account and mode. */
export async function getInvoiceItem(
  scope: Scope,
  id: string,
  param = "id",
): Promise<InvoiceItemRow> {
  const row = await scope.tx
    .selectFrom("invoice_items")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("line_kind", "=", "item")
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw missing("invoiceitem", id, param);
  return row;
}

/** Those that exist, in no particular order. */
export async function listInvoiceItemsByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<InvoiceItemRow[]> {
  if (ids.length === 0) return [];
  return scope.tx
    .selectFrom("invoice_items")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("line_kind", "=", "item")
    .where("id", "in", ids)
    .execute();
}

/** Adds items in one statement, as of the scope's moment; the rows come back in the order given. */
export async function insertInvoiceItems(
  scope: Scope,
  items: readonly InvoiceItemInsert[],
): Promise<InvoiceItemRow[]> {
  if (items.length === 0) return [];
  const rows = await scope.tx
    .insertInto("invoice_items")
    .values(items.map((item) => ({ ...item, ...ownership(scope), test_clock: testClockOf(scope) })))
    .returningAll()
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return items.flatMap((item) => byId.get(item.id) ?? []);
}

/** Changes an item whose invoice (or, while pending, customer) is locked. */
export async function updateInvoiceItem(
  scope: Scope,
  id: string,
  changes: InvoiceItemChanges,
): Promise<InvoiceItemRow> {
  return scope.tx
    .updateTable("invoice_items")
    .set(changes)
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Removes items for good. */
export async function deleteInvoiceItems(scope: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await scope.tx
    .deleteFrom("invoice_items")
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", ids)
    .execute();
}

/** Which pending items an invoice takes; neither: all of the customer's. */
export interface PendingItemsOf {
  /** Only those of this subscription. */
  readonly only?: string | undefined;
  /** Those of this subscription and those of none. */
  readonly scheduledFor?: string | undefined;
}

/** Pending items of a locked customer in the invoice's currency, newest first, as the invoice takes them. */
export async function listPendingItems(
  scope: Scope,
  { customer, currency }: Pick<InvoiceItemRow, "customer" | "currency">,
  { only, scheduledFor }: PendingItemsOf,
  limit: number,
): Promise<InvoiceItemRow[]> {
  let query = scope.tx
    .selectFrom("invoice_items")
    .selectAll()
    .where("customer", "=", customer)
    .where("currency", "=", currency)
    .where("invoice", "is", null);
  if (only !== undefined) query = query.where("subscription", "=", only);
  if (scheduledFor !== undefined) {
    query = query.where((is) =>
      is.or([is("subscription", "is", null), is("subscription", "=", scheduledFor)]),
    );
  }
  return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(limit).execute();
}

/** Whether a subscription's next invoice has pending items to take. */
export async function hasPendingItems(
  scope: Scope,
  customer: string,
  { id, currency }: { readonly id: string; readonly currency: string },
): Promise<boolean> {
  const items = await listPendingItems(scope, { customer, currency }, { scheduledFor: id }, 1);
  return items.length > 0;
}

/** Puts pending items on an invoice, in the order given, after the line at `lastPosition`. */
export async function attachItems(
  scope: Scope,
  invoice: string,
  ids: readonly string[],
  lastPosition: number,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`update collect.invoice_items item
    set invoice = ${invoice}, position = ${lastPosition}::int + wanted.ordinal::int, was_pending = true
    from unnest(${[...ids]}::text[]) with ordinality as wanted (id, ordinal)
    where item.id = wanted.id and item.account_id = ${scope.accountId}
      and item.livemode = ${scope.livemode} and item.invoice is null`.execute(scope.tx);
}

/** Takes items off their invoice; they are pending then. */
export async function detachItems(scope: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await scope.tx
    .updateTable("invoice_items")
    .set({ invoice: null, position: null, was_pending: true, discount_amounts: "[]", taxes: "[]" })
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "in", ids)
    .execute();
}

/** Before a draft goes: items that were pending before are pending again, the others are removed. */
export async function releaseItems(scope: Scope, invoice: string): Promise<void> {
  await scope.tx
    .deleteFrom("invoice_items")
    .where("invoice", "=", invoice)
    .where("was_pending", "=", false)
    .execute();
  await scope.tx
    .updateTable("invoice_items")
    .set({ invoice: null, position: null, discount_amounts: "[]", taxes: "[]" })
    .where("invoice", "=", invoice)
    .execute();
}

export interface InvoiceItemFilter {
  readonly customer?: string | undefined;
  readonly invoice?: string | undefined;
  readonly pending?: boolean | undefined;
}

/** Newest first. */
export async function listInvoiceItems(
  scope: Scope,
  page: PageQuery,
  filter: InvoiceItemFilter,
): Promise<Page<InvoiceItemRow>> {
  let query = scope.tx.selectFrom("invoice_items").selectAll().where("line_kind", "=", "item");
  if (filter.customer !== undefined) query = query.where("customer", "=", filter.customer);
  if (filter.invoice !== undefined) query = query.where("invoice", "=", filter.invoice);
  if (filter.pending !== undefined) {
    query = query.where("invoice", filter.pending ? "is" : "is not", null);
  }
  return listPage(scope, "invoice_items", "invoiceitem", query, page);
}
