import { sql } from "kysely";
import type { CoreDb } from "../../db/database.ts";
import type { ClockName } from "../../platform/jobs/job-table.ts";

/** What is wrong with the last export to a destination that ended. */
export interface ExportTrouble {
  readonly destination: string;
  readonly environment: ClockName;
  readonly runId: string;
  /** Of one that failed: what a person can do about it. */
  readonly remedy: string | null;
  readonly message: string | null;
  /** Of one that has not everything: up to when it has. */
  readonly completeUntil: string | null;
}

const MOST = 20;

/**
 * Destinations whose last export failed, or has nothing of what was committed for so many hours before it
 * was asked for, because a transaction was open all that time.
 */
export async function listExportTroubles(db: CoreDb, hours: number): Promise<ExportTrouble[]> {
  const { rows } = await sql<ExportTrouble>`select destination.name as destination,
      environment.name as environment, last.id as "runId", last.remedy, last.error_message as message,
      case when last.status = 'COMPLETED' then last.complete_until end as "completeUntil"
    from export_destinations destination
    join environments environment on environment.id = destination.environment_id
    cross join lateral (select * from export_runs run
      where run.destination_id = destination.id and run.status in ('COMPLETED', 'FAILED')
      order by run.position desc limit 1) last
    where destination.archived_at is null and (last.status = 'FAILED'
      or last.complete_until < last.read_at - make_interval(hours => ${hours}::int))
    order by destination.position limit ${MOST}`.execute(db);
  return rows;
}
