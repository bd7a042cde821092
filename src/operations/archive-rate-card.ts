import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { archiveRateCard as archive, lockRateCard } from "../store/rate-cards.ts";
import type { OperationContext } from "./context.ts";

/** Takes a rate card out of use for new contracts; contracts that have it go on. */
export async function archiveRateCard(ctx: OperationContext, rateCardId: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockRateCard(tx, ctx.environment.id, rateCardId);
    await archive(tx, rateCardId, instantText(ctx.now));
  });
}
