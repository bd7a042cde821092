import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** Where an invoice went: what the first of its runs knows of the provider's document. */
export interface ExternalInvoice {
  readonly provider: string;
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly errorMessage: string | null;
}

/** The external invoice of each of these invoices that has one, by invoice id. */
export async function listExternalInvoices(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, ExternalInvoice>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("integration_runs")
    .distinctOn("invoice_id")
    .select([
      "invoice_id",
      "provider",
      "external_id",
      "external_status",
      "external_details",
      "error_message",
    ])
    .where("invoice_id", "=", sql<string>`any(${invoiceIds}::uuid[])`)
    .where("duplicate_of_run_id", "is", null)
    .orderBy("invoice_id")
    // A route that is switched off says least of where the invoice went.
    .orderBy((eb) => eb("error_code", "is not distinct from", "integration_disabled"))
    .orderBy("invoice_version", "desc")
    .orderBy("position")
    .execute();
  return new Map(
    rows.map((row) => [
      row.invoice_id,
      {
        provider: row.provider,
        externalId: row.external_id,
        externalStatus: row.external_status,
        details: row.external_details,
        errorMessage: row.error_message,
      },
    ]),
  );
}
