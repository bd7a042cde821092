import type { CoreDb } from "../db/database.ts";
import {
  type SeatEntry,
  type SeatFilter,
  seatHistory,
} from "../domain/subscriptions/seat-history.ts";
import { invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getContract, toContract } from "../store/contracts.ts";
import { getCustomer } from "../store/customers.ts";
import { listSubscriptions } from "../store/subscriptions.ts";
import type { OperationContext } from "./context.ts";

/** Who had, has or will have a seat of a subscription, oldest first. Throws not found. */
export async function readSeatHistory(
  ctx: OperationContext,
  key: { customerId: string; contractId: string; subscriptionId: string },
  filter: SeatFilter,
): Promise<SeatEntry[]> {
  const read = async (db: CoreDb): Promise<SeatEntry[]> => {
    const { customerId, contractId, subscriptionId } = key;
    const environmentId = ctx.environment.id;
    await getCustomer(db, environmentId, customerId);
    const row = await getContract(db, { environmentId, customerId, contractId });
    const records = (await listSubscriptions(db, [contractId])).get(contractId) ?? [];
    const subscription = records.find((record) => record.row.id === subscriptionId)?.subscription;
    if (subscription === undefined) throw notFound("subscription", subscriptionId);
    const { seats } = subscription;
    if (seats === null) {
      throw invalid("subscription_id is not of a SEAT_BASED subscription", "subscription_id");
    }
    return seatHistory(toContract(row, [], [], []), { ...subscription, seats }, filter);
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}
