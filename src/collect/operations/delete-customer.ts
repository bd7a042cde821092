import type { Scope } from "../scope.ts";
import { toCustomer } from "../serializers/to-customer.ts";
import { lockCustomer, updateCustomer } from "../store/customers.ts";
import { lockLivingSubscriptions } from "../store/subscriptions.ts";
import { recordEvent } from "./record-event.ts";
import { endSubscription } from "./subscriptions/end-subscription.ts";

/**
 * Deletes a customer and ends their subscriptions: invoices and the id stay readable, nothing more can
 * be billed. Throws 404.
 */
export async function deleteCustomer(scope: Scope, id: string): Promise<void> {
  const customer = await lockCustomer(scope, id);
  for (const subscription of await lockLivingSubscriptions(scope, id)) {
    const cancellation = {
      ...subscription.cancellation,
      reason: "cancellation_requested",
    } as const;
    await endSubscription(scope, subscription, { cancellation, sweepsItems: false });
  }
  await updateCustomer(scope, id, { deleted: true });
  recordEvent(scope, { type: "customer.deleted", object: toCustomer(customer) });
}
