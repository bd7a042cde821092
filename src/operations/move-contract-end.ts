import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { findLastFinalizedEnd } from "../store/contract-invoices.ts";
import { type ContractRow, updateContract } from "../store/contracts.ts";
import { listSubscriptions, updateSubscription } from "../store/subscriptions.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";
import { refuseBeyondSuccessor } from "./refuse-beyond-successor.ts";
import { truncateTerms } from "./truncate-terms.ts";

export interface ContractEnd {
  /** null: the contract is without end. */
  readonly endingBefore: Instant | null;
  /** Whether it may end before a period that is invoiced already. Those invoices stay. */
  readonly beforeFinalizedInvoice: boolean;
  /** Names the end in messages. */
  readonly field: string;
}

/**
 * Moves a contract's end. An earlier one cuts its terms; a later one prolongs the contract and what
 * ends with it, but neither terms with dates of their own nor subscriptions that are collected in
 * advance. The caller opens its invoices afterwards.
 */
export async function moveContractEnd(
  tx: CoreTransaction,
  ctx: OperationContext,
  contract: ContractRow,
  { endingBefore, beforeFinalizedInvoice, field }: ContractEnd,
): Promise<void> {
  const before = contract.ending_before === null ? null : instant(contract.ending_before);
  if (endingBefore !== null) {
    checkReach(endingBefore, field);
    if (!isBefore(instant(contract.starting_at), endingBefore)) {
      throw invalid(`${field} must be after the contract's start`, field);
    }
    const finalizedEnd = await findLastFinalizedEnd(tx, contract.id);
    const cuts = finalizedEnd !== undefined && isBefore(endingBefore, instant(finalizedEnd));
    if (cuts && !beforeFinalizedInvoice) {
      throw invalid(
        `${field} is before ${finalizedEnd}, up to which usage is invoiced already`,
        field,
      );
    }
    if (before === null || isBefore(endingBefore, before)) {
      await truncateTerms(tx, ctx, contract, endingBefore);
    }
  }
  await refuseBeyondSuccessor(tx, contract.id, endingBefore, field);
  if (before !== null && (endingBefore === null || isAfter(endingBefore, before))) {
    await keepAdvanceSubscriptions(tx, contract.id, before);
  }
  await updateContract(tx, contract.id, {
    ending_before: endingBefore && instantText(endingBefore),
  });
}

async function keepAdvanceSubscriptions(
  tx: CoreTransaction,
  contractId: string,
  end: Instant,
): Promise<void> {
  for (const { row } of (await listSubscriptions(tx, [contractId])).get(contractId) ?? []) {
    if (row.collection_schedule !== "ADVANCE" || row.ending_before !== null) continue;
    await updateSubscription(tx, row.id, { ending_before: instantText(end) });
  }
}
