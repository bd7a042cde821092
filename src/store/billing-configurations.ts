import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CustomerBillingConfigurationsTable } from "../db/tables/connections.ts";

/** Where a customer's invoices go: a route over one connection. */
export interface BillingConfiguration {
  readonly id: string;
  readonly customerId: string;
  readonly billingProvider: string;
  readonly deliveryMethod: string;
  /** null = whatever the environment's default connection of this provider is by then. */
  readonly connectionId: string | null;
  /** In the provider's own words. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly archivedAt: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<CustomerBillingConfigurationsTable>): BillingConfiguration => ({
  id: row.id,
  customerId: row.customer_id,
  billingProvider: row.billing_provider,
  deliveryMethod: row.delivery_method,
  connectionId: row.connection_id,
  configuration: row.configuration,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  position: row.position,
});

export interface NewBillingConfiguration {
  readonly environmentId: string;
  readonly customerId: string;
  readonly billingProvider: string;
  readonly deliveryMethod: string;
  readonly connectionId: string | null;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

/** Adds configurations; answers them in the same order. */
export async function insertBillingConfigurations(
  tx: CoreTransaction,
  configurations: readonly NewBillingConfiguration[],
): Promise<BillingConfiguration[]> {
  if (configurations.length === 0) return [];
  const rows = await tx
    .insertInto("customer_billing_configurations")
    .values(
      configurations.map((given) => ({
        environment_id: given.environmentId,
        customer_id: given.customerId,
        billing_provider: given.billingProvider,
        delivery_method: given.deliveryMethod,
        connection_id: given.connectionId,
        configuration: JSON.stringify(given.configuration),
        created_at: given.createdAt,
      })),
    )
    .returningAll()
    .execute();
  return rows.map(fromRow).toSorted((a, b) => (a.position < b.position ? -1 : 1));
}

/** The configurations of many customers, oldest first, without archived ones unless asked. */
export async function listBillingConfigurations(
  db: CoreDb,
  environmentId: string,
  customerIds: readonly string[],
  { archived = false }: { readonly archived?: boolean } = {},
): Promise<BillingConfiguration[]> {
  if (customerIds.length === 0) return [];
  let query = db
    .selectFrom("customer_billing_configurations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("customer_id", "=", sql<string>`any(${customerIds}::uuid[])`);
  if (!archived) query = query.where("archived_at", "is", null);
  return (await query.orderBy("position").execute()).map(fromRow);
}

/** A configuration of the environment, ended or not, or undefined. */
export async function findBillingConfiguration(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<BillingConfiguration | undefined> {
  const row = await db
    .selectFrom("customer_billing_configurations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** The active configuration of the environment that says the very same, of whichever customer, or undefined. */
export async function findSameConfiguration(
  db: CoreDb,
  same: Pick<NewBillingConfiguration, "environmentId" | "billingProvider" | "configuration">,
): Promise<BillingConfiguration | undefined> {
  const row = await db
    .selectFrom("customer_billing_configurations")
    .selectAll()
    .where("environment_id", "=", same.environmentId)
    .where("billing_provider", "=", same.billingProvider)
    .where("archived_at", "is", null)
    .where(sql<boolean>`configuration = ${JSON.stringify(same.configuration)}::jsonb`)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Replaces the provider's words of a configuration; what refers to it stays. */
export async function updateBillingConfiguration(
  tx: CoreTransaction,
  id: string,
  configuration: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx
    .updateTable("customer_billing_configurations")
    .set({ configuration: JSON.stringify(configuration) })
    .where("id", "=", id)
    .execute();
}

/** Ends configurations; those that ended before keep their time. */
export async function archiveBillingConfigurations(
  tx: CoreTransaction,
  ids: readonly string[],
  archivedAt: string,
): Promise<void> {
  await tx
    .updateTable("customer_billing_configurations")
    .set({ archived_at: archivedAt })
    .where("id", "=", sql<string>`any(${ids}::uuid[])`)
    .where("archived_at", "is", null)
    .execute();
}
