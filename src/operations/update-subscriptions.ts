import type { Contract } from "../domain/contracts/contract.ts";
import { toText } from "../domain/decimal.ts";
import { withoutInvoiced } from "../domain/invoices/planned-invoices.ts";
import type { AmountRounding } from "../domain/round-quotient.ts";
import { endProblem } from "../domain/subscriptions/end-problem.ts";
import { planQuantities, type QuantityUpdate } from "../domain/subscriptions/plan-quantities.ts";
import { planSeats, type SeatUpdate } from "../domain/subscriptions/plan-seats.ts";
import { seatingProblem } from "../domain/subscriptions/seating-problem.ts";
import type { Subscription } from "../domain/subscriptions/subscription.ts";
import { type Instant, instant, instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { findLastClosedEnd } from "../store/contract-invoices.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import { insertSeatChanges } from "../store/subscription-seats.ts";
import { insertQuantity, updateSubscription } from "../store/subscriptions.ts";
import { checkReach } from "./check-reach.ts";
import type { ChangeScope } from "./edit-contract.ts";

/** What to change of a subscription; absent or empty: nothing. */
export interface SubscriptionUpdate {
  readonly subscriptionId: string;
  /** From now on it has seats, told by this property of usage events. */
  readonly seatGroupKey: string | undefined;
  readonly quantities: readonly QuantityUpdate[];
  /** Each with the field that it came from. */
  readonly seats: readonly { readonly path: string; readonly update: SeatUpdate }[];
  /** null: prorated prices are exact. */
  readonly prorationRounding: AmountRounding | null | undefined;
  /** null: until the contract ends. */
  readonly endingBefore: Instant | null | undefined;
}

/** Changes subscriptions of a contract, in the order given. */
export async function updateSubscriptions(
  scope: ChangeScope,
  updates: readonly SubscriptionUpdate[],
): Promise<void> {
  // One step after the other: a later one counts from what an earlier one made.
  for (const [n, update] of updates.entries()) {
    const path = `update_subscriptions[${n}].`;
    await nameSeats(scope, update, path);
    await updateQuantities(scope, update, path);
    await updateSeats(scope, update, path);
    await updateTerms(scope, update, path);
  }
}

interface Loaded {
  readonly contract: Contract;
  readonly subscription: Subscription;
}

async function load(
  { tx, contract: { id: contractId, customer_id: customerId } }: ChangeScope,
  subscriptionId: string,
): Promise<Loaded> {
  const invoiced = await listInvoicedItems(tx, [contractId]);
  const { contracts } = withoutInvoiced(await loadContracts(tx, customerId), invoiced);
  const contract = contracts.find(({ id }) => id === contractId);
  const subscription = contract?.subscriptions.find(({ id }) => id === subscriptionId);
  if (contract === undefined || subscription === undefined) {
    throw notFound("subscription", subscriptionId);
  }
  return { contract, subscription };
}

async function nameSeats(
  scope: ChangeScope,
  { subscriptionId, seatGroupKey }: SubscriptionUpdate,
  path: string,
): Promise<void> {
  if (seatGroupKey === undefined) return;
  const { subscription } = await load(scope, subscriptionId);
  const problem = seatingProblem(subscription, scope.ctx.now);
  const field = `${path}quantity_management_mode_update`;
  if (problem !== null) throw invalid(`${field} ${problem}`, field);
  await updateSubscription(scope.tx, subscriptionId, { seat_group_key: seatGroupKey });
}

async function updateQuantities(
  scope: ChangeScope,
  { subscriptionId, quantities }: SubscriptionUpdate,
  path: string,
): Promise<void> {
  if (quantities.length === 0) return;
  const { tx, ctx } = scope;
  const { contract, subscription } = await load(scope, subscriptionId);
  if (subscription.seats !== null) {
    const field = `${path}quantity_updates`;
    throw invalid(`${field} are not for a SEAT_BASED subscription, which has seat_updates`, field);
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

async function updateSeats(
  scope: ChangeScope,
  { subscriptionId, seats: wishes }: SubscriptionUpdate,
  path: string,
): Promise<void> {
  if (wishes.length === 0) return;
  const { tx, ctx } = scope;
  const { contract, subscription } = await load(scope, subscriptionId);
  const { seats } = subscription;
  if (seats === null) {
    const field = `${path}seat_updates`;
    throw invalid(`${field} are for SEAT_BASED subscriptions`, field);
  }
  const updates = wishes.map(({ update }) => update);
  const planned = planSeats(contract, { ...subscription, seats }, updates, ctx.now);
  if ("problem" in planned) {
    const { path: wish = path } = wishes[planned.index] ?? {};
    const field = planned.field === "seats" ? wish : `${wish}.${planned.field}`;
    throw invalid(`${field} ${planned.problem}`, field);
  }
  await insertSeatChanges(tx, {
    subscriptionId,
    changes: planned,
    createdAt: instantText(ctx.now),
    createdBy: ctx.actor,
  });
}

async function updateTerms(
  scope: ChangeScope,
  { subscriptionId, prorationRounding: rounding, endingBefore }: SubscriptionUpdate,
  path: string,
): Promise<void> {
  if (rounding === undefined && endingBefore === undefined) return;
  const { contract, subscription } = await load(scope, subscriptionId);
  if (endingBefore !== undefined) {
    const field = `${path}ending_before`;
    if (endingBefore !== null) checkReach(endingBefore, field);
    const closedUntil = await findLastClosedEnd(scope.tx, contract.id);
    const closed = closedUntil === undefined ? null : instant(closedUntil);
    const problem = endProblem(contract, subscription, endingBefore, closed);
    if (problem !== null) throw invalid(`${field} ${problem}`, field);
  }
  await updateSubscription(scope.tx, subscriptionId, {
    ...(rounding === undefined
      ? {}
      : {
          rounding_method: rounding?.method ?? null,
          rounding_decimal_places: rounding?.decimalPlaces ?? null,
        }),
    ...(endingBefore === undefined
      ? {}
      : { ending_before: endingBefore && instantText(endingBefore) }),
  });
}
