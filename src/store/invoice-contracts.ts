import type { CoreDb } from "../db/database.ts";

/** What invoices need to know of the contract they belong to. */
export interface InvoicingParties {
  readonly contractId: string;
  readonly customerId: string;
  readonly netPaymentTermsDays: number | null;
  readonly archivedAt: string | null;
}

/** The contract's customer and payment terms, or undefined outside this environment. */
export async function findInvoicingParties(
  db: CoreDb,
  environmentId: string,
  contractId: string,
): Promise<InvoicingParties | undefined> {
  return (await listInvoicingParties(db, environmentId, [contractId])).get(contractId);
}

/** As findInvoicingParties for several contracts, by id. */
export async function listInvoicingParties(
  db: CoreDb,
  environmentId: string,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, InvoicingParties>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("contracts")
    .select(["id", "customer_id", "net_payment_terms_days", "archived_at"])
    .where("environment_id", "=", environmentId)
    .where("id", "in", [...contractIds])
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        contractId: row.id,
        customerId: row.customer_id,
        netPaymentTermsDays: row.net_payment_terms_days,
        archivedAt: row.archived_at,
      },
    ]),
  );
}

/** The end of a contract as it is in force; null: it has none. */
export async function findContractEnd(db: CoreDb, contractId: string): Promise<string | null> {
  const row = await db
    .selectFrom("contracts")
    .select("ending_before")
    .where("id", "=", contractId)
    .executeTakeFirst();
  return row?.ending_before ?? null;
}
