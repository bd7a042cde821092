import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { IntegrationRunsTable } from "../db/tables/integration-runs.ts";
import { type RunCondition, type RunWord, runsOfWord } from "../domain/integrations/run-word.ts";
import type { LineShape } from "../domain/integrations/shape-lines.ts";
import { notFound } from "../errors.ts";

export type RunStatus = IntegrationRunsTable["status"];

/** How an invoice reaches a customer at the provider, in the provider's own words. */
export interface RunRoute {
  /** The billing configuration or the integration configuration that sends it. */
  readonly configurationId: string;
  /** Of an integration configuration: empty until the payer is known. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of an integration configuration: which lines are sent, as it was when the payer was found. */
  readonly shape?: LineShape;
  /** Why nothing is sent, decided before anything was. */
  readonly refusal?: { readonly code: string; readonly message: string };
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
  /** The integration configuration that sends it; null: a billing configuration does. */
  readonly configurationId: string | null;
  /** It sends what the invoice was while it was a draft: a calculation's version of it. */
  readonly isDraft: boolean;
  /** Another run delivers the same invoice to the same account: this one is skipped. */
  readonly duplicateOfRunId: string | null;
  /** Between two attempts: what the next one waits for. */
  readonly waitsFor: "retry" | "rate_limit" | null;
  /** Exact decimal text in the wire's unit: what the invoice comes to, and the part that is sent. */
  readonly billTotal: string | null;
  readonly sentTotal: string | null;
  readonly startedAt: string | null;
  readonly concludedAt: string | null;
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
  configurationId: row.configuration_id,
  isDraft: row.is_draft,
  duplicateOfRunId: row.duplicate_of_run_id,
  waitsFor: row.waits_for,
  billTotal: row.bill_total,
  sentTotal: row.sent_total,
  startedAt: row.started_at,
  concludedAt: row.concluded_at,
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
  /** The integration configuration that sends it, if one does. */
  readonly configurationId?: string;
  readonly isDraft?: boolean;
  /** What an earlier version of the invoice left at the provider: it is brought up to this one. */
  readonly externalId?: string | undefined;
  /** The run that delivers the invoice to this account already: the new one is skipped, with this reason. */
  readonly duplicateOf?: { readonly runId: string; readonly reason: string } | undefined;
  readonly createdAt: string;
}

/**
 * Adds a run, or answers undefined when this version already has one over this connection, or of this
 * integration configuration.
 */
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
      ...stateOf(run),
      configuration_id: run.configurationId ?? null,
      is_draft: run.isDraft ?? false,
      external_id: run.externalId ?? null,
      created_at: run.createdAt,
      updated_at: run.createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

const stateOf = ({ duplicateOf, createdAt }: NewRun) =>
  duplicateOf === undefined
    ? ({ status: "QUEUED", external_status: "QUEUED" } as const)
    : ({
        status: "SKIPPED",
        external_status: "SKIPPED",
        duplicate_of_run_id: duplicateOf.runId,
        error_code: DUPLICATE_ROUTE,
        error_message: duplicateOf.reason,
        concluded_at: createdAt,
      } as const);

/** Why a run is skipped that another one of the same invoice makes needless. */
export const DUPLICATE_ROUTE = "duplicate_route";

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
      .orderBy("invoice_version", "desc")
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
    .where("duplicate_of_run_id", "is", null)
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
  readonly configurationId?: string | undefined;
  readonly provider?: string | undefined;
  /** As the integrations API calls it. */
  readonly word?: RunWord | undefined;
  /** Created at or after, and before. */
  readonly from?: string | undefined;
  readonly before?: string | undefined;
  readonly newestFirst?: boolean | undefined;
  /** Position after which to go on, in the order of the list. */
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Runs of an environment, oldest first; reads one row more than asked, to tell whether more follow. */
export async function listRuns(
  db: CoreDb,
  environmentId: string,
  filter: RunFilter,
): Promise<IntegrationRun[]> {
  const { after, newestFirst = false } = filter;
  const equal = Object.entries({
    status: filter.status,
    invoice_id: filter.invoiceId,
    connection_id: filter.connectionId,
    configuration_id: filter.configurationId,
    provider: filter.provider,
  }).filter(([, value]) => value !== undefined);
  let query = db
    .selectFrom("integration_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where((eb) => eb.and(Object.fromEntries(equal)))
    .orderBy("position", newestFirst ? "desc" : "asc")
    .limit(filter.limit + 1);
  if (after !== undefined) {
    query = query.where("position", newestFirst ? "<" : ">", after as never);
  }
  if (filter.from !== undefined) query = query.where("created_at", ">=", filter.from);
  if (filter.before !== undefined) query = query.where("created_at", "<", filter.before);
  if (filter.word !== undefined) query = query.where(hasWord(runsOfWord(filter.word)));
  return (await query.execute()).map(fromRow);
}

const hasWord = ({ statuses, waitsFor, codes, otherCodesThan }: RunCondition) => {
  const code = sql`coalesce(error_code, '')`;
  return sql<boolean>`status = any(${statuses}::text[])
    and (${waitsFor === undefined} or waits_for is not distinct from ${waitsFor ?? null}::text)
    and (${codes === undefined} or ${code} = any(${codes ?? []}::text[]))
    and ${code} <> all(${otherCodesThan ?? []}::text[])`;
};

/** The newest run of each of these invoices that has one. */
export async function listLatestRuns(
  db: CoreDb,
  environmentId: string,
  invoiceIds: readonly string[],
): Promise<IntegrationRun[]> {
  const rows = await db
    .selectFrom("integration_runs")
    .distinctOn("invoice_id")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .orderBy("invoice_id")
    .orderBy("position", "desc")
    .execute();
  return rows.map(fromRow);
}

/** Every run that delivers a final invoice, in the order of its routes; without those that only repeat another. */
export async function listDeliveriesOfInvoice(
  db: CoreDb,
  invoiceId: string,
): Promise<IntegrationRun[]> {
  const rows = await db
    .selectFrom("integration_runs")
    .selectAll()
    .where("invoice_id", "=", invoiceId)
    .where("duplicate_of_run_id", "is", null)
    .where("is_draft", "=", false)
    .orderBy("position")
    .execute();
  return rows.map(fromRow);
}

/** The run that delivers this version of the invoice over this connection, or undefined. */
export async function findDeliveryOver(
  db: CoreDb,
  { invoiceId, invoiceVersion }: Pick<IntegrationRun, "invoiceId" | "invoiceVersion">,
  connectionId: string,
): Promise<IntegrationRun | undefined> {
  const row = await db
    .selectFrom("integration_runs")
    .selectAll()
    .where("invoice_id", "=", invoiceId)
    .where("invoice_version", "=", invoiceVersion)
    .where("connection_id", "=", connectionId)
    .where("duplicate_of_run_id", "is", null)
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
