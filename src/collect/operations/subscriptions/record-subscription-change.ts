import type { Scope } from "../../scope.ts";
import type { WireSubscription } from "../../serializers/to-subscription.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import { previousAttributes } from "../changes.ts";
import { recordEvent } from "../record-event.ts";
import { renderSubscription } from "./render-subscription.ts";

/** Tells of a change of a subscription when anything visible differs; returns it as it is now. */
export async function recordSubscriptionChange(
  scope: Scope,
  before: WireSubscription,
  row: SubscriptionRow,
): Promise<WireSubscription> {
  const object = await renderSubscription(scope, row);
  const previous = previousAttributes(before, object);
  if (previous !== undefined) {
    recordEvent(scope, {
      type: "customer.subscription.updated",
      object,
      previousAttributes: previous,
    });
  }
  return object;
}
