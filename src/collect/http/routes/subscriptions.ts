import { deleteSubscriptionDiscount } from "../../operations/discounts/delete-discount.ts";
import { cancelSubscription } from "../../operations/subscriptions/cancel-subscription.ts";
import { changeSubscription } from "../../operations/subscriptions/change-subscription.ts";
import { createSubscription } from "../../operations/subscriptions/create-subscription.ts";
import { migrateSubscription } from "../../operations/subscriptions/migrate-subscription.ts";
import {
  renderSubscription,
  renderSubscriptions,
} from "../../operations/subscriptions/render-subscription.ts";
import { resumeSubscription } from "../../operations/subscriptions/resume-subscription.ts";
import {
  getSubscription,
  listSubscriptions,
  listSubscriptionsByIds,
  searchSubscriptions,
} from "../../store/subscriptions.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { choice, flag, hash, objectId, optional, paging, range, typedChoice } from "../params.ts";
import type { Resource } from "../resource.ts";
import { searchEndpoint } from "../search.ts";
import {
  cancellationDetails,
  subscriptionChanges,
  subscriptionCreation,
} from "../subscription-params.ts";
import { toSubscriptionRequest, toSubscriptionUpdate } from "../subscription-requests.ts";

export const subscriptionResource: Resource = {
  object: "subscription",
  references: {
    customer: "customer",
    default_payment_method: "payment_method",
    latest_invoice: "invoice",
    discounts: "discount",
    test_clock: "test_helpers.test_clock",
  },
  parts: { "items.data": "subscription_item" },
  async load(scope, ids) {
    const found = await renderSubscriptions(scope, await listSubscriptionsByIds(scope, ids));
    return new Map(found.map((subscription) => [subscription.id, subscription]));
  },
};

export const subscriptionEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/subscriptions/:subscription/migrate",
    params: { billing_mode: hash({ type: choice("flexible") }) },
    returns: "subscription",
    handler: async ({ scope, path }) => migrateSubscription(scope, path.subscription),
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/subscriptions/:subscription/discount",
    params: {},
    returns: "discount",
    handler: async ({ scope, path }) => deleteSubscriptionDiscount(scope, path.subscription),
  }),
  endpoint({
    method: "POST",
    path: "/v1/subscriptions",
    params: subscriptionCreation,
    returns: "subscription",
    handler: async ({ scope, params }) =>
      createSubscription(scope, toSubscriptionRequest(scope, params)),
  }),
  endpoint({
    method: "GET",
    path: "/v1/subscriptions",
    params: {
      ...paging,
      collection_method: optional(choice("charge_automatically", "send_invoice")),
      created: optional(range()),
      customer: optional(objectId()),
      plan: optional(objectId()),
      price: optional(objectId()),
      test_clock: optional(objectId()),
      status: optional(
        choice(
          "active",
          "all",
          "canceled",
          "ended",
          "incomplete",
          "incomplete_expired",
          "past_due",
          "paused",
          "trialing",
          "unpaid",
        ),
      ),
    },
    returns: { listOf: "subscription" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const { rows, hasMore } = await listSubscriptions(scope, query, {
        customer: params.customer,
        price: params.price ?? params.plan,
        collectionMethod: params.collection_method,
        testClock: params.test_clock,
        status: params.status,
      });
      const found = await renderSubscriptions(scope, rows);
      return toList("/v1/subscriptions", { rows: found, hasMore }, (one) => one);
    },
  }),
  searchEndpoint(
    "/v1/subscriptions/search",
    "subscription",
    searchSubscriptions,
    renderSubscriptions,
  ),
  endpoint({
    method: "GET",
    path: "/v1/subscriptions/:subscription",
    params: {},
    returns: "subscription",
    handler: async ({ scope, path }) =>
      renderSubscription(scope, await getSubscription(scope, path.subscription)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/subscriptions/:subscription",
    params: subscriptionChanges,
    returns: "subscription",
    handler: async ({ scope, path, params }) =>
      changeSubscription(scope, path.subscription, toSubscriptionUpdate(scope, params)),
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/subscriptions/:subscription",
    params: {
      cancellation_details: cancellationDetails,
      invoice_now: optional(flag()),
      prorate: optional(flag()),
    },
    returns: "subscription",
    handler: async ({ scope, path, params }) =>
      cancelSubscription(scope, path.subscription, {
        invoiceNow: params.invoice_now ?? false,
        prorate: params.prorate ?? false,
        comment: params.cancellation_details?.comment,
        feedback: params.cancellation_details?.feedback,
      }),
  }),
  endpoint({
    method: "POST",
    path: "/v1/subscriptions/:subscription/resume",
    params: { billing_cycle_anchor: optional(typedChoice("now")) },
    returns: "subscription",
    handler: async ({ scope, path }) => resumeSubscription(scope, path.subscription),
  }),
];
