import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { IntegrationEventsTable } from "../db/tables/integrations.ts";
import { notFound } from "../errors.ts";

/** What went wrong with an integration, until somebody has dealt with it. */
export interface IntegrationEvent {
  readonly id: string;
  readonly name: string;
  readonly eventAt: string;
  readonly customerId: string | null;
  readonly configurationId: string | null;
  readonly runId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly actionedAt: string | null;
  readonly actionedBy: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<IntegrationEventsTable>): IntegrationEvent => ({
  id: row.id,
  name: row.event_name,
  eventAt: row.event_at,
  customerId: row.customer_id,
  configurationId: row.configuration_id,
  runId: row.run_id,
  body: row.body,
  actionedAt: row.actioned_at,
  actionedBy: row.actioned_by,
  position: row.position,
});

/** Adds an event; the same fact once more is no news. */
export async function insertIntegrationEvent(
  tx: CoreTransaction,
  environmentId: string,
  event: Omit<IntegrationEvent, "actionedAt" | "actionedBy" | "position">,
): Promise<void> {
  await tx
    .insertInto("integration_events")
    .values({
      id: event.id,
      environment_id: environmentId,
      event_name: event.name,
      event_at: event.eventAt,
      customer_id: event.customerId,
      configuration_id: event.configurationId,
      run_id: event.runId,
      body: JSON.stringify(event.body),
      actioned_at: null,
      actioned_by: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export interface EventFilter {
  readonly customerId?: string | undefined;
  /** A run, a configuration, or the bill of a run. */
  readonly resourceId?: string | undefined;
  readonly name?: string | undefined;
  readonly includeActioned?: boolean | undefined;
  /** Events before it have passed away. */
  readonly notBefore: string;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Events, oldest first; one row more than asked, to tell whether more follow. */
export async function listIntegrationEvents(
  db: CoreDb,
  environmentId: string,
  filter: EventFilter,
): Promise<IntegrationEvent[]> {
  const { customerId, resourceId, name, includeActioned = true, after } = filter;
  let query = db
    .selectFrom("integration_events")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("event_at", ">=", filter.notBefore)
    .orderBy("position")
    .limit(filter.limit + 1);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  if (name !== undefined) query = query.where("event_name", "=", name);
  if (!includeActioned) query = query.where("actioned_at", "is", null);
  if (after !== undefined) query = query.where("position", ">", after as never);
  if (resourceId !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb("run_id", "=", resourceId),
        eb("configuration_id", "=", resourceId),
        eb(sql<string>`body->>'billId'`, "=", resourceId),
      ]),
    );
  }
  return (await query.execute()).map(fromRow);
}

/** An event of the environment that has not passed away. Throws not_found. */
export async function getIntegrationEvent(
  db: CoreDb,
  environmentId: string,
  id: string,
  notBefore: string,
): Promise<IntegrationEvent> {
  const row = await db
    .selectFrom("integration_events")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .where("event_at", ">=", notBefore)
    .executeTakeFirst();
  if (row === undefined) throw notFound("event", id);
  return fromRow(row);
}

/** Somebody has dealt with it; the first one is remembered. */
export async function markActioned(
  db: CoreDb,
  id: string,
  { at, by }: { readonly at: string; readonly by: string },
): Promise<void> {
  await db
    .updateTable("integration_events")
    .set({ actioned_at: at, actioned_by: by })
    .where("id", "=", id)
    .where("actioned_at", "is", null)
    .execute();
}
