import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

export interface CarrierId {
  readonly connectionId: string;
  readonly externalId: string;
}

/** What a run left at the provider, and the invoice of somebody else that has taken it along. */
export interface CarriedRun {
  readonly connectionId: string;
  readonly carrierId: string;
  readonly externalId: string;
}

/** What these invoices have taken along, as far as earlier looks have found. */
export async function listCarriedRuns(
  db: CoreDb,
  carriers: readonly CarrierId[],
): Promise<CarriedRun[]> {
  const { rows } = await sql<{ connection_id: string; carrier_id: string; external_id: string }>`
    select distinct run.connection_id, asked.carrier_id, run.external_id
    from unnest(${carriers.map(({ connectionId }) => connectionId)}::uuid[],
      ${carriers.map(({ externalId }) => externalId)}::text[]) as asked (connection_id, carrier_id)
    join integration_runs run on run.connection_id = asked.connection_id
      and run.external_details ->> 'external_invoice_id' = asked.carrier_id
    where run.external_id is not null`.execute(db);
  return rows.map((row) => ({
    connectionId: row.connection_id,
    carrierId: row.carrier_id,
    externalId: row.external_id,
  }));
}

/** Which of these connections have something that waits for an invoice of somebody else. */
export async function listConnectionsWithWaiting(
  db: CoreDb,
  connectionIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ connection_id: string }>`
    select distinct connection_id from integration_runs
    where connection_id = any(${connectionIds}::uuid[])
      and status = 'SENT' and external_status is null and external_details = '{}'`.execute(db);
  return new Set(rows.map((row) => row.connection_id));
}
