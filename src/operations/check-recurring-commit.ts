import type { Contract } from "../domain/contracts/contract.ts";
import { hasBegunMoreThan } from "../domain/recurring/plan-children.ts";
import type { RecurringCommit } from "../domain/recurring/recurring-commit.ts";
import { type Instant, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { RecurringCommitTerms } from "./add-recurring-commits.ts";
import { checkApplicability } from "./check-commit-terms.ts";
import { isCurrency } from "./check-credit-type.ts";
import { checkReach } from "./check-reach.ts";

/** Refuses terms that no children can be spawned by. `path`: "recurring_commits[0].". */
export function checkRecurringCommit(
  terms: RecurringCommitTerms,
  contract: Contract,
  path: string,
): void {
  const refuse = (field: string, message: string) =>
    invalid(`${path}${field} ${message}`, `${path}${field}`);
  const { access, invoice, pool, startingAt } = terms;
  checkReach(startingAt, `${path}starting_at`);
  if (isBefore(startingAt, contract.startingAt)) {
    throw refuse("starting_at", "must not be before the contract's start");
  }
  if (contract.endingBefore !== null && !isBefore(startingAt, contract.endingBefore)) {
    throw refuse("starting_at", "must be before the contract's end");
  }
  if (terms.endingBefore !== null) checkRecurringEnd(startingAt, terms.endingBefore, path);
  checkApplicability(terms, path);
  for (const [field, amount] of Object.entries({
    access_amount: access,
    invoice_amount: invoice,
  })) {
    if (amount === null || amount.creditTypeId === contract.fiatCreditTypeId) continue;
    // Whether the pricing unit exists is asked where the database is.
    if (amount === access && !isCurrency(amount.creditTypeId)) continue;
    throw refuse(`${field}.credit_type_id`, "must be the contract's currency");
  }
  if (pool === null) {
    if (access.quantity !== null) return;
    throw refuse("access_amount.quantity", "is required without subscription_config");
  }
  if (access.quantity !== null) {
    throw refuse("access_amount.quantity", "is the subscription's under a subscription_config");
  }
  const subscription = contract.subscriptions.find(({ id }) => id === pool.subscriptionId);
  if (subscription === undefined) {
    throw refuse(
      "subscription_config.subscription_id",
      "must be of a subscription of the contract",
    );
  }
  if (pool.allocation === "POOLED") return;
  if (subscription.seats === null) {
    throw refuse("subscription_config.allocation", "INDIVIDUAL is for SEAT_BASED subscriptions");
  }
}

/** Refuses an end that is not after the start. */
export function checkRecurringEnd(startingAt: Instant, endingBefore: Instant, path: string): void {
  const field = `${path}ending_before`;
  checkReach(endingBefore, field);
  if (isBefore(startingAt, endingBefore)) return;
  throw invalid(`${field} must be after starting_at`, field);
}

/** More children at once than anybody agrees on: a start that lost its digits. */
const MAX_BEGUN = 1000;

/** Refuses a start so long ago that spawning what is due would not end. */
export function refuseLongPast(
  contract: Contract,
  recurring: RecurringCommit,
  now: Instant,
  path: string,
): void {
  if (!hasBegunMoreThan(MAX_BEGUN, contract, recurring, now)) return;
  const field = `${path}starting_at`;
  throw invalid(`${field} must not be more than ${MAX_BEGUN} periods ago`, field);
}
