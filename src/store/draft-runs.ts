import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { RunStatus } from "./integration-run.ts";

/** A document that stands at a provider for a draft of ours. */
export interface DraftDocument {
  readonly runId: string;
  readonly version: number;
  readonly provider: string;
  readonly connectionId: string;
  /** The rule that sent it; null: it was deleted from the run. */
  readonly configurationId: string | null;
  readonly externalId: string;
}

/** As a draft document, with the invoice that it is of. */
export interface InvoiceDraft extends DraftDocument {
  readonly invoiceId: string;
}

const DELETED = "DELETED";

/** What stands at providers for the draft of an invoice: the newest document at each account. */
export async function listDraftDocuments(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<InvoiceDraft[]> {
  if (invoiceIds.length === 0) return [];
  const rows = await db
    .selectFrom("integration_runs")
    .distinctOn(["invoice_id", "connection_id"])
    .select([
      "id",
      "invoice_id",
      "invoice_version",
      "provider",
      "connection_id",
      "configuration_id",
      "external_id",
      "external_status",
    ])
    .where("invoice_id", "in", [...invoiceIds])
    .where("is_draft", "=", true)
    .where("external_id", "is not", null)
    .orderBy("invoice_id")
    .orderBy("connection_id")
    .orderBy("invoice_version", "desc")
    .execute();
  return rows.flatMap((row) =>
    row.external_id === null || row.connection_id === null || row.external_status === DELETED
      ? []
      : [
          {
            invoiceId: row.invoice_id,
            runId: row.id,
            version: row.invoice_version,
            provider: row.provider,
            connectionId: row.connection_id,
            configurationId: row.configuration_id,
            externalId: row.external_id,
          },
        ],
  );
}

/** The version under which the final invoice goes out: after those of its drafts. */
export async function findFinalVersion(db: CoreDb, invoiceId: string): Promise<number> {
  const { last } = await db
    .selectFrom("integration_runs")
    .select((eb) => eb.fn.max("invoice_version").as("last"))
    .where("invoice_id", "=", invoiceId)
    .where("is_draft", "=", true)
    .executeTakeFirstOrThrow();
  return Number(last ?? 0) + 1;
}

/** Whether a newer version of the invoice goes over the same account. */
export async function isSuperseded(
  db: CoreDb,
  run: {
    readonly invoiceId: string;
    readonly invoiceVersion: number;
    readonly connectionId: string | null;
  },
): Promise<boolean> {
  const newer = await db
    .selectFrom("integration_runs")
    .select("id")
    .where("invoice_id", "=", run.invoiceId)
    .where("invoice_version", ">", run.invoiceVersion)
    .where("connection_id", "=", run.connectionId)
    .limit(1)
    .executeTakeFirst();
  return newer !== undefined;
}

/** What stands at providers for the drafts that a contract has now. */
export async function listDraftDocumentsOf(
  tx: CoreTransaction,
  contractId: string,
): Promise<InvoiceDraft[]> {
  const rows = await tx
    .selectFrom("invoices")
    .innerJoin("integration_runs as run", "run.invoice_id", "invoices.id")
    .select("invoices.id")
    .distinct()
    .where("invoices.contract_id", "=", contractId)
    .where("invoices.status", "=", "DRAFT")
    .where("run.is_draft", "=", true)
    .execute();
  return listDraftDocuments(
    tx,
    rows.map(({ id }) => id),
  );
}

/** Which of these invoices there are. */
export async function listPresent(
  tx: CoreTransaction,
  invoiceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom("invoices")
    .select("id")
    .where("id", "in", [...invoiceIds])
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** The deliveries of a draft that have not begun or not ended. */
export async function listDraftRuns(
  tx: CoreTransaction,
  invoiceId: string,
): Promise<{ readonly id: string; readonly status: RunStatus }[]> {
  return tx
    .selectFrom("integration_runs")
    .select(["id", "status"])
    .where("invoice_id", "=", invoiceId)
    .where("is_draft", "=", true)
    .where("status", "in", ["QUEUED", "RUNNING"])
    .orderBy("position")
    .execute();
}
