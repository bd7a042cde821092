import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { notFound } from "../errors.ts";
import { fromRunRow, type IntegrationRun, type RunRoute } from "./integration-run.ts";

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
  return row === undefined ? undefined : fromRunRow(row);
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
  return row === undefined ? undefined : fromRunRow(row);
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
  return rows.map(fromRunRow);
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
  return row === undefined ? undefined : fromRunRow(row);
}

/** Holds a run until the transaction ends and answers it as it is now. */
export async function lockRun(tx: CoreTransaction, id: string): Promise<IntegrationRun> {
  const row = await tx
    .selectFrom("integration_runs")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return fromRunRow(row);
}
