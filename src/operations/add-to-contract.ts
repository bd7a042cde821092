import { instant } from "../domain/time.ts";
import { findLastClosedEnd } from "../store/contract-invoices.ts";
import type { CommitTerms } from "./add-commit.ts";
import {
  addContractCommits,
  addScheduledCharges,
  type PartOwner,
  type ScheduledChargeTerms,
} from "./add-contract-parts.ts";
import { addOverrides, type OverrideTerms } from "./add-overrides.ts";
import { addSubscriptions, type SubscriptionTerms } from "./add-subscriptions.ts";
import { namedProducts } from "./check-commit-terms.ts";
import { checkProducts } from "./check-products.ts";
import type { ChangeScope } from "./edit-contract.ts";
import { noteTemporaryIds } from "./note-temporary-ids.ts";

/**
 * Parts that a contract gets after it was made are checked and stored as those it is created with.
 * Each function returns the ids of what it added, in order; `field` names the parts in messages.
 */

/** Adds commits or credits; those with a temporary id are noted in the scope. */
export async function addCommitsTo(
  { tx, ctx, contract, temporaryIds }: ChangeScope,
  commits: readonly CommitTerms[],
  field: string,
): Promise<string[]> {
  await checkProducts(ctx, named(commits, field), commits.flatMap(namedProducts));
  return addContractCommits(tx, ctx, commits, toOwner(contract), { field, temporaryIds });
}

export async function addChargesTo(
  { tx, ctx, contract }: ChangeScope,
  charges: readonly ScheduledChargeTerms[],
  field: string,
): Promise<string[]> {
  await checkProducts(ctx, named(charges, field), []);
  return addScheduledCharges(tx, ctx, charges, toOwner(contract), field);
}

/** Adds overrides, which may name commits that were added before them in the same scope. */
export const addOverridesTo = (
  { tx, ctx, contract, temporaryIds }: ChangeScope,
  overrides: readonly OverrideTerms[],
  field: string,
): Promise<string[]> =>
  addOverrides(
    tx,
    ctx,
    overrides,
    {
      ...toOwner(contract),
      rateCardId: contract.rate_card_id,
      prioritization: contract.multiplier_override_prioritization,
      temporaryIds,
    },
    field,
  );

/** Adds subscriptions, whose rates are to be checked when the overrides of the edit are there too. */
export async function addSubscriptionsTo(
  { tx, ctx, contract, temporaryIds }: ChangeScope,
  subscriptions: readonly SubscriptionTerms[],
  field: string,
): Promise<string[]> {
  const subscribed = {
    id: contract.id,
    startingAt: instant(contract.starting_at),
    endingBefore: contract.ending_before === null ? null : instant(contract.ending_before),
    closedUntil: (await findLastClosedEnd(tx, contract.id)) ?? null,
  };
  const ids = await addSubscriptions(tx, ctx, subscriptions, subscribed, field);
  noteTemporaryIds(subscriptions, ids, field, temporaryIds);
  return ids;
}

const toOwner = (contract: ChangeScope["contract"]): PartOwner => ({
  id: contract.id,
  customerId: contract.customer_id,
  creditTypeId: contract.fiat_credit_type_id,
});

const named = (parts: readonly { readonly productId: string }[], field: string) =>
  parts.map(({ productId: id }, n) => ({ id, path: `${field}[${n}].product_id` }));
