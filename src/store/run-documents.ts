import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { fromRunRow, type IntegrationRun } from "./integration-run.ts";

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
    if (row !== undefined) return fromRunRow(row);
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
  return row === undefined ? undefined : fromRunRow(row);
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
