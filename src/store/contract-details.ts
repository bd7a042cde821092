import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** What the integrations surface keeps of a contract. */
export interface ContractDetails {
  readonly purchaseOrderNumber: string | null;
  readonly version: number;
  /** null: nothing was ever written. */
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
}

/** Of a contract that nobody gave details. */
export const NO_CONTRACT_DETAILS: ContractDetails = {
  purchaseOrderNumber: null,
  version: 1,
  updatedAt: null,
  updatedBy: null,
};

/** The details of contracts by their id; one without a row has none in the map. */
export async function listContractDetails(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, ContractDetails>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("contract_details")
    .selectAll()
    .where("contract_id", "=", sql<string>`any(${contractIds}::uuid[])`)
    .execute();
  return new Map(
    rows.map((row) => [
      row.contract_id,
      {
        purchaseOrderNumber: row.purchase_order_number,
        version: row.version,
        updatedAt: row.updated_at,
        updatedBy: row.updated_by,
      },
    ]),
  );
}

/** Replaces a contract's details. */
export async function writeContractDetails(
  tx: CoreTransaction,
  contractId: string,
  details: ContractDetails & { readonly updatedAt: string; readonly updatedBy: string },
): Promise<void> {
  const columns = {
    purchase_order_number: details.purchaseOrderNumber,
    version: details.version,
    updated_at: details.updatedAt,
    updated_by: details.updatedBy,
  };
  await tx
    .insertInto("contract_details")
    .values({ contract_id: contractId, ...columns })
    .onConflict((clash) => clash.column("contract_id").doUpdateSet(columns))
    .execute();
}
