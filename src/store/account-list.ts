import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { SearchOperator, SearchTerm } from "../domain/integrations/search-query.ts";
import { type Customer, toCustomer } from "./customers.ts";

export const ACCOUNT_SEARCH_FIELDS = ["name", "code", "emailAddress"] as const;
export type AccountSearchField = (typeof ACCOUNT_SEARCH_FIELDS)[number];

export interface AccountFilter {
  readonly environmentId: string;
  /** Empty = any. */
  readonly ids: readonly string[];
  readonly codes: readonly string[];
}

const accounts = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("customers")
    .leftJoin("account_details as details", "details.customer_id", "customers.id")
    .selectAll("customers")
    .where("customers.environment_id", "=", environmentId)
    .where("customers.archived_at", "is", null)
    .orderBy("customers.position");

/** One page of customers that are not archived, oldest first; one row more than `limit`. */
export async function listAccounts(
  db: CoreDb,
  { environmentId, ids, codes }: AccountFilter,
  after: bigint | undefined,
  limit: number,
): Promise<Customer[]> {
  let query = accounts(db, environmentId).limit(limit + 1);
  if (after !== undefined) query = query.where("customers.position", ">", after as never);
  if (ids.length > 0) query = query.where(sql<SqlBool>`customers.id = any(${ids}::uuid[])`);
  if (codes.length > 0) query = query.where(sql<SqlBool>`details.code = any(${codes}::text[])`);
  return (await query.execute()).map(toCustomer);
}

const COLUMNS = {
  name: sql`customers.name`,
  code: sql`details.code`,
  emailAddress: sql`details.email_address`,
} satisfies Record<AccountSearchField, RawBuilder<unknown>>;

const OPERATORS = {
  ":": "=",
  ">": ">",
  "<": "<",
  ">=": ">=",
  "<=": "<=",
} as const satisfies Record<Exclude<SearchOperator, "~">, string>;

function holds({ field, operator, value }: SearchTerm<AccountSearchField>) {
  const column = COLUMNS[field];
  if (operator === "~") return sql<SqlBool>`starts_with(lower(${column}), lower(${value}))`;
  return sql<SqlBool>`${column} collate "C" ${sql.raw(OPERATORS[operator])} ${value}`;
}

/** Customers that are not archived for which every term holds, oldest first, from the nth on. */
export async function searchAccounts(
  db: CoreDb,
  environmentId: string,
  terms: readonly SearchTerm<AccountSearchField>[],
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<Customer[]> {
  let query = accounts(db, environmentId).offset(from).limit(limit);
  for (const term of terms) query = query.where(holds(term));
  return (await query.execute()).map(toCustomer);
}
