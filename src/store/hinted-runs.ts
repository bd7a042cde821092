import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { RunStatus } from "./integration-run.ts";

export interface HintedDocument {
  readonly connectionId: string;
  readonly externalId: string | undefined;
  readonly invoiceId: string | undefined;
}

/** What is known of the run of a document. */
export interface HintedRun {
  readonly status: RunStatus;
  /** A look at this very document found it. */
  readonly externalStatus: string | null;
  /** A worker delivers it at this moment. */
  readonly isBeingDelivered: boolean;
}

/** The runs of these documents of an environment, by the position of the document; those without a run are left out. */
export async function findHintedRuns(
  db: CoreDb,
  clock: ClockName,
  documents: readonly HintedDocument[],
): Promise<ReadonlyMap<number, HintedRun>> {
  const { rows } = await sql<{
    position: bigint;
    status: RunStatus;
    external_status: string | null;
    is_delivered: boolean;
  }>`
    select asked.position, run.status,
      case when run.external_id = asked.external_id then run.external_status end as external_status,
      exists (select 1 from core_jobs job where job.clock = ${clock} and job.kind = 'deliver-invoice'
        and job.key = run.id::text and job.lease_until >= clock_timestamp()) as is_delivered
    from unnest(${documents.map(({ connectionId }) => connectionId)}::uuid[],
        ${documents.map(({ externalId }) => externalId ?? null)}::text[],
        ${documents.map(({ invoiceId }) => invoiceId ?? null)}::text[])
      with ordinality as asked (connection_id, external_id, invoice_id, position)
    cross join lateral (
      (select * from integration_runs by_id
        where by_id.connection_id = asked.connection_id and by_id.external_id = asked.external_id
        order by by_id.invoice_version desc limit 1)
      union all
      select * from integration_runs by_invoice
        where by_invoice.connection_id = asked.connection_id and by_invoice.external_id is null
          and by_invoice.invoice_id::text = asked.invoice_id
      limit 1) run`.execute(db);
  return new Map(
    rows.map((row) => [
      Number(row.position) - 1,
      {
        status: row.status,
        externalStatus: row.external_status,
        isBeingDelivered: row.is_delivered,
      },
    ]),
  );
}
