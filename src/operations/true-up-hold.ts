import type { CoreTransaction } from "../db/database.ts";
import { servesContract } from "../domain/commits/applicability.ts";
import type { Commit } from "../domain/commits/commit.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import { lastBurnAt, meetsPeriod } from "../domain/invoices/last-burn.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { instantText, isAfter, later } from "../domain/time.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { type Hold, NO_HOLD, waitForDrafts } from "./due-drafts.ts";
import { periodOf } from "./period-of.ts";

/**
 * A true-up bills what usage left unpaid, so it is final only when every invoice is whose usage can
 * burn its commit: those of all contracts that the commit serves, with their grace.
 */
export async function trueUpHold(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, trueUps }: RatedInvoice,
  { commits, contracts }: RatingSnapshot,
): Promise<Hold> {
  if (trueUps.length === 0) return NO_HOLD;
  const settled = commits.filter(({ id }) => trueUps.some(({ commitId }) => commitId === id));
  const lastBurns = settled
    .map((commit) => lastBurnAt(commit, contracts))
    .filter((at) => at !== null);
  const lastBurn = lastBurns.reduce(later, ctx.now);
  if (isAfter(lastBurn, ctx.now)) return { until: instantText(lastBurn), finalizeFirst: [] };
  const known = new Set(contracts.map(({ id }) => id));
  return waitForDrafts(
    tx,
    ctx,
    customerId,
    (draft) => known.has(draft.contractId) && mayBurn(draft, settled),
  );
}

const mayBurn = (draft: InvoiceRecord, commits: readonly Commit[]): boolean =>
  draft.type === "USAGE" &&
  commits.some(
    (commit) =>
      servesContract(commit, draft.contractId) &&
      commit.segments.some((segment) => meetsPeriod(segment, periodOf(draft))),
  );
