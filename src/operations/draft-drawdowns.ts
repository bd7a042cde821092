import type { DrawDown } from "../domain/invoices/invoice.ts";
import type { OperationContext } from "./context.ts";
import { rateDrafts } from "./rate-drafts.ts";

/** What one draft invoice would burn of one segment if it were finalized now. */
export interface DraftDrawDown extends DrawDown {
  readonly invoiceId: string;
}

/**
 * What the customer's draft invoices reserve of their commits and credits, at ctx.now. Empty when
 * nothing is reserved. Costs one rating of the customer's drafts.
 */
export async function draftDrawdowns(
  ctx: OperationContext,
  customerId: string,
): Promise<readonly DraftDrawDown[]> {
  const { drafts } = await rateDrafts(ctx, customerId);
  return drafts.flatMap(({ rated }) =>
    rated.drawDowns.map((drawDown) => ({ ...drawDown, invoiceId: rated.id })),
  );
}
