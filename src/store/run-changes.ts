import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { IntegrationRun, RunRoute, RunStatus } from "./integration-run.ts";

export interface RunChanges {
  readonly status?: RunStatus;
  readonly route?: RunRoute;
  readonly connectionId?: string;
  readonly duplicateOfRunId?: string;
  readonly waitsFor?: IntegrationRun["waitsFor"];
  readonly billTotal?: string;
  readonly sentTotal?: string;
  readonly startedAt?: string;
  /** null: it is under way again. */
  readonly concludedAt?: string | null;
  /** null: what stood at the provider is gone. */
  readonly externalId?: string | null;
  readonly externalStatus?: string | null;
  readonly deliveredAt?: string;
  /** null clears what an earlier attempt left. */
  readonly error?: { readonly code: string; readonly message: string } | null;
  readonly attempts?: number;
  /** null: it waits for nobody any more. */
  readonly waiting?: { readonly since: string; readonly reason: string } | null;
  /** null: nobody waits for a write-back any more. */
  readonly writeBackDueAt?: string | null;
  readonly externalObservedAt?: string;
  readonly updatedAt: string;
}

/** Changes the given facts and leaves the others. */
export async function updateRun(db: CoreDb, id: string, changes: RunChanges): Promise<void> {
  const { route, error, waiting } = changes;
  const set = Object.entries({
    updated_at: changes.updatedAt,
    status: changes.status,
    route: route === undefined ? undefined : JSON.stringify(route),
    connection_id: changes.connectionId,
    duplicate_of_run_id: changes.duplicateOfRunId,
    waits_for: changes.waitsFor,
    waiting_since: waiting === null ? null : waiting?.since,
    waiting_for: waiting === null ? null : waiting?.reason,
    write_back_due_at: changes.writeBackDueAt,
    external_observed_at: changes.externalObservedAt,
    bill_total: changes.billTotal,
    sent_total: changes.sentTotal,
    started_at: changes.startedAt,
    concluded_at: changes.concludedAt,
    external_id: changes.externalId,
    external_status: changes.externalStatus,
    delivered_at: changes.deliveredAt,
    attempts: changes.attempts,
    error_code: error === null ? null : error?.code,
    error_message: error === null ? null : error?.message,
  }).filter(([, value]) => value !== undefined);
  await db
    .updateTable("integration_runs")
    .set(Object.fromEntries(set))
    .where("id", "=", id)
    .execute();
}

/**
 * Takes over what a look at the provider found. `observedAt` is when the look began, on the real
 * clock: an older look never overwrites a newer one, whatever order they arrive in. A draft (status
 * null) is news only of a delivery that ended there: before, and after a refusal, ours stands.
 */
export async function updateRunObservation(
  db: CoreDb,
  id: string,
  seen: {
    readonly externalId: string;
    readonly status: string | null;
    readonly details: Readonly<Record<string, unknown>>;
    readonly observedAt: string;
    readonly updatedAt: string;
  },
): Promise<void> {
  await db
    .updateTable("integration_runs")
    .set({
      external_id: seen.externalId,
      external_status:
        seen.status ?? sql<string>`case when status <> 'SENT' then external_status end`,
      external_details: JSON.stringify(seen.details),
      external_observed_at: seen.observedAt,
      updated_at: seen.updatedAt,
    })
    .where("id", "=", id)
    .where((eb) =>
      eb.or([
        eb("external_observed_at", "is", null),
        eb("external_observed_at", "<=", seen.observedAt),
      ]),
    )
    .execute();
}
