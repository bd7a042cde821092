import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { IntegrationConfigurationsTable } from "../db/tables/integrations.ts";
import type { IntegrationOptions } from "../domain/integrations/integration-options.ts";
import { notFound } from "../errors.ts";

/** A rule that says which accounts' bills go over which connection, and how. */
export interface IntegrationConfiguration {
  readonly id: string;
  readonly environmentId: string;
  readonly entityType: string;
  readonly name: string;
  readonly destination: string;
  readonly provider: string;
  /** null: not connected. */
  readonly connectionId: string | null;
  readonly options: IntegrationOptions;
  /** Of the configurations of one group at most one may match an account. */
  readonly exclusiveGroup: string | null;
  readonly enabled: boolean;
  readonly disabledAt: string | null;
  readonly disabledReason: string | null;
  readonly errorCount: number;
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly archivedAt: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<IntegrationConfigurationsTable>): IntegrationConfiguration => ({
  id: row.id,
  environmentId: row.environment_id,
  entityType: row.entity_type,
  name: row.name,
  destination: row.destination,
  provider: row.provider,
  connectionId: row.connection_id,
  options: row.options as unknown as IntegrationOptions,
  exclusiveGroup: row.exclusive_group,
  enabled: row.enabled,
  disabledAt: row.disabled_at,
  disabledReason: row.disabled_reason,
  errorCount: row.error_count,
  version: row.version,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
  archivedAt: row.archived_at,
  position: row.position,
});

const ofEnvironment = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("integration_configurations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null);

/** A configuration of the environment that was not deleted. Throws not_found. */
export async function getConfiguration(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<IntegrationConfiguration> {
  const row = await ofEnvironment(db, environmentId).where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("integration configuration", id);
  return fromRow(row);
}

/** As getConfiguration, held until the transaction ends. */
export async function lockConfiguration(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<IntegrationConfiguration> {
  const row = await ofEnvironment(tx, environmentId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("integration configuration", id);
  return fromRow(row);
}

export interface ConfigurationFilter {
  readonly entityType?: string | undefined;
  readonly name?: string | undefined;
  readonly destination?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Configurations, oldest first; one row more than asked, to tell whether more follow. */
export async function listConfigurations(
  db: CoreDb,
  environmentId: string,
  { entityType, name, destination, connectionId, after, limit }: ConfigurationFilter,
): Promise<IntegrationConfiguration[]> {
  let query = ofEnvironment(db, environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("position", ">", after as never);
  if (entityType !== undefined) query = query.where("entity_type", "=", entityType);
  if (name !== undefined) query = query.where("name", "=", name);
  if (destination !== undefined) query = query.where("destination", "=", destination);
  if (connectionId !== undefined) query = query.where("connection_id", "=", connectionId);
  return (await query.execute()).map(fromRow);
}

/** What a configuration consists of when it is made. */
export type NewConfiguration = Pick<
  IntegrationConfiguration,
  | "environmentId"
  | "entityType"
  | "name"
  | "destination"
  | "provider"
  | "connectionId"
  | "options"
  | "exclusiveGroup"
  | "createdAt"
  | "createdBy"
>;

/** Adds a configuration, enabled. */
export async function insertConfiguration(
  db: CoreDb,
  made: NewConfiguration,
): Promise<IntegrationConfiguration> {
  const row = await db
    .insertInto("integration_configurations")
    .values({
      environment_id: made.environmentId,
      entity_type: made.entityType,
      name: made.name,
      destination: made.destination,
      provider: made.provider,
      connection_id: made.connectionId,
      options: JSON.stringify(made.options),
      exclusive_group: made.exclusiveGroup,
      created_at: made.createdAt,
      created_by: made.createdBy,
      updated_at: made.createdAt,
      updated_by: made.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export interface ConfigurationChanges {
  readonly name?: string;
  readonly connectionId?: string | null;
  readonly options?: IntegrationOptions;
  readonly exclusiveGroup?: string | null;
  readonly enabled?: boolean;
  readonly disabledAt?: string | null;
  readonly disabledReason?: string | null;
  readonly errorCount?: number;
  readonly version?: number;
  readonly archivedAt?: string;
  readonly updatedAt?: string;
  readonly updatedBy?: string;
}

/** Changes the given facts and leaves the others. */
export async function updateConfiguration(
  tx: CoreTransaction,
  id: string,
  changes: ConfigurationChanges,
): Promise<void> {
  const { options } = changes;
  const set = Object.entries({
    name: changes.name,
    connection_id: changes.connectionId,
    options: options === undefined ? undefined : JSON.stringify(options),
    exclusive_group: changes.exclusiveGroup,
    enabled: changes.enabled,
    disabled_at: changes.disabledAt,
    disabled_reason: changes.disabledReason,
    error_count: changes.errorCount,
    version: changes.version,
    archived_at: changes.archivedAt,
    updated_at: changes.updatedAt,
    updated_by: changes.updatedBy,
  }).filter(([, value]) => value !== undefined);
  if (set.length === 0) return;
  await tx
    .updateTable("integration_configurations")
    .set(Object.fromEntries(set))
    .where("id", "=", id)
    .execute();
}

/** Un-authorises every configuration that leads over this connection, which ends. */
export async function clearConnection(
  tx: CoreTransaction,
  connectionId: string,
  { updatedAt, updatedBy }: { readonly updatedAt: string; readonly updatedBy: string },
): Promise<void> {
  await tx
    .updateTable("integration_configurations")
    .set({
      connection_id: null,
      version: sql`version + 1`,
      updated_at: updatedAt,
      updated_by: updatedBy,
    })
    .where("connection_id", "=", connectionId)
    .execute();
}

/** Which configurations lead over these connections: connection id to ids, in order of creation. */
export async function findUses(
  db: CoreDb,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (connectionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("integration_configurations")
    .select(["connection_id", sql<string[]>`array_agg(id::text order by position)`.as("ids")])
    .where("connection_id", "=", sql<string>`any(${connectionIds}::uuid[])`)
    .where("archived_at", "is", null)
    .groupBy("connection_id")
    .execute();
  return new Map(rows.map(({ connection_id: id, ids }) => [String(id), ids]));
}

/** The first configurations that name this user, oldest first. */
export async function listConfigurationsOfUser(
  db: CoreDb,
  environmentId: string,
  userId: string,
  limit: number,
): Promise<IntegrationConfiguration[]> {
  const rows = await ofEnvironment(db, environmentId)
    .where(
      sql<boolean>`options -> 'disabledNotificationUserIds' @> ${JSON.stringify([userId])}::jsonb`,
    )
    .orderBy("position")
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}
