import { openPurse } from "../domain/commits/purse.ts";
import { carryOver, type Rollover } from "../domain/commits/rollover.ts";
import type { DrawDown } from "../domain/invoices/invoice.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import type { OperationContext } from "./context.ts";
import { type RatedDrafts, rateDrafts } from "./rate-drafts.ts";

/** What one draft invoice would burn of one segment if it were finalized now. */
export interface DraftDrawDown extends DrawDown {
  readonly invoiceId: string;
}

/** What is not final yet of a customer's commits and credits. */
export interface DraftMovements {
  readonly drawDowns: readonly DraftDrawDown[];
  /** What renewals move from contract to contract as things stand. */
  readonly rollovers: readonly Rollover[];
}

/**
 * What the customer's draft invoices reserve of their commits and credits, at ctx.now, and what they
 * leave to contracts that renew others. Costs one rating of the customer's drafts, unless they are
 * `rated` already.
 */
export async function draftMovements(
  ctx: OperationContext,
  customerId: string,
  rated?: RatedDrafts,
): Promise<DraftMovements> {
  const { drafts, rollovers } = rated ?? (await rateDrafts(ctx, customerId));
  return {
    drawDowns: drafts.flatMap(({ rated }) =>
      rated.drawDowns.map((drawDown) => ({ ...drawDown, invoiceId: rated.id })),
    ),
    rollovers: rollovers ?? (await postedMovements(ctx, customerId)).rollovers,
  };
}

/** As draftMovements if there were no drafts: only what finalized invoices burned counts. */
export async function postedMovements(
  ctx: OperationContext,
  customerId: string,
): Promise<DraftMovements> {
  const { commits } = await loadContracts(ctx.db, customerId);
  return { drawDowns: [], rollovers: carryOver(openPurse(commits, [])) };
}
