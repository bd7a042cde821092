import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { AlertsTable } from "../db/tables/alerts.ts";
import type { Alert } from "../domain/alerts/alert.ts";
import { dec, toText } from "../domain/decimal.ts";
import { conflict, notFound } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

const fromRow = (row: Selectable<AlertsTable>): Alert => ({
  id: row.id,
  environmentId: row.environment_id,
  type: row.type,
  name: row.name,
  threshold: dec(row.threshold),
  customerId: row.customer_id,
  creditTypeId: row.credit_type_id,
  metricId: row.metric_id,
  customFieldFilters: row.custom_field_filters,
  groupValues: row.group_values,
  invoiceTypes: row.invoice_types,
  seatFilter: row.seat_filter,
  uniquenessKey: row.uniqueness_key,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  position: row.position,
});

export type NewAlert = Omit<Alert, "id" | "archivedAt" | "position"> & {
  readonly createdBy: string;
};

/** Adds an alert and returns its id. Throws conflict on a used key. */
export async function insertAlert(tx: CoreTransaction, alert: NewAlert): Promise<string> {
  const { invoiceTypes, seatFilter } = alert;
  const { id } = await tx
    .insertInto("alerts")
    .values({
      environment_id: alert.environmentId,
      type: alert.type,
      name: alert.name,
      threshold: toText(alert.threshold),
      customer_id: alert.customerId,
      credit_type_id: alert.creditTypeId,
      metric_id: alert.metricId,
      custom_field_filters: JSON.stringify(alert.customFieldFilters),
      group_values: JSON.stringify(alert.groupValues),
      invoice_types: invoiceTypes && JSON.stringify(invoiceTypes),
      seat_filter: seatFilter && JSON.stringify(seatFilter),
      uniqueness_key: alert.uniquenessKey,
      created_at: alert.createdAt,
      created_by: alert.createdBy,
      archived_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (violatedConstraint(error) !== "alerts_uniqueness_key") throw error;
      throw conflict("This uniqueness key has already been used.", "uniqueness_key_used");
    });
  return id;
}

/** The environment's alert of that id, archived or not. Throws not found. */
export async function getAlert(db: CoreDb, environmentId: string, id: string): Promise<Alert> {
  const row = await db
    .selectFrom("alerts")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("alert", id);
  return fromRow(row);
}

export interface AlertFilter {
  readonly environmentId: string;
  readonly customerId: string;
  readonly enabled: boolean;
  readonly archived: boolean;
  readonly after?: bigint | undefined;
  readonly limit?: number;
}

/** The alerts that watch a customer, oldest first. */
export async function listAlertsOf(db: CoreDb, filter: AlertFilter): Promise<Alert[]> {
  const { enabled, archived, after, limit } = filter;
  const rows = await db
    .selectFrom("alerts")
    .selectAll()
    .where("environment_id", "=", filter.environmentId)
    .where((eb) =>
      eb.or([eb("customer_id", "is", null), eb("customer_id", "=", filter.customerId)]),
    )
    .$if(!enabled, (query) => query.where("archived_at", "is not", null))
    .$if(!archived, (query) => query.where("archived_at", "is", null))
    .$if(after !== undefined, (query) => query.where("position", ">", after ?? 0n))
    .orderBy("position")
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  return rows.map(fromRow);
}

/** Archives an alert, one that is archived keeps its time; and frees its key where that is asked. */
export async function archiveAlert(
  tx: CoreTransaction,
  id: string,
  { at, releasesKey }: { readonly at: string; readonly releasesKey: boolean },
): Promise<void> {
  await tx
    .updateTable("alerts")
    .set({
      archived_at: sql`coalesce(archived_at, ${at}::timestamptz)`,
      ...(releasesKey ? { uniqueness_key: null } : {}),
    })
    .where("id", "=", id)
    .execute();
}
