import { type Selectable, sql, type Updateable } from "kysely";
import { violatedConstraint } from "../../platform/database/database.ts";
import type { CustomersTable } from "../db/foundation-tables.ts";
import type { SearchQuery } from "../domain/search-query.ts";
import { missing, refused } from "../errors.ts";
import { type Scope, testClockOf } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";
import { type SearchFields, searchCondition } from "./search.ts";

export type CustomerRow = Selectable<CustomersTable>;
export type CustomerChanges = Omit<Updateable<CustomersTable>, "id" | "account_id" | "livemode">;

const owned = (scope: Scope) =>
  scope.tx
    .selectFrom("customers")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** A deleted customer is still found, with `deleted` set. Throws 404 naming `param`. */
export async function getCustomer(scope: Scope, id: string, param = "id"): Promise<CustomerRow> {
  const row = await owned(scope).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw missing("customer", id, param);
  return row;
}

/** Locks a customer that is not deleted, so that their changes come one after the other. Throws 404. */
export async function lockCustomer(scope: Scope, id: string, param = "id"): Promise<CustomerRow> {
  const row = await lockCustomerOrDeleted(scope, id, param);
  if (row.deleted) throw missing("customer", id, param);
  return row;
}

/**
 * Locks a customer who may be deleted by now, for what was billed to them before: balance, currency,
 * numbers and pending items change one after the other. Throws 404 naming `param`.
 */
export async function lockCustomerOrDeleted(
  scope: Scope,
  id: string,
  param = "customer",
): Promise<CustomerRow> {
  const row = await owned(scope).where("id", "=", id).forUpdate().executeTakeFirst();
  if (row === undefined) throw missing("customer", id, param);
  return row;
}

/** Those that exist, deleted ones included, by id. */
export async function listCustomersById(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CustomerRow>> {
  if (ids.length === 0) return new Map();
  const rows = await owned(scope)
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** True when something in the customer's present currency is still to be billed or paid. */
export async function hasOpenBilling(scope: Scope, customer: string): Promise<boolean> {
  const { rows } = await sql<{ open: boolean }>`select
    exists (select 1 from collect.invoice_items where customer = ${customer} and invoice is null)
    or exists (select 1 from collect.invoices where customer = ${customer} and status in ('draft', 'open', 'uncollectible'))
    or exists (select 1 from collect.subscriptions where customer = ${customer} and status not in ('canceled', 'incomplete_expired'))
    as open`.execute(scope.tx);
  return rows[0]?.open ?? false;
}

/** Invoice prefixes are unique within an account and mode, since invoice numbers are. */
function fromDatabase(error: unknown): unknown {
  if (violatedConstraint(error) !== "customers_prefix") return error;
  return refused("invalid_argument", "This invoice prefix is already in use.", "invoice_prefix");
}

/** Throws 400 when the invoice prefix is taken. */
export async function insertCustomer(
  scope: Scope,
  customer: NewObject<CustomersTable>,
): Promise<CustomerRow> {
  return scope.tx
    .insertInto("customers")
    .values({ ...customer, ...ownership(scope), test_clock: testClockOf(scope) })
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      throw fromDatabase(error);
    });
}

/** Changes a locked customer. */
export async function updateCustomer(
  scope: Scope,
  id: string,
  changes: CustomerChanges,
): Promise<CustomerRow> {
  return scope.tx
    .updateTable("customers")
    .set(changes)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      throw fromDatabase(error);
    });
}

export interface CustomerFilter {
  readonly email?: string | undefined;
  /** undefined: those on the environment's own clock (Stripe docs: List all customers). */
  readonly testClock?: string | undefined;
}

/** Newest first, without the deleted ones. */
export async function listCustomers(
  scope: Scope,
  page: PageQuery,
  { email, testClock }: CustomerFilter,
): Promise<Page<CustomerRow>> {
  let query = scope.tx.selectFrom("customers").selectAll().where("deleted", "=", false);
  if (email !== undefined) query = query.where("email", "=", email);
  query =
    testClock === undefined
      ? query.where("test_clock", "is", null)
      : query.where("test_clock", "=", testClock);
  return listPage(scope, "customers", "customer", query, page);
}

/** What customers can be searched by (Stripe docs: Search, query fields for customers). */
const SEARCH_FIELDS: SearchFields = {
  created: { column: "customers.created_at", kind: "time" },
  email: { column: "customers.email", kind: "text" },
  metadata: { column: "customers.metadata", kind: "metadata" },
  name: { column: "customers.name", kind: "text" },
  phone: { column: "customers.phone", kind: "text" },
};

/** Newest first. Throws 400 on a field that cannot be searched. */
export async function searchCustomers(
  scope: Scope,
  page: PageQuery,
  search: SearchQuery,
): Promise<Page<CustomerRow>> {
  const query = scope.tx
    .selectFrom("customers")
    .selectAll()
    .where("deleted", "=", false)
    .where(searchCondition(SEARCH_FIELDS, search));
  return listPage(scope, "customers", "customer", query, page);
}
