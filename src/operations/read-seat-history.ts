import type { CoreDb } from "../db/database.ts";
import {
  type SeatEntry,
  type SeatFilter,
  seatHistory,
} from "../domain/subscriptions/seat-history.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { toContract } from "../store/contracts.ts";
import type { OperationContext } from "./context.ts";
import { loadSubscription, type SubscriptionKey } from "./load-subscription.ts";

/** Who had, has or will have a seat of a subscription, oldest first. Throws not found. */
export async function readSeatHistory(
  ctx: OperationContext,
  key: Omit<SubscriptionKey, "environmentId">,
  filter: SeatFilter,
): Promise<SeatEntry[]> {
  const read = async (db: CoreDb): Promise<SeatEntry[]> => {
    const environmentId = ctx.environment.id;
    const { contract: row, subscription } = await loadSubscription(db, { environmentId, ...key });
    const { seats } = subscription;
    if (seats === null) {
      throw invalid("subscription_id is not of a SEAT_BASED subscription", "subscription_id");
    }
    return seatHistory(toContract(row, [], [], []), { ...subscription, seats }, filter);
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}
