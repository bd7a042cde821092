import { listRecurringCommits, type RecurringCommitRow } from "../store/recurring-commits.ts";
import type { OperationContext } from "./context.ts";
import { loadProductNames } from "./load-commit-details.ts";

export interface RecurringCommitDetail {
  readonly row: RecurringCommitRow;
  readonly productName: string;
}

/** The recurring commits and credits of these contracts with what is shown of them, by contract. */
export async function loadRecurringDetails(
  ctx: OperationContext,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RecurringCommitDetail[]>> {
  const byContract = await listRecurringCommits(ctx.db, contractIds);
  const names = await loadProductNames(
    ctx,
    [...byContract.values()].flat().map((row) => row.product_id),
  );
  const toDetail = (row: RecurringCommitRow): RecurringCommitDetail => ({
    row,
    productName: names.get(row.product_id) ?? "",
  });
  return new Map([...byContract].map(([id, rows]) => [id, rows.map(toDetail)]));
}
