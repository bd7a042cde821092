import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";
import { readExact, writeExact } from "../platform/json/exact-json.ts";

/** One edit of a contract as the history shows it; numbers are decimals. */
export interface ContractEdit {
  readonly id: string;
  readonly timestamp: string;
  readonly uniquenessKey: string | null;
  readonly changes: Readonly<Record<string, unknown>>;
}

/** An edit as it is stored. */
export interface ContractEditRecord extends ContractEdit {
  readonly editedBy: string;
  /** Of an amendment: from when on it counts. */
  readonly amendedFrom: string | null;
}

export interface NewContractEdit {
  readonly environmentId: string;
  readonly contractId: string;
  readonly uniquenessKey: string | null;
  readonly amendedFrom: string | null;
  readonly editedAt: string;
  readonly editedBy: string;
}

/** Begins an edit, nothing changed yet, and returns its id. A key that was used is a conflict. */
export async function insertContractEdit(
  tx: CoreTransaction,
  edit: NewContractEdit,
): Promise<string> {
  try {
    const { id } = await tx
      .insertInto("contract_edits")
      .values({
        environment_id: edit.environmentId,
        contract_id: edit.contractId,
        uniqueness_key: edit.uniquenessKey,
        changes: "{}",
        amended_from: edit.amendedFrom,
        edited_at: edit.editedAt,
        edited_by: edit.editedBy,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    return id;
  } catch (error) {
    if (violatedConstraint(error) === "contract_edits_uniqueness_key") {
      throw conflict("This uniqueness key has already been used.", "uniqueness_key_used");
    }
    throw error;
  }
}

/** Says what the edit changed, in the transaction that began it. */
export async function updateContractEdit(
  tx: CoreTransaction,
  id: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx
    .updateTable("contract_edits")
    .set({ changes: writeExact(changes) })
    .where("id", "=", id)
    .execute();
}

/** The edits of these contracts, by contract, oldest first. */
export async function listContractEdits(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ContractEditRecord[]>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("contract_edits")
    .selectAll()
    .where("contract_id", "in", [...contractIds])
    .orderBy("position")
    .execute();
  const edits = rows.map((row) => ({
    contractId: row.contract_id,
    id: row.id,
    timestamp: row.edited_at,
    uniquenessKey: row.uniqueness_key,
    changes: readExact(row.changes) as Record<string, unknown>,
    editedBy: row.edited_by,
    amendedFrom: row.amended_from,
  }));
  return Map.groupBy(edits, ({ contractId }) => contractId);
}
