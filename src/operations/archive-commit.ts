import type { CoreTransaction } from "../db/database.ts";
import { dec, sum, ZERO } from "../domain/decimal.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { updateCommit } from "../store/commit-changes.ts";
import type { LedgerEntryRow } from "../store/commit-ledger.ts";
import { type CommitKey, changeCommit, type HeldCommit } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";
import { recordCommitArchival } from "./record-commit-change.ts";
import { refuseRollover } from "./refuse-rollover.ts";

/**
 * Archives a commit or credit: nothing burns it and nothing of it is billed any more. Refused while
 * a finalized invoice bills it or was paid by it; a void one does not count. Archiving it again
 * changes nothing.
 */
export async function archiveCommit(ctx: OperationContext, key: CommitKey): Promise<void> {
  await changeCommit(ctx, key, async (tx, held) => {
    if (held.row.archived_at !== null) return;
    await archiveHeldCommit(tx, ctx, key, held);
    await recordCommitArchival(tx, ctx, key.what, held);
  });
}

/** As archiveCommit, of a commit that is held already. */
export async function archiveHeldCommit(
  tx: CoreTransaction,
  ctx: OperationContext,
  key: CommitKey,
  held: HeldCommit,
): Promise<void> {
  const { row, entries, invoiceItems, invoicedItemIds } = held;
  if (row.archived_at !== null) return;
  refuseRollover(held);
  const field = `${key.what}_id`;
  const moved = entries.find((entry) => entry.new_contract_id !== null);
  if (moved !== undefined) {
    throw invalid(`The ${key.what} has rolled over to contract ${moved.new_contract_id}`, field);
  }
  const invoiceId = findBurned(entries);
  if (invoiceId !== undefined) {
    throw invalid(`The ${key.what} was applied to invoice ${invoiceId}, which is finalized`, field);
  }
  if (invoiceItems.some(({ id }) => invoicedItemIds.has(id))) {
    throw invalid(`A finalized invoice bills the ${key.what}`, field);
  }
  await updateCommit(tx, row.id, { archivedAt: instantText(ctx.now) });
}

/** An invoice that took something: a void one has given all of it back. */
const findBurned = (entries: readonly LedgerEntryRow[]): string | undefined =>
  [...Map.groupBy(entries, (entry) => entry.invoice_id)].find(
    ([invoiceId, own]) => invoiceId !== null && !sum(own.map(({ amount }) => dec(amount))).eq(ZERO),
  )?.[0] ?? undefined;
