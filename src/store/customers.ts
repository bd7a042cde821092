import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CustomersTable } from "../db/tables/customers.ts";
import { notFound } from "../errors.ts";

/** Who pays. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly salesforceAccountId: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
  readonly position: bigint;
}

/** A row as the rest of the product knows it. */
export const toCustomer = (row: Selectable<CustomersTable>): Customer => ({
  id: row.id,
  name: row.name,
  salesforceAccountId: row.salesforce_account_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  archivedAt: row.archived_at,
  position: row.position,
});

/** The environment's customer of that id, archived or not, or undefined. */
export async function findCustomer(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Customer | undefined> {
  const row = await db
    .selectFrom("customers")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : toCustomer(row);
}

/** As findCustomer. Throws not_found. */
export async function getCustomer(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Customer> {
  const found = await findCustomer(db, environmentId, id);
  if (found === undefined) throw notFound("customer", id);
  return found;
}

/** As getCustomer, with the row held until the transaction ends: it owns the customer's decisions. */
export async function lockCustomer(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<Customer> {
  const row = await tx
    .selectFrom("customers")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("customer", id);
  return toCustomer(row);
}

export interface CustomerFilter {
  readonly environmentId: string;
  readonly onlyArchived: boolean;
  /** Empty = any. */
  readonly customerIds: readonly string[];
  readonly salesforceAccountIds: readonly string[];
  readonly ingestAlias: string | undefined;
}

/** One page of customers, oldest first; one row more than `limit`. Archived ones only when asked. */
export async function listCustomers(
  db: CoreDb,
  filter: CustomerFilter,
  after: bigint | undefined,
  limit: number,
): Promise<Customer[]> {
  let query = db
    .selectFrom("customers")
    .selectAll()
    .where("environment_id", "=", filter.environmentId)
    .where("archived_at", filter.onlyArchived ? "is not" : "is", null)
    .where("position", ">", after ?? 0n);
  if (filter.customerIds.length > 0) {
    query = query.where("id", "=", sql<string>`any(${filter.customerIds}::uuid[])`);
  }
  if (filter.salesforceAccountIds.length > 0) {
    query = query.where(
      "salesforce_account_id",
      "=",
      sql<string>`any(${filter.salesforceAccountIds}::text[])`,
    );
  }
  if (filter.ingestAlias !== undefined) {
    query = query.where("id", "in", (taken) =>
      taken
        .selectFrom("customer_ingest_aliases")
        .select("customer_id")
        .where("environment_id", "=", filter.environmentId)
        .where("alias", "=", filter.ingestAlias ?? ""),
    );
  }
  const rows = await query
    .orderBy("position")
    .limit(limit + 1)
    .execute();
  return rows.map(toCustomer);
}

/** Those of these ids that no customer of the environment has, archived ones included, in their order. */
export async function findUnknownCustomers(
  db: CoreDb,
  environmentId: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("customers")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "=", sql<string>`any(${ids}::uuid[])`)
    .execute();
  const known = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

export interface NewCustomer {
  readonly environmentId: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Adds a customer without aliases. */
export async function insertCustomer(
  tx: CoreTransaction,
  customer: NewCustomer,
): Promise<Customer> {
  const row = await tx
    .insertInto("customers")
    .values({
      environment_id: customer.environmentId,
      name: customer.name,
      created_at: customer.createdAt,
      updated_at: customer.createdAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toCustomer(row);
}

export interface CustomerChanges {
  readonly updatedAt: string;
  readonly name?: string;
  readonly salesforceAccountId?: string | null;
  readonly archivedAt?: string;
}

/** Changes the given parts of a customer. */
export async function updateCustomer(
  tx: CoreTransaction,
  id: string,
  { updatedAt, name, salesforceAccountId, archivedAt }: CustomerChanges,
): Promise<void> {
  await tx
    .updateTable("customers")
    .set({
      updated_at: updatedAt,
      ...(name === undefined ? {} : { name }),
      ...(salesforceAccountId === undefined ? {} : { salesforce_account_id: salesforceAccountId }),
      ...(archivedAt === undefined ? {} : { archived_at: archivedAt }),
    })
    .where("id", "=", id)
    .execute();
}

/** What these customers are called, by id. */
export async function listCustomerNames(
  db: CoreDb,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("customers")
    .select(["id", "name"])
    .where("id", "=", sql<string>`any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Every customer of the environment that is not archived, in one order. */
export async function listActiveCustomerIds(db: CoreDb, environmentId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("customers")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** The customer's contracts that were not archived. */
export async function listOpenContractIds(db: CoreDb, customerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("contracts")
    .select("id")
    .where("customer_id", "=", customerId)
    .where("archived_at", "is", null)
    .orderBy("position")
    .execute();
  return rows.map(({ id }) => id);
}
