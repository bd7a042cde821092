import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { IntegrationRunsTable } from "../db/tables/integration-runs.ts";
import { notFound } from "../errors.ts";

export type RunStatus = IntegrationRunsTable["status"];

/** How an invoice reaches a customer at the provider: the billing configuration's own words. */
export interface RunRoute {
  readonly configurationId: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The delivery of one version of an invoice over one connection. */
export interface IntegrationRun {
  readonly id: string;
  readonly environmentId: string;
  readonly invoiceId: string;
  readonly invoiceVersion: number;
  /** null: there was no connection to deliver over. */
  readonly connectionId: string | null;
  readonly provider: string;
  readonly route: RunRoute;
  readonly status: RunStatus;
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  readonly externalDetails: Readonly<Record<string, unknown>>;
  readonly deliveredAt: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly attempts: number;
  /** Since when, by the environment's clock, it waits for somebody at the provider; null: it does not. */
  readonly waitingSince: string | null;
  readonly waitingFor: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly position: bigint;
}

const fromRow = (row: Selectable<IntegrationRunsTable>): IntegrationRun => ({
  id: row.id,
  environmentId: row.environment_id,
  invoiceId: row.invoice_id,
  invoiceVersion: row.invoice_version,
  connectionId: row.connection_id,
  provider: row.provider,
  route: row.route as unknown as RunRoute,
  status: row.status,
  externalId: row.external_id,
  externalStatus: row.external_status,
  externalDetails: row.external_details,
  deliveredAt: row.delivered_at,
  errorCode: row.error_code,
  errorMessage: row.error_message,
  attempts: row.attempts,
  waitingSince: row.waiting_since,
  waitingFor: row.waiting_for,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  position: row.position,
});

export interface NewRun {
  readonly environmentId: string;
  readonly invoiceId: string;
  readonly invoiceVersion: number;
  readonly connectionId: string | null;
  readonly provider: string;
  readonly route: RunRoute;
  readonly createdAt: string;
}

/** Adds a run, or answers undefined when this version already has one over this connection. */
export async function insertRun(
  tx: CoreTransaction,
  run: NewRun,
): Promise<IntegrationRun | undefined> {
  const row = await tx
    .insertInto("integration_runs")
    .values({
      environment_id: run.environmentId,
      invoice_id: run.invoiceId,
      invoice_version: run.invoiceVersion,
      connection_id: run.connectionId,
      provider: run.provider,
      route: JSON.stringify(run.route),
      status: "QUEUED",
      external_status: "QUEUED",
      created_at: run.createdAt,
      updated_at: run.createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** A run of the environment, or undefined. */
export async function findRun(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<IntegrationRun | undefined> {
  const row = await db
    .selectFrom("integration_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** As findRun. Throws AppError (not_found). */
export async function getRun(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<IntegrationRun> {
  const run = await findRun(db, environmentId, id);
  if (run === undefined) throw notFound("run", id);
  return run;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids of those documents that a run of their connection has made. */
export async function listKnownDocuments(
  db: CoreDb,
  documents: readonly { readonly connectionId: string; readonly externalId: string }[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ external_id: string }>`
    select run.external_id from integration_runs run
    join unnest(${documents.map(({ connectionId }) => connectionId)}::uuid[],
      ${documents.map(({ externalId }) => externalId)}::text[]) as asked (connection_id, external_id)
      on run.connection_id = asked.connection_id and run.external_id = asked.external_id`.execute(
    db,
  );
  return new Set(rows.map((row) => row.external_id));
}

/**
 * The run that a provider's document belongs to: by the provider's id, else by our invoice's id that
 * the document carries, as long as the run knows no document yet. A copy that somebody made of our
 * document at the provider carries the id as well, and is not ours.
 */
export async function findRunOfDocument(
  db: CoreDb,
  connectionId: string,
  document: { readonly externalId: string | undefined; readonly invoiceId: string | undefined },
): Promise<IntegrationRun | undefined> {
  const { externalId, invoiceId } = document;
  if (externalId !== undefined) {
    const row = await db
      .selectFrom("integration_runs")
      .selectAll()
      .where("connection_id", "=", connectionId)
      .where("external_id", "=", externalId)
      .executeTakeFirst();
    if (row !== undefined) return fromRow(row);
  }
  if (invoiceId === undefined || !UUID.test(invoiceId)) return undefined;
  const row = await db
    .selectFrom("integration_runs")
    .selectAll()
    .where("connection_id", "=", connectionId)
    .where("invoice_id", "=", invoiceId)
    .where("external_id", "is", null)
    .orderBy("invoice_version", "desc")
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Whether an invoice with this id, of whatever form, has a run over the connection. */
export async function hasRunOfInvoice(
  db: CoreDb,
  connectionId: string,
  invoiceId: string,
): Promise<boolean> {
  // What is no id of ours never gets a run: there is nothing to come.
  if (!UUID.test(invoiceId)) return true;
  const row = await db
    .selectFrom("integration_runs")
    .select("id")
    .where("connection_id", "=", connectionId)
    .where("invoice_id", "=", invoiceId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly invoiceId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Runs of an environment, oldest first; reads one row more than asked, to tell whether more follow. */
export async function listRuns(
  db: CoreDb,
  environmentId: string,
  filter: RunFilter,
): Promise<IntegrationRun[]> {
  let query = db
    .selectFrom("integration_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("position")
    .limit(filter.limit + 1);
  if (filter.after !== undefined) query = query.where("position", ">", filter.after as never);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.invoiceId !== undefined) query = query.where("invoice_id", "=", filter.invoiceId);
  if (filter.connectionId !== undefined) {
    query = query.where("connection_id", "=", filter.connectionId);
  }
  return (await query.execute()).map(fromRow);
}

/** The first run of an invoice, or undefined. */
export async function findRunOfInvoice(
  db: CoreDb,
  invoiceId: string,
): Promise<IntegrationRun | undefined> {
  const row = await db
    .selectFrom("integration_runs")
    .selectAll()
    .where("invoice_id", "=", invoiceId)
    .orderBy("position")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Holds a run until the transaction ends and answers it as it is now. */
export async function lockRun(tx: CoreTransaction, id: string): Promise<IntegrationRun> {
  const row = await tx
    .selectFrom("integration_runs")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

export interface RunChanges {
  readonly status?: RunStatus;
  readonly route?: RunRoute;
  readonly connectionId?: string;
  /** null: what stood at the provider is gone. */
  readonly externalId?: string | null;
  readonly externalStatus?: string | null;
  readonly deliveredAt?: string;
  /** null clears what an earlier attempt left. */
  readonly error?: { readonly code: string; readonly message: string } | null;
  readonly attempts?: number;
  /** null: it waits for nobody any more. */
  readonly waiting?: { readonly since: string; readonly reason: string } | null;
  readonly updatedAt: string;
}

/** Changes the given facts and leaves the others. */
export async function updateRun(db: CoreDb, id: string, changes: RunChanges): Promise<void> {
  const { status, route, connectionId, externalId, externalStatus, deliveredAt, error, attempts } =
    changes;
  const { waiting } = changes;
  await db
    .updateTable("integration_runs")
    .set({
      updated_at: changes.updatedAt,
      ...(status === undefined ? {} : { status }),
      ...(route === undefined ? {} : { route: JSON.stringify(route) }),
      ...(connectionId === undefined ? {} : { connection_id: connectionId }),
      ...(externalId === undefined ? {} : { external_id: externalId }),
      ...(externalStatus === undefined ? {} : { external_status: externalStatus }),
      ...(deliveredAt === undefined ? {} : { delivered_at: deliveredAt }),
      ...(attempts === undefined ? {} : { attempts }),
      ...(waiting === undefined
        ? {}
        : { waiting_since: waiting?.since ?? null, waiting_for: waiting?.reason ?? null }),
      ...(error === undefined
        ? {}
        : { error_code: error?.code ?? null, error_message: error?.message ?? null }),
    })
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
