import { type Decimal, ZERO } from "../decimal.ts";
import { type Instant, instantText, isAfter, isBefore } from "../time.ts";
import { billedLimit } from "./billed-limit.ts";
import type { Subscription } from "./subscription.ts";
import { type SubscriptionContract, subscriptionEnd } from "./subscription-periods.ts";

/** A wish to change a quantity: to a new one, or by a difference to the one before it. */
export type QuantityUpdate = { readonly startingAt: Instant } & (
  | { readonly quantity: Decimal }
  | { readonly delta: Decimal }
);

export interface PlannedQuantity {
  readonly startingAt: Instant;
  readonly quantity: Decimal;
}

/** Which update cannot be done, by its place in the list, and why. */
export interface QuantityProblem {
  readonly index: number;
  readonly field: "starting_at" | "quantity" | "quantity_delta";
  readonly problem: string;
}

/**
 * The quantities that updates lead to, applied in the order given, or the first one that cannot be.
 * Quantities are a history that is only added to, so an update starts no earlier than the last one
 * known; and it starts in time that no finalized invoice has billed, so that it is billed itself.
 */
export function planQuantities(
  contract: SubscriptionContract,
  subscription: Subscription,
  updates: readonly QuantityUpdate[],
  now: Instant,
): PlannedQuantity[] | QuantityProblem {
  const end = subscriptionEnd(contract, subscription);
  const billed = billedLimit(contract, subscription, now);
  const planned: PlannedQuantity[] = [];
  let last: PlannedQuantity | undefined = subscription.quantities.at(-1);
  for (const [index, update] of updates.entries()) {
    const { startingAt } = update;
    const refuseStart = (problem: string): QuantityProblem => ({
      index,
      field: "starting_at",
      problem,
    });
    const earliest = last?.startingAt ?? subscription.startingAt;
    if (isBefore(startingAt, earliest)) {
      return refuseStart(`must not be before ${instantText(earliest)}, the last change so far`);
    }
    if (end !== null && !isBefore(startingAt, end)) {
      return refuseStart(`must be before the subscription's end, ${instantText(end)}`);
    }
    if (billed !== null && !isAfter(startingAt, billed)) {
      return refuseStart(`must be after ${instantText(billed)}: what comes before is invoiced`);
    }
    const quantity =
      "quantity" in update ? update.quantity : (last?.quantity ?? ZERO).plus(update.delta);
    if (quantity.lt(ZERO)) {
      const field = "quantity" in update ? "quantity" : "quantity_delta";
      return { index, field, problem: "must not lead to a quantity below 0" };
    }
    last = { startingAt, quantity };
    planned.push(last);
  }
  return planned;
}
