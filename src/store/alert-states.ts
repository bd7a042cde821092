import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { AlertTrigger } from "../db/tables/alerts.ts";
import type { AlertState } from "../domain/alerts/decide-crossings.ts";

/** A state as it is stored. */
export interface StoredAlertState extends AlertState {
  readonly alertId: string;
  /** What led to the alarm; null while there is none. */
  readonly triggeredBy: AlertTrigger | null;
  readonly changedAt: string;
}

/** Where a customer stands with these alerts. */
export async function listAlertStates(
  db: CoreDb,
  customerId: string,
  alertIds: readonly string[],
): Promise<StoredAlertState[]> {
  if (alertIds.length === 0) return [];
  const rows = await db
    .selectFrom("alert_states")
    .selectAll()
    .where("customer_id", "=", customerId)
    .where("alert_id", "in", [...alertIds])
    .orderBy("subject")
    .execute();
  return rows.map((row) => ({
    alertId: row.alert_id,
    subject: row.subject,
    status: row.status,
    crossings: row.crossings,
    isQuiet: row.is_quiet,
    triggeredBy: row.triggered_by,
    changedAt: row.changed_at,
  }));
}

/** Keeps states that are new or different, each with the instant of its change. */
export async function upsertAlertStates(
  tx: CoreTransaction,
  customerId: string,
  states: readonly StoredAlertState[],
): Promise<void> {
  if (states.length === 0) return;
  const of = <Value>(value: (state: StoredAlertState) => Value): Value[] => states.map(value);
  await sql`insert into alert_states as state
      (alert_id, customer_id, subject, status, crossings, is_quiet, triggered_by, changed_at)
    select alert_id, ${customerId}::uuid, subject, status, crossings, is_quiet, triggered_by, changed_at
    from unnest(${of(({ alertId }) => alertId)}::uuid[], ${of(({ subject }) => subject)}::text[],
      ${of(({ status }) => status)}::text[], ${of(({ crossings }) => crossings)}::int[],
      ${of(({ isQuiet }) => isQuiet)}::boolean[], ${of(({ triggeredBy }) => triggeredBy)}::text[],
      ${of(({ changedAt }) => changedAt)}::timestamptz[])
      as changed (alert_id, subject, status, crossings, is_quiet, triggered_by, changed_at)
    on conflict (alert_id, customer_id, subject) do update set
      status = excluded.status, crossings = excluded.crossings, is_quiet = excluded.is_quiet,
      triggered_by = excluded.triggered_by, changed_at = excluded.changed_at`.execute(tx);
}

/** What these customers reach at the first look at the alert is not told. */
export async function insertQuietStates(
  tx: CoreTransaction,
  alertId: string,
  customerIds: readonly string[],
  at: string,
): Promise<void> {
  await sql`insert into alert_states (alert_id, customer_id, subject, status, is_quiet, changed_at)
    select ${alertId}::uuid, customer_id, '', 'evaluating', true, ${at}::timestamptz
    from unnest(${customerIds}::uuid[]) as watched (customer_id)`.execute(tx);
}

/** Forgets where a customer stands with an alert; how often it was told stays. */
export async function resetAlertStates(
  tx: CoreTransaction,
  { alertId, customerId, at }: { alertId: string; customerId: string; at: string },
): Promise<void> {
  await tx
    .updateTable("alert_states")
    .set({ status: "evaluating", is_quiet: false, triggered_by: null, changed_at: at })
    .where("alert_id", "=", alertId)
    .where("customer_id", "=", customerId)
    .execute();
}
