import { assert } from "../../../errors.ts";
import type { Scope } from "../../scope.ts";
import { toSubscription, type WireSubscription } from "../../serializers/to-subscription.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import { listTaxRatesById } from "../../store/tax-rates.ts";
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
  const taxRates = await listTaxRatesById(scope, [
    ...rows.flatMap((row) => row.default_tax_rates),
    ...[...items.values()].flat().flatMap(({ row }) => row.tax_rates),
  ]);
  return rows.map((row) => toSubscription(row, items.get(row.id) ?? [], taxRates));
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
