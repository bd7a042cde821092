import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import type { WireSubscription } from "../../serializers/to-subscription.ts";
import { lockCustomerOrDeleted } from "../../store/customers.ts";
import {
  ENDED,
  getSubscription,
  lockSubscription,
  updateSubscription,
} from "../../store/subscriptions.ts";
import { recordSubscriptionChange } from "./record-subscription-change.ts";
import { renderSubscription } from "./render-subscription.ts";

/**
 * Takes a subscription to flexible billing mode: from now on what is given back is what was paid. There
 * is no way back (Stripe docs: Migrate a subscription). Throws 400 when it is over.
 */
export async function migrateSubscription(scope: Scope, id: string): Promise<WireSubscription> {
  await lockCustomerOrDeleted(scope, (await getSubscription(scope, id)).customer);
  const row = await lockSubscription(scope, id);
  if (ENDED.includes(row.status)) {
    throw refused("invalid_argument", `The subscription is ${row.status}.`, "billing_mode");
  }
  const before = await renderSubscription(scope, row);
  const migrated = await updateSubscription(scope, id, { billing_mode: "flexible" });
  return recordSubscriptionChange(scope, before, migrated);
}
