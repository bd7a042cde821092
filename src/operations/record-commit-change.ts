import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { insertContractEdit, updateContractEdit } from "../store/contract-edits.ts";
import type { CommitKey, HeldCommit } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";

/** New values of a commit's or credit's fields as the history shows them; empty: nothing changed. */
export type CommitUpdate = Readonly<Record<string, unknown>>;

/**
 * Writes what changed of a contract's commit or credit into the history of the contract, in the words
 * of an edit of the contract. One that belongs to the customer alone has no history.
 */
export async function recordCommitUpdate(
  tx: CoreTransaction,
  ctx: OperationContext,
  what: CommitKey["what"],
  held: HeldCommit,
  update: CommitUpdate,
): Promise<void> {
  if (Object.keys(update).length === 0) return;
  await record(tx, ctx, held, { [`update_${what}s`]: [{ id: held.row.id, ...update }] });
}

/** As recordCommitUpdate, of one that was taken out of use. */
export async function recordCommitArchival(
  tx: CoreTransaction,
  ctx: OperationContext,
  what: CommitKey["what"],
  held: HeldCommit,
): Promise<void> {
  await record(tx, ctx, held, { [`archive_${what}s`]: [{ id: held.row.id }] });
}

async function record(
  tx: CoreTransaction,
  ctx: OperationContext,
  { row }: HeldCommit,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (row.contract_id === null) return;
  const id = await insertContractEdit(tx, {
    environmentId: ctx.environment.id,
    contractId: row.contract_id,
    uniquenessKey: null,
    amendedFrom: null,
    editedAt: instantText(ctx.now),
    editedBy: ctx.actor,
  });
  await updateContractEdit(tx, id, changes);
}
