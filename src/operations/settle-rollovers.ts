import type { CoreTransaction } from "../db/database.ts";
import { LEDGER_PREFIX } from "../domain/commits/ledger.ts";
import { openPurse } from "../domain/commits/purse.ts";
import { carryOver, type Rollover } from "../domain/commits/rollover.ts";
import { toText } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listUnsettledRenewals, type Renewal } from "../store/contract-transitions.ts";
import { listDrafts } from "../store/draft-invoices.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import { insertRollovers, settleRolloverCommits } from "../store/rollover-commits.ts";
import type { OperationContext } from "./context.ts";
import { openRollovers } from "./open-rollovers.ts";
import { burnsAt } from "./rate-drafts.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

/**
 * Makes final what moves to the contracts that renew others, as soon as the last invoice of the
 * contract before is final: amounts and ledger entries in one go. Call it in the invoicing turn of
 * the customer. What has to wait still waits; doing it again changes nothing. Answers whether anything
 * waits.
 */
export async function settleRollovers(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
): Promise<boolean> {
  const waiting = new Set<string>();
  for (const renewal of await listUnsettledRenewals(tx, customerId)) {
    const isFinal =
      !waiting.has(renewal.fromContractId) &&
      !isAfter(instant(renewal.startingAt), ctx.now) &&
      (await hasBurned(tx, renewal));
    if (isFinal) await watchLifecycle(tx, ctx, customerId, () => settle(tx, ctx, renewal));
    else waiting.add(renewal.contractId);
  }
  return waiting.size > 0;
}

/** At the start of a contract that renews another one: settles it when nothing else will. */
export async function settleRolloversOf(ctx: OperationContext, customerId: string): Promise<void> {
  await inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, customerId);
      await settleRollovers(tx, ctx, customerId);
    },
    { oneSnapshot: true },
  );
}

/** Whether no invoice of the contract before can burn anything any more. */
async function hasBurned(
  tx: CoreTransaction,
  { customerId, fromContractId, startingAt }: Renewal,
): Promise<boolean> {
  const drafts = await listDrafts(tx, customerId);
  return !drafts.some(
    (draft) => draft.contractId === fromContractId && !isAfter(burnsAt(draft), instant(startingAt)),
  );
}

async function settle(
  tx: CoreTransaction,
  ctx: OperationContext,
  { contractId, customerId }: Renewal,
): Promise<void> {
  await openRollovers(tx, ctx, contractId);
  const { commits } = await loadContracts(tx, customerId);
  const moved = carryOver(openPurse(commits, [])).filter(
    ({ toContractId }) => toContractId === contractId,
  );
  await insertRollovers(tx, moved.map(toPosted));
  await settleRolloverCommits(tx, contractId, instantText(ctx.now));
}

const toPosted = ({ commitType, amount, at, ...rollover }: Rollover) => ({
  ...rollover,
  entryId: uuidV5(rollover.toSegmentId, "rollover"),
  type: `${LEDGER_PREFIX[commitType]}_ROLLOVER`,
  amount: toText(amount),
  at: instantText(at),
});
