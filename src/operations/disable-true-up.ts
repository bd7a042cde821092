import { instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { updateCommit } from "../store/commit-changes.ts";
import { changeCommit, refuseArchived } from "./change-commit.ts";
import type { OperationContext } from "./context.ts";

/**
 * Drops the true-up of a postpaid commit: what usage leaves unpaid is not billed. Doing it again
 * changes nothing. Refused when the true-up is invoiced.
 */
export async function disableTrueUp(
  ctx: OperationContext,
  input: { readonly customerId: string; readonly commitId: string; readonly contractId: string },
): Promise<void> {
  const { customerId, commitId, contractId } = input;
  await changeCommit(ctx, { customerId, id: commitId, what: "commit" }, async (tx, held) => {
    const { row, invoiceItems, invoicedItemIds } = held;
    if ((row.contract_id ?? row.invoice_contract_id) !== contractId) {
      throw notFound("commit", commitId);
    }
    refuseArchived(held);
    if (row.type !== "POSTPAID") {
      throw invalid(`Commit ${commitId} has no true-up: it is not POSTPAID`, "commit_id");
    }
    if (row.true_up_disabled_at !== null) return;
    if (invoiceItems.some(({ id }) => invoicedItemIds.has(id))) {
      throw invalid(`The true-up of commit ${commitId} is invoiced already`, "commit_id");
    }
    await updateCommit(tx, commitId, { trueUpDisabledAt: instantText(ctx.now) });
  });
}
