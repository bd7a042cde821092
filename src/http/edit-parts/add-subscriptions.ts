import { addSubscriptionsTo } from "../../operations/add-to-contract.ts";
import { checkSubscriptionRates } from "../../operations/check-subscription-rates.ts";
import { fromSubscription, SubscriptionField } from "../schemas/subscription-fields.ts";
import { toSubscriptionView } from "../views/subscription.ts";
import { editPart, many, pick } from "./edit-part.ts";

/** New subscriptions. */
export const addSubscriptionsPart = editPart({
  fields: { add_subscriptions: many(SubscriptionField()) },
  toChange: ({ add_subscriptions: subscriptions = [] }) => {
    if (subscriptions.length === 0) return undefined;
    const terms = subscriptions.map((subscription, n) =>
      fromSubscription(subscription, `add_subscriptions[${n}].`),
    );
    return {
      apply: (scope) => addSubscriptionsTo(scope, terms, "add_subscriptions"),
      check: ({ tx, ctx, contract }, ids) =>
        checkSubscriptionRates(
          tx,
          ctx,
          { customerId: contract.customer_id, contractId: contract.id },
          ids,
          "add_subscriptions",
        ),
      record: (ids, after) => ({
        add_subscriptions: pick(after.subscriptions, ids, ({ row }) => row.id).map(
          toSubscriptionView,
        ),
      }),
    };
  },
});
