import { CollectError } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import { toDeletedDiscount } from "../../serializers/to-discount.ts";
import { lockCustomer, lockCustomerOrDeleted } from "../../store/customers.ts";
import { listDiscountsById } from "../../store/discounts.ts";
import {
  getSubscription,
  lockSubscription,
  updateSubscription,
} from "../../store/subscriptions.ts";
import { recordSubscriptionChange } from "../subscriptions/record-subscription-change.ts";
import { renderSubscription } from "../subscriptions/render-subscription.ts";
import { endCustomerDiscount, recordEnded } from "./end-discounts.ts";

const noDiscount = (owner: string): CollectError =>
  new CollectError(
    "not_found",
    "invalid_request_error",
    "resource_missing",
    `No active discount for ${owner}`,
  );

async function deleted(scope: Scope, id: string) {
  const row = (await listDiscountsById(scope, [id])).get(id);
  if (row === undefined) throw noDiscount(id);
  return toDeletedDiscount(row);
}

/** Takes the discount off a customer; drafts that have it keep it. Throws 404 when there is none. */
export async function deleteCustomerDiscount(scope: Scope, id: string) {
  const customer = await lockCustomer(scope, id, "customer");
  if (customer.discount === null) throw noDiscount(`customer: ${id}`);
  await endCustomerDiscount(scope, customer);
  return deleted(scope, customer.discount.id);
}

/** Takes all discounts off a subscription and answers with the first. Throws 404 when there is none. */
export async function deleteSubscriptionDiscount(scope: Scope, id: string) {
  await lockCustomerOrDeleted(scope, (await getSubscription(scope, id)).customer);
  const subscription = await lockSubscription(scope, id);
  const [first] = subscription.discounts;
  if (first === undefined) throw noDiscount(`subscription: ${id}`);
  const before = await renderSubscription(scope, subscription);
  const after = await updateSubscription(scope, id, { discounts: "[]" });
  await recordEnded(scope, subscription.discounts);
  await recordSubscriptionChange(scope, before, after);
  return deleted(scope, first);
}
