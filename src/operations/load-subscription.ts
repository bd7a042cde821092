import type { CoreDb } from "../db/database.ts";
import type { Subscription } from "../domain/subscriptions/subscription.ts";
import { notFound } from "../errors.ts";
import { type ContractRow, getContract } from "../store/contracts.ts";
import { getCustomer } from "../store/customers.ts";
import { listSubscriptions } from "../store/subscriptions.ts";

/** One subscription of a contract. */
export interface SubscriptionKey {
  readonly environmentId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly subscriptionId: string;
}

/** A subscription and its contract, in use or not. Throws not found. */
export async function loadSubscription(
  db: CoreDb,
  { environmentId, customerId, contractId, subscriptionId }: SubscriptionKey,
): Promise<{ readonly contract: ContractRow; readonly subscription: Subscription }> {
  await getCustomer(db, environmentId, customerId);
  const contract = await getContract(db, { environmentId, customerId, contractId });
  const records = (await listSubscriptions(db, [contractId])).get(contractId) ?? [];
  const subscription = records.find((record) => record.row.id === subscriptionId)?.subscription;
  if (subscription === undefined) throw notFound("subscription", subscriptionId);
  return { contract, subscription };
}
