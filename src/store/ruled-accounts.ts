import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { RuledAccount } from "../domain/integrations/account.ts";
import { notFound } from "../errors.ts";
import { listCustomFields } from "./custom-field-values.ts";

const selectAccounts = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("customers")
    .leftJoin("account_details as details", "details.customer_id", "customers.id")
    .where("customers.environment_id", "=", environmentId)
    .select([
      "customers.id",
      "customers.name",
      "customers.position",
      "details.code",
      "details.address",
      "details.currency",
      "details.sends_bills",
    ]);

type Row = Awaited<ReturnType<ReturnType<typeof selectAccounts>["execute"]>>[number];

export type PlacedAccount = RuledAccount & { readonly position: bigint };

async function withCustomFields(
  db: CoreDb,
  environmentId: string,
  rows: readonly Row[],
): Promise<PlacedAccount[]> {
  const ids = rows.map(({ id }) => id);
  const fields = await listCustomFields(db, environmentId, "customer", ids);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    code: row.code,
    address: row.address ?? {},
    currency: row.currency,
    customFields: fields.get(row.id) ?? {},
    sendsBills: row.sends_bills ?? true,
    position: row.position,
  }));
}

/** A customer as rules see it at this moment. Throws not_found. */
export async function getRuledAccount(
  db: CoreDb,
  environmentId: string,
  customerId: string,
): Promise<RuledAccount> {
  const rows = await selectAccounts(db, environmentId)
    .where("customers.id", "=", customerId)
    .execute();
  const [account] = await withCustomFields(db, environmentId, rows);
  if (account === undefined) throw notFound("account", customerId);
  return account;
}

/** Accounts that are not archived, oldest first; one row more than asked, to tell whether more follow. */
export async function listRuledAccounts(
  db: CoreDb,
  environmentId: string,
  page: {
    /** Only these; absent: all of them. */
    readonly ids?: readonly string[] | undefined;
    readonly after: bigint | undefined;
    readonly limit: number;
  },
): Promise<PlacedAccount[]> {
  const { ids, after, limit } = page;
  let query = selectAccounts(db, environmentId)
    .where("customers.archived_at", "is", null)
    .orderBy("customers.position")
    .limit(limit + 1);
  if (ids !== undefined) query = query.where(sql<SqlBool>`customers.id = any(${ids}::uuid[])`);
  if (after !== undefined) query = query.where("customers.position", ">", after as never);
  return withCustomFields(db, environmentId, await query.execute());
}
