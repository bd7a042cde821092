import type { CoreTransaction } from "../db/database.ts";
import { servesContract } from "../domain/commits/applicability.ts";
import type { Commit } from "../domain/commits/commit.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import { lastBurnAt, meetsPeriod } from "../domain/invoices/last-burn.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { type Instant, instant, instantText, isAfter, later } from "../domain/time.ts";
import { listDrafts } from "../store/draft-invoices.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { turnUsagePeriod } from "./open-invoices.ts";
import { periodOf } from "./rate-drafts.ts";

/** What an invoice with a true-up waits for. */
export interface TrueUpHold {
  /** null: it need not wait any longer. */
  readonly until: string | null;
  /** Usage invoices that are due and must be finalized before it, in order. */
  readonly finalizeFirst: readonly string[];
}

/**
 * A true-up bills what usage left unpaid, so it is final only when every invoice is whose usage can
 * burn its commit: those of all contracts that the commit serves, with their grace.
 */
export async function trueUpHold(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, trueUps }: RatedInvoice,
  { commits, contracts }: RatingSnapshot,
): Promise<TrueUpHold> {
  const settled = commits.filter(({ id }) => trueUps.some(({ commitId }) => commitId === id));
  const lastBurns = settled
    .map((commit) => lastBurnAt(commit, contracts))
    .filter((at) => at !== null);
  const lastBurn = lastBurns.reduce(later, ctx.now);
  if (isAfter(lastBurn, ctx.now)) return { until: instantText(lastBurn), finalizeFirst: [] };
  const known = new Set(contracts.map(({ id }) => id));
  const open = (await closedDrafts(tx, ctx, customerId, settled)).filter(({ contractId }) =>
    known.has(contractId),
  );
  const dueTimes = open.map(({ finalizeDueAt }) => finalizeDueAt).filter((at) => at !== null);
  const lastDue = dueTimes.map((at): Instant => instant(at)).reduce(later, ctx.now);
  if (isAfter(lastDue, ctx.now)) return { until: instantText(lastDue), finalizeFirst: [] };
  return { until: null, finalizeFirst: open.map(({ id }) => id) };
}

/** The usage drafts that may burn the commits; their periods have ended, and are closed if not yet. */
async function closedDrafts(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  commits: readonly Commit[],
): Promise<readonly InvoiceRecord[]> {
  const burning = async () =>
    (await listDrafts(tx, customerId)).filter((draft) => mayBurn(draft, commits));
  const drafts = await burning();
  const unclosed = drafts.filter(({ finalizeDueAt }) => finalizeDueAt === null);
  if (unclosed.length === 0) return drafts;
  for (const contractId of new Set(unclosed.map((draft) => draft.contractId))) {
    await turnUsagePeriod(tx, ctx, contractId);
  }
  return burning();
}

const mayBurn = (draft: InvoiceRecord, commits: readonly Commit[]): boolean =>
  draft.type === "USAGE" &&
  commits.some(
    (commit) =>
      servesContract(commit, draft.contractId) &&
      commit.segments.some((segment) => meetsPeriod(segment, periodOf(draft))),
  );
