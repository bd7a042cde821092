import { assert } from "../../../errors.ts";
import type { Scope } from "../../scope.ts";
import { toSubscription, type WireSubscription } from "../../serializers/to-subscription.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import { loadItems } from "./load-items.ts";

/** Renders subscriptions with their items, in the order given. */
export async function renderSubscriptions(
  scope: Scope,
  rows: readonly SubscriptionRow[],
): Promise<WireSubscription[]> {
  const items = await loadItems(
    scope,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toSubscription(row, items.get(row.id) ?? []));
}

/** Renders one subscription. */
export async function renderSubscription(
  scope: Scope,
  row: SubscriptionRow,
): Promise<WireSubscription> {
  const [subscription] = await renderSubscriptions(scope, [row]);
  assert(subscription !== undefined, `subscription ${row.id} renders`);
  return subscription;
}
