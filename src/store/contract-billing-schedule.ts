import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** A billing configuration that a contract took on after it was made. */
export interface LaterConfiguration {
  readonly configurationId: string;
  readonly effectiveAt: string;
}

export async function insertLaterConfiguration(
  tx: CoreTransaction,
  entry: LaterConfiguration & { contractId: string; createdAt: string; createdBy: string },
): Promise<void> {
  await tx
    .insertInto("contract_billing_configurations")
    .values({
      contract_id: entry.contractId,
      configuration_id: entry.configurationId,
      effective_at: entry.effectiveAt,
      created_at: entry.createdAt,
      created_by: entry.createdBy,
    })
    .execute();
}

/** By contract, earliest first; of equal instants the last one counts. */
export async function listLaterConfigurations(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LaterConfiguration[]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("contract_billing_configurations")
    .select(["contract_id", "configuration_id", "effective_at"])
    .where("contract_id", "in", [...contractIds])
    .orderBy("effective_at")
    .orderBy("position")
    .execute();
  const entries = rows.map((row) => ({
    contractId: row.contract_id,
    configurationId: row.configuration_id,
    effectiveAt: row.effective_at,
  }));
  return Map.groupBy(entries, ({ contractId }) => contractId);
}

/**
 * The billing configuration of a contract that decides for an invoice whose period ends, or which is
 * issued, at `at`: the one that became effective last before it, else the contract's first.
 */
export async function findContractConfiguration(
  db: CoreDb,
  contractId: string,
  at: string,
): Promise<string | null> {
  const later = await db
    .selectFrom("contract_billing_configurations")
    .select("configuration_id")
    .where("contract_id", "=", contractId)
    .where("effective_at", "<", at)
    .orderBy("effective_at", "desc")
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  if (later !== undefined) return later.configuration_id;
  const contract = await db
    .selectFrom("contracts")
    .select("billing_configuration_id")
    .where("id", "=", contractId)
    .executeTakeFirst();
  return contract?.billing_configuration_id ?? null;
}
