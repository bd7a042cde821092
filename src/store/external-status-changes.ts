import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** A document at a provider came to another status. */
export interface ExternalStatusChange {
  /** null: it is a draft there. */
  readonly status: string | null;
  /** When it was written down, by the environment's clock. */
  readonly changedAt: string;
  /** When the look at the provider began, on the real clock. */
  readonly observedAt: string;
  /** SHA-256 over what the provider's document said. */
  readonly detailsHash: string;
  /** The provider's event that led to the look; null: none did. */
  readonly sourceEventId: string | null;
}

/** Adds a change to the history of a run. */
export async function insertStatusChange(
  tx: CoreTransaction,
  runId: string,
  change: ExternalStatusChange,
): Promise<void> {
  await tx
    .insertInto("external_status_changes")
    .values({
      run_id: runId,
      status: change.status,
      changed_at: change.changedAt,
      observed_at: change.observedAt,
      details_hash: change.detailsHash,
      source_event_id: change.sourceEventId,
    })
    .execute();
}

/** More changes than any document has; what comes after is left out. */
const MAX_CHANGES = 500;

/** The history of a run, oldest first. */
export async function listStatusChanges(
  db: CoreDb,
  runId: string,
): Promise<ExternalStatusChange[]> {
  const rows = await db
    .selectFrom("external_status_changes")
    .selectAll()
    .where("run_id", "=", runId)
    .orderBy("position")
    .limit(MAX_CHANGES)
    .execute();
  return rows.map((row) => ({
    status: row.status,
    changedAt: row.changed_at,
    observedAt: row.observed_at,
    detailsHash: row.details_hash,
    sourceEventId: row.source_event_id,
  }));
}
