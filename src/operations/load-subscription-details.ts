import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { aroundPeriods, type PeriodsAround } from "../domain/subscriptions/periods-around.ts";
import type { Subscription } from "../domain/subscriptions/subscription.ts";
import type { Instant } from "../domain/time.ts";
import { type ContractRow, toContract } from "../store/contracts.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import { listSubscriptions, type SubscriptionRow } from "../store/subscriptions.ts";
import type { OperationContext } from "./context.ts";
import { loadProductNames } from "./load-commit-details.ts";

/** A subscription with all that is shown of it. */
export interface SubscriptionDetail {
  readonly row: SubscriptionRow;
  readonly subscription: Subscription;
  readonly productName: string;
  readonly fiatCreditTypeId: string;
  /** The anchor of the contract's usage periods. */
  readonly usageAnchorAt: string;
  readonly customFields: CustomFields;
  readonly periods: PeriodsAround;
  /** When it was read: quantities before are history. */
  readonly now: Instant;
}

/** The subscriptions of these contracts, by contract. */
export async function loadSubscriptionDetails(
  ctx: OperationContext,
  contracts: readonly ContractRow[],
): Promise<ReadonlyMap<string, readonly SubscriptionDetail[]>> {
  const byContract = await listSubscriptions(
    ctx.db,
    contracts.map(({ id }) => id),
  );
  const all = [...byContract.values()].flat();
  const names = await loadProductNames(
    ctx,
    all.map(({ row }) => row.product_id),
  );
  const ids = all.map(({ row }) => row.id);
  const fields = await listCustomFields(ctx.db, ctx.environment.id, "subscription", ids);
  return new Map(
    contracts.map((contract) => [
      contract.id,
      (byContract.get(contract.id) ?? []).map(({ row, subscription }) => ({
        row,
        subscription,
        productName: names.get(row.product_id) ?? "",
        fiatCreditTypeId: contract.fiat_credit_type_id,
        usageAnchorAt: contract.usage_anchor_at,
        customFields: fields.get(row.id) ?? {},
        periods: aroundPeriods(toContract(contract, [], [], []), subscription, ctx.now),
        now: ctx.now,
      })),
    ]),
  );
}
