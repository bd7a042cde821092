import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { updateCommit } from "../store/commit-changes.ts";
import { type CommitKey, changeCommit } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";

/**
 * Archives a commit or credit: nothing burns it and nothing of it is billed any more. Refused while
 * a finalized invoice bills it or was paid by it. Archiving it again changes nothing.
 */
export async function archiveCommit(ctx: OperationContext, key: CommitKey): Promise<void> {
  await changeCommit(ctx, key, async (tx, { row, entries, invoiceItems, invoicedItemIds }) => {
    if (row.archived_at !== null) return;
    const field = `${key.what}_id`;
    const burned = entries.find((entry) => entry.invoice_id !== null);
    if (burned !== undefined) {
      throw invalid(
        `The ${key.what} was applied to invoice ${burned.invoice_id}, which is finalized`,
        field,
      );
    }
    if (invoiceItems.some(({ id }) => invoicedItemIds.has(id))) {
      throw invalid(`A finalized invoice bills the ${key.what}`, field);
    }
    await updateCommit(tx, row.id, { archivedAt: instantText(ctx.now) });
  });
}
