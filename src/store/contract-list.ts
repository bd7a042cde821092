import { type SqlBool, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { notFound } from "../errors.ts";
import type { ContractRow } from "./contracts.ts";

export interface ContractFilter {
  readonly environmentId: string;
  readonly customerId?: string | undefined;
  /** Empty = any. */
  readonly ids: readonly string[];
  readonly after: bigint | undefined;
  readonly limit: number;
}

const contractsIn = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("contracts")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null);

/** A page of contracts of all customers that are not archived, oldest first; one row more than asked. */
export async function listContractPage(
  db: CoreDb,
  { environmentId, customerId, ids, after, limit }: ContractFilter,
): Promise<ContractRow[]> {
  let query = contractsIn(db, environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("position", ">", after as never);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  if (ids.length > 0) query = query.where(sql<SqlBool>`id = any(${ids}::uuid[])`);
  return query.execute();
}

/** A contract of whatever customer that is not archived. Throws not_found. */
export async function getLiveContract(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<ContractRow> {
  const row = await contractsIn(db, environmentId).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("contract", id);
  return row;
}

/** As getLiveContract, held until the transaction ends. */
export async function lockLiveContract(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<ContractRow> {
  const row = await contractsIn(tx, environmentId)
    .where("id", "=", id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("contract", id);
  return row;
}

/** How often usage is billed, by contract. */
export async function listBillingRhythms(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, ContractRow["usage_frequency"]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("contracts")
    .select(["id", "usage_frequency"])
    .where("id", "=", sql<string>`any(${contractIds}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row.usage_frequency]));
}
