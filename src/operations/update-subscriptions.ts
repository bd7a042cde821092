import type { CoreTransaction } from "../db/database.ts";
import { toText } from "../domain/decimal.ts";
import { withoutInvoiced } from "../domain/invoices/planned-invoices.ts";
import { planQuantities, type QuantityUpdate } from "../domain/subscriptions/plan-quantities.ts";
import { instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getContract } from "../store/contracts.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import { insertQuantity } from "../store/subscriptions.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { openContract } from "./open-invoices.ts";

export interface SubscriptionUpdate {
  readonly subscriptionId: string;
  readonly quantities: readonly QuantityUpdate[];
}

export interface UpdateSubscriptions {
  readonly customerId: string;
  readonly contractId: string;
  readonly updates: readonly SubscriptionUpdate[];
}

/**
 * Changes quantities of a contract's subscriptions, all or none, and opens the invoices that this
 * calls for. Takes turns with finalization: a change is refused or billed, never overlooked.
 */
export async function updateSubscriptions(
  ctx: OperationContext,
  { customerId, contractId, updates }: UpdateSubscriptions,
): Promise<void> {
  await inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, customerId);
      await lockActiveCustomer(tx, ctx, customerId);
      const key = { environmentId: ctx.environment.id, customerId, contractId };
      const row = await getContract(tx, key);
      if (row.archived_at !== null) throw invalid("The contract is archived", "contract_id");
      // One after the other: a second update of a subscription counts from the first one.
      for (const [n, update] of updates.entries()) {
        const path = `update_subscriptions[${n}].`;
        await updateSubscription(tx, ctx, { customerId, contractId }, update, path);
      }
      await openContract(tx, ctx, contractId);
    },
    { oneSnapshot: true },
  );
}

async function updateSubscription(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, contractId }: { readonly customerId: string; readonly contractId: string },
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
