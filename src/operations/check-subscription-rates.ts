import type { CoreTransaction } from "../db/database.ts";
import { invalid } from "../errors.ts";
import { getContract } from "../store/contracts.ts";
import { listSubscriptions } from "../store/subscriptions.ts";
import type { OperationContext } from "./context.ts";
import { loadSubscriptionRates } from "./load-subscription-rates.ts";

/**
 * Refuses subscriptions without a rate: the contract's card must have one of the product and
 * frequency, and the card or an override must entitle the contract to it when the subscription
 * starts. Call it when the subscriptions and the overrides of a request are added; `ids` are the
 * subscriptions in the order of the request, `field` names them in messages.
 */
export async function checkSubscriptionRates(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contractId }: { readonly customerId: string; readonly contractId: string },
  ids: readonly string[],
  field: string,
): Promise<void> {
  if (ids.length === 0) return;
  const row = await getContract(tx, { environmentId: ctx.environment.id, customerId, contractId });
  const records = (await listSubscriptions(tx, [contractId])).get(contractId) ?? [];
  const productIds = records.map(({ subscription }) => subscription.productId);
  const rateAt = await loadSubscriptionRates(tx, row, productIds);
  for (const { subscription } of records) {
    const n = ids.indexOf(subscription.id);
    if (n < 0 || rateAt(subscription, subscription.startingAt)?.rate.entitled === true) continue;
    const path = `${field}[${n}].subscription_rate`;
    const wanted = `${subscription.billingFrequency} rate of this product that is entitled at the start`;
    throw invalid(`${path} needs a ${wanted}, on the contract's rate card`, path);
  }
}
