import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import type { CoreDb, CoreTables } from "../db/database.ts";
import type { IntegrationRunsTable } from "../db/tables/integration-runs.ts";
import type { ReconciliationFilter } from "../db/tables/reconciliations.ts";
import type { StrayRun } from "../domain/reconciliation/stray.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { IntegrationRun } from "./integration-run.ts";
import { getRun } from "./integration-runs.ts";

type RunQuery<Columns> = SelectQueryBuilder<CoreTables, "integration_runs", Columns>;

/** Those of the filter; one that has not arrived counts at the time of its creation. */
function filtered<Columns>(
  query: RunQuery<Columns>,
  { connectionId, provider, startingOn, endingBefore, invoiceIds }: ReconciliationFilter,
): RunQuery<Columns> {
  let found = query
    .where("integration_runs.status", "<>", "SKIPPED")
    .where("integration_runs.is_draft", "=", false);
  if (connectionId !== undefined) found = found.where("connection_id", "=", connectionId);
  if (provider !== undefined) found = found.where("provider", "=", provider);
  const at = sql<string>`coalesce(delivered_at, created_at)`;
  if (startingOn !== undefined) found = found.where(at, ">=", startingOn);
  if (endingBefore !== undefined) found = found.where(at, "<", endingBefore);
  if (invoiceIds !== undefined) {
    found = found.where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`);
  }
  return found;
}

/** How many deliveries there are to compare. */
export async function countReconciledRuns(
  db: CoreDb,
  environmentId: string,
  filter: ReconciliationFilter,
): Promise<number> {
  const query = db
    .selectFrom("integration_runs")
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .where("environment_id", "=", environmentId);
  const row = await filtered(query, filter).executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The next deliveries to compare, in the order of their creation. */
export async function listReconciledRuns(
  db: CoreDb,
  environmentId: string,
  filter: ReconciliationFilter,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<IntegrationRun[]> {
  let query = db
    .selectFrom("integration_runs")
    .select("id")
    .where("environment_id", "=", environmentId)
    .orderBy("position")
    .limit(limit);
  if (after !== undefined) query = query.where("position", ">", after as never);
  const rows = await filtered(query, filter).execute();
  return Promise.all(rows.map(({ id }) => getRun(db, environmentId, id)));
}

/** The earliest creation of a delivery of these invoices, or undefined: no document of them is older. */
export async function findFirstCreation(
  db: CoreDb,
  environmentId: string,
  invoiceIds: readonly string[],
): Promise<string | undefined> {
  const row = await db
    .selectFrom("integration_runs")
    .select("created_at")
    .where("environment_id", "=", environmentId)
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  return row?.created_at;
}

/** Which of these documents a delivery of the environment knows, over whatever connection. */
export async function listOwnDocuments(
  db: CoreDb,
  environmentId: string,
  externalIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("integration_runs")
    .select("external_id")
    .where("connection_id", "in", (eb) =>
      eb.selectFrom("connections").select("id").where("environment_id", "=", environmentId),
    )
    .where("external_id", "=", sql<string>`any(${externalIds}::text[])`)
    .execute();
  return new Set(rows.flatMap((row) => row.external_id ?? []));
}

const toStrayRun = (row: Selectable<IntegrationRunsTable>): StrayRun => ({
  id: row.id,
  connectionId: row.connection_id,
  status: row.status,
  externalId: row.external_id,
  externalStatus: row.external_status,
});

/** Those of these invoices that the environment has, with their deliveries. */
export async function listRunsOfInvoices(
  db: CoreDb,
  environmentId: string,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, StrayRun[]>> {
  const invoices = await db
    .selectFrom("invoices")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .execute();
  const found = new Map<string, StrayRun[]>(invoices.map(({ id }) => [id, []]));
  const runs = await db
    .selectFrom("integration_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .orderBy("position")
    .execute();
  for (const row of runs) found.get(row.invoice_id)?.push(toStrayRun(row));
  return found;
}

/** Whether a worker is going to deliver a run, now or later. */
export async function isDeliveryAwaited(
  db: CoreDb,
  clock: ClockName,
  runId: string,
): Promise<boolean> {
  const { rows } = await sql`select 1 from core_jobs where clock = ${clock}
    and kind = 'deliver-invoice' and key = ${runId} and state = 'ready'`.execute(db);
  return rows.length > 0;
}

/** Whose an invoice is; undefined: the environment does not have it. */
export async function findInvoiceCustomer(
  db: CoreDb,
  environmentId: string,
  invoiceId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("invoices")
    .select("customer_id")
    .where("environment_id", "=", environmentId)
    .where("id", "=", invoiceId)
    .executeTakeFirst();
  return row?.customer_id;
}
