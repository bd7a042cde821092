import { toText } from "../domain/decimal.ts";
import { withoutInvoiced } from "../domain/invoices/planned-invoices.ts";
import { planQuantities, type QuantityUpdate } from "../domain/subscriptions/plan-quantities.ts";
import { instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import { insertQuantity } from "../store/subscriptions.ts";
import type { ChangeScope } from "./edit-contract.ts";

export interface SubscriptionUpdate {
  readonly subscriptionId: string;
  readonly quantities: readonly QuantityUpdate[];
}

/** Changes quantities of a contract's subscriptions, in the order given. */
export async function updateSubscriptions(
  scope: ChangeScope,
  updates: readonly SubscriptionUpdate[],
): Promise<void> {
  // One after the other: a second update of a subscription counts from the first one.
  for (const [n, update] of updates.entries()) {
    await updateSubscription(scope, update, `update_subscriptions[${n}].`);
  }
}

async function updateSubscription(
  { tx, ctx, contract: { id: contractId, customer_id: customerId } }: ChangeScope,
  { subscriptionId, quantities }: SubscriptionUpdate,
  path: string,
): Promise<void> {
  const invoiced = await listInvoicedItems(tx, [contractId]);
  const { contracts } = withoutInvoiced(await loadContracts(tx, customerId), invoiced);
  const contract = contracts.find(({ id }) => id === contractId);
  const subscription = contract?.subscriptions.find(({ id }) => id === subscriptionId);
  if (contract === undefined || subscription === undefined) {
    throw notFound("subscription", subscriptionId);
  }
  const planned = planQuantities(contract, subscription, quantities, ctx.now);
  if ("problem" in planned) {
    const field = `${path}quantity_updates[${planned.index}].${planned.field}`;
    throw invalid(`${field} ${planned.problem}`, field);
  }
  for (const { startingAt, quantity } of planned) {
    await insertQuantity(tx, {
      subscriptionId,
      quantity: toText(quantity),
      startingAt: instantText(startingAt),
      createdAt: instantText(ctx.now),
      createdBy: ctx.actor,
    });
  }
}
