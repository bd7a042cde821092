import { instant, isAfter } from "../../../domain/time.ts";
import type { Scope } from "../../scope.ts";
import type { CustomerRow } from "../../store/customers.ts";
import { listDiscountsById } from "../../store/discounts.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";

/** Those of the discounts that still apply at the scope's moment, in their order. */
export async function activeDiscounts(scope: Scope, ids: readonly string[]): Promise<string[]> {
  const rows = await listDiscountsById(scope, ids);
  return ids.filter((id) => {
    const endAt = rows.get(id)?.end_at;
    return endAt == null || isAfter(instant(endAt), instant(scope.nowAt));
  });
}

/**
 * What an invoice takes over when its request says nothing of discounts: those of its subscription,
 * and where that has none the customer's (Stripe docs: Create an invoice, `discounts`).
 */
export async function inheritedDiscounts(
  scope: Scope,
  customer: CustomerRow,
  subscription: SubscriptionRow | undefined,
): Promise<string[]> {
  const own = await activeDiscounts(scope, subscription?.discounts ?? []);
  if (own.length > 0 || customer.discount === null) return own;
  return activeDiscounts(scope, [customer.discount.id]);
}
