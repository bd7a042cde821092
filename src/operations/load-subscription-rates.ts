import type { CoreDb } from "../db/database.ts";
import type { AgreedRate } from "../domain/overrides/agreed-rate.ts";
import type { Subscription } from "../domain/subscriptions/subscription.ts";
import { subscriptionRates } from "../domain/subscriptions/subscription-rates.ts";
import type { Instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { type ContractRow, toContract } from "../store/contracts.ts";
import { listOverrides, toOverride } from "../store/overrides.ts";
import { listProducts, toProduct } from "../store/products.ts";
import { listRates } from "../store/rates.ts";

/** What one unit of a subscription costs for a whole period that begins at an instant. */
export type RateAt = (
  subscription: Pick<Subscription, "productId" | "billingFrequency">,
  at: Instant,
) => AgreedRate | undefined;

/** The prices of subscriptions to these products, as a contract's card and overrides have them. */
export async function loadSubscriptionRates(
  db: CoreDb,
  row: ContractRow,
  productIds: readonly string[],
): Promise<RateAt> {
  const cardIds = row.rate_card_id === null ? [] : [row.rate_card_id];
  const rates = [...(await listRates(db, cardIds)).values()].flat();
  const overrides = (await listOverrides(db, [row.id])).get(row.id) ?? [];
  const contract = toContract(row, [], [], overrides.map(toOverride));
  const records = await listProducts(db, [...productIds]);
  const products = new Map(records.map((record) => [record.id, toProduct(record)]));
  return (subscription, at) => {
    const product = products.get(subscription.productId);
    assert(product !== undefined, `product ${subscription.productId} of a subscription is there`);
    return subscriptionRates({ contract, product, rates }, subscription)(at);
  };
}
