import type { CoreTransaction } from "../db/database.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import { rolloverSources } from "../domain/invoices/rollover-sources.ts";
import type { RatingSnapshot } from "../domain/rating/snapshot.ts";
import { isAfter } from "../domain/time.ts";
import type { OperationContext } from "./context.ts";
import { type Hold, NO_HOLD, waitForDrafts } from "./due-drafts.ts";
import { burnsAt } from "./rate-drafts.ts";
import { trueUpHold } from "./true-up-hold.ts";

/** Whether other invoices must be final before this one can be. */
export const dependsOnOthers = (rated: RatedInvoice, snapshot: RatingSnapshot): boolean =>
  rated.trueUps.length > 0 || rolloverSources(rated, snapshot).length > 0;

/**
 * What the invoice waits for: with a true-up for the usage that it depends on, and where it may burn
 * what an earlier contract leaves for the last invoices of that one.
 */
export async function finalizationHold(
  tx: CoreTransaction,
  ctx: OperationContext,
  rated: RatedInvoice,
  snapshot: RatingSnapshot,
): Promise<Hold> {
  const inherited = await rolloverHold(tx, ctx, rated, snapshot);
  if (inherited.until !== null || inherited.finalizeFirst.length > 0) return inherited;
  return trueUpHold(tx, ctx, rated, snapshot);
}

async function rolloverHold(
  tx: CoreTransaction,
  ctx: OperationContext,
  rated: RatedInvoice,
  snapshot: RatingSnapshot,
): Promise<Hold> {
  const sources = rolloverSources(rated, snapshot);
  if (sources.length === 0) return NO_HOLD;
  return waitForDrafts(tx, ctx, rated.customerId, (draft) =>
    sources.some(
      ({ contractId, until }) => draft.contractId === contractId && !isAfter(burnsAt(draft), until),
    ),
  );
}
