import { type RawBuilder, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";

type OwnerQuery = (environmentId: string, id: string) => RawBuilder<unknown>;

const inTable =
  (table: string): OwnerQuery =>
  (environmentId, id) =>
    sql`select from ${sql.table(table)} where environment_id = ${environmentId} and id = ${id}`;

/** Where each kind of entity lives. Kinds that are missing here have no entities yet. */
const OWNERS: Partial<Record<CustomFieldEntity, OwnerQuery>> = {
  billable_metric: inTable("billable_metrics"),
  contract: inTable("contracts"),
  contract_product: inTable("products"),
  customer: inTable("customers"),
  invoice: inTable("invoices"),
  rate_card: inTable("rate_cards"),
  commit: (environmentId, id) => sql`select from commits
    where environment_id = ${environmentId} and id = ${id} and type <> 'CREDIT'`,
  contract_credit: (environmentId, id) => sql`select from commits
    where environment_id = ${environmentId} and id = ${id} and type = 'CREDIT'`,
  subscription: (environmentId, id) => sql`select from subscriptions subscription
    join contracts contract on contract.id = subscription.contract_id
    where contract.environment_id = ${environmentId} and subscription.id = ${id}`,
  scheduled_charge: (environmentId, id) => sql`select from scheduled_charges charge
    join contracts contract on contract.id = charge.contract_id
    where contract.environment_id = ${environmentId} and charge.id = ${id}`,
};

/** True when the environment has this entity; it is held until the transaction ends. */
export async function lockCustomFieldOwner(
  tx: CoreTransaction,
  environmentId: string,
  entity: CustomFieldEntity,
  id: string,
): Promise<boolean> {
  const query = OWNERS[entity]?.(environmentId, id);
  if (query === undefined) return false;
  const { rows } = await sql`${query} for key share`.execute(tx);
  return rows.length > 0;
}

/** Whose contract, commit or credit it is; undefined for every other kind of entity. */
export async function findOwningCustomer(
  db: CoreDb,
  entity: CustomFieldEntity,
  id: string,
): Promise<string | undefined> {
  if (entity !== "contract" && entity !== "commit" && entity !== "contract_credit")
    return undefined;
  const row = await db
    .selectFrom(entity === "contract" ? "contracts" : "commits")
    .select("customer_id")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.customer_id;
}
