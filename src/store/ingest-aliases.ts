import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

/** The aliases of many customers in their order, by customer id; each asked id has an entry. */
export async function listIngestAliases(
  db: CoreDb,
  customerIds: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(customerIds.map((id) => [id, []]));
  if (customerIds.length === 0) return found;
  const rows = await db
    .selectFrom("customer_ingest_aliases")
    .select(["customer_id", "alias"])
    .where("customer_id", "=", sql<string>`any(${customerIds}::uuid[])`)
    .orderBy("customer_id")
    .orderBy("position")
    .execute();
  for (const row of rows) found.get(row.customer_id)?.push(row.alias);
  return found;
}

/** The customer, archived or not, that has the alias. */
export async function findCustomerIdByAlias(
  db: CoreDb,
  environmentId: string,
  alias: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("customer_ingest_aliases")
    .select("customer_id")
    .where("environment_id", "=", environmentId)
    .where("alias", "=", alias)
    .executeTakeFirst();
  return row?.customer_id;
}

/** True when one of these ids is another customer of the environment. */
export async function hasOtherCustomer(
  db: CoreDb,
  environmentId: string,
  customerId: string,
  ids: readonly string[],
): Promise<boolean> {
  if (ids.length === 0) return false;
  const row = await db
    .selectFrom("customers")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "!=", customerId)
    .where("id", "=", sql<string>`any(${ids}::uuid[])`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Makes these, in this order, the customer's only aliases. One that another customer has, archived
 * or not, is a conflict: usage never changes hands unasked.
 */
export async function replaceIngestAliases(
  tx: CoreTransaction,
  environmentId: string,
  customerId: string,
  aliases: readonly string[],
): Promise<void> {
  await tx.deleteFrom("customer_ingest_aliases").where("customer_id", "=", customerId).execute();
  if (aliases.length === 0) return;
  try {
    await sql`insert into customer_ingest_aliases (environment_id, alias, customer_id, position)
      select ${environmentId}::uuid, alias, ${customerId}::uuid, place
      from unnest(${aliases}::text[]) with ordinality as given (alias, place)
      order by alias`.execute(tx);
  } catch (error) {
    if (violatedConstraint(error) !== "customer_ingest_aliases_pkey") throw error;
    throw conflict("One of the ingest_aliases belongs to another customer.", "ingest_alias_taken");
  }
}
