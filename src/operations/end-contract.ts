import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { archiveCommitsOfContract } from "../store/commits.ts";
import { archiveContract as archive, getContract } from "../store/contracts.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { listFinalizedInvoiceIds } from "../store/void-invoice.ts";
import type { OperationContext } from "./context.ts";
import { type ContractChange, editContract } from "./edit-contract.ts";
import { refuseUnsettledSource } from "./follow-contract.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { moveContractEnd } from "./move-contract-end.ts";
import { discardDrafts } from "./open-invoices.ts";
import { requestAlertEvaluation } from "./request-threshold-evaluation.ts";
import { voidInvoice } from "./void-invoice.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

interface ContractKey {
  readonly customerId: string;
  readonly contractId: string;
}

export interface UpdateContractEnd extends ContractKey {
  /** null: the contract is without end. */
  readonly endingBefore: Instant | null;
  /** Whether it may end before a period that is invoiced already. Those invoices stay. */
  readonly beforeFinalizedInvoice: boolean;
}

/** Moves a contract's end, and the drafts with it; the history shows it as an edit. */
export async function updateContractEndDate(
  ctx: OperationContext,
  { endingBefore, beforeFinalizedInvoice, ...key }: UpdateContractEnd,
): Promise<void> {
  const end = { endingBefore, beforeFinalizedInvoice, field: "ending_before" };
  const move: ContractChange = {
    apply: ({ tx, contract }) => moveContractEnd(tx, ctx, contract, end),
    record: () => ({ update_contract_end_date: endingBefore && instantText(endingBefore) }),
  };
  await editContract(ctx, { ...key, uniquenessKey: null, changes: [move] });
}

export interface ArchiveContract extends ContractKey {
  /** Whether its finalized invoices are voided too; else they stay. */
  readonly voidInvoices: boolean;
}

/**
 * Archives a contract: its drafts are gone, its commits and credits can no longer be burned and what
 * is left of them expires, its finalized invoices stay or are voided. Archiving it again changes
 * nothing but voids what was left finalized, if that is asked for now.
 */
export async function archiveContract(
  ctx: OperationContext,
  { voidInvoices, ...key }: ArchiveContract,
): Promise<void> {
  await inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, key.customerId);
      await lockActiveCustomer(tx, ctx, key.customerId);
      const row = await getContract(tx, { environmentId: ctx.environment.id, ...key });
      await refuseUnsettledSource(tx, key);
      if (row.archived_at === null) {
        const at = instantText(ctx.now);
        await watchLifecycle(tx, ctx, key.customerId, () =>
          closeContract(tx, ctx, key.contractId, at),
        );
      }
      const voided = voidInvoices ? await listFinalizedInvoiceIds(tx, key.contractId) : [];
      for (const id of voided) await voidInvoice(tx, ctx, id);
      await requestAlertEvaluation(tx, ctx, key.customerId);
    },
    { oneSnapshot: true },
  );
}

/** What archiving a contract comes to, with its customer held by the transaction. */
export async function closeContract(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
  at: string,
): Promise<void> {
  await archive(tx, contractId, at);
  await archiveCommitsOfContract(tx, contractId, at);
  await discardDrafts(tx, ctx, contractId);
}
