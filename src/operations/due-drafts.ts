import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instant, instantText, isAfter, later } from "../domain/time.ts";
import { listDrafts } from "../store/draft-invoices.ts";
import { dueTimeOf, type InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { turnUsagePeriod } from "./open-invoices.ts";

/** What an invoice waits for. */
export interface Hold {
  /** null: it need not wait any longer. */
  readonly until: string | null;
  /** Invoices that are due and must be finalized before it, in order. */
  readonly finalizeFirst: readonly string[];
}

export const NO_HOLD: Hold = { until: null, finalizeFirst: [] };

/**
 * The hold of an invoice that depends on those drafts of its customer that `isMeant` names: their
 * periods have ended, and are closed here if not yet, so each has its due time.
 */
export async function waitForDrafts(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  isMeant: (draft: InvoiceRecord) => boolean,
): Promise<Hold> {
  const open = await closedDrafts(tx, ctx, customerId, isMeant);
  const dueTimes = open.map(dueTimeOf).filter((at) => at !== null);
  const lastDue = dueTimes.map((at): Instant => instant(at)).reduce(later, ctx.now);
  if (isAfter(lastDue, ctx.now)) return { until: instantText(lastDue), finalizeFirst: [] };
  return { until: null, finalizeFirst: open.map(({ id }) => id) };
}

async function closedDrafts(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  isMeant: (draft: InvoiceRecord) => boolean,
): Promise<readonly InvoiceRecord[]> {
  const meant = async () => (await listDrafts(tx, customerId)).filter(isMeant);
  const drafts = await meant();
  const unclosed = drafts.filter(({ finalizeDueAt }) => finalizeDueAt === null);
  if (unclosed.length === 0) return drafts;
  for (const contractId of new Set(unclosed.map((draft) => draft.contractId))) {
    await turnUsagePeriod(tx, ctx, contractId);
  }
  return meant();
}
