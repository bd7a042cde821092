import { mergeMetadata } from "../../domain/metadata.ts";
import { previousAttributes } from "../../operations/changes.ts";
import { recordEvent } from "../../operations/record-event.ts";
import { refundCharge } from "../../operations/refund-charge.ts";
import { toRefund } from "../../serializers/to-refund.ts";
import {
  getRefund,
  listRefunds,
  listRefundsByIds,
  lockRefund,
  updateRefundMetadata,
} from "../../store/refunds.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { amount, choice, metadata, objectId, optional, paging, range } from "../params.ts";
import type { Resource } from "../resource.ts";

export const refundResource: Resource = {
  object: "refund",
  references: { charge: "charge", customer: "customer", payment_intent: "payment_intent" },
  async load(scope, ids) {
    const rows = await listRefundsByIds(scope, ids);
    return new Map(rows.map((row) => [row.id, toRefund(row)]));
  },
};

export const refundEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/refunds",
    params: {
      amount: optional(amount({ minimum: 1 })),
      charge: optional(objectId()),
      metadata: optional(metadata()),
      payment_intent: optional(objectId()),
      reason: optional(choice("duplicate", "fraudulent", "requested_by_customer")),
    },
    returns: "refund",
    handler: async ({ scope, params }) => {
      const refund = await refundCharge(scope, {
        charge: params.charge,
        paymentIntent: params.payment_intent,
        amountMinor: params.amount,
        reason: params.reason,
        metadata: mergeMetadata({}, params.metadata),
      });
      return toRefund(refund);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/refunds",
    params: {
      ...paging,
      charge: optional(objectId()),
      created: optional(range()),
      payment_intent: optional(objectId()),
    },
    returns: { listOf: "refund" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const filter = { charge: params.charge, paymentIntent: params.payment_intent };
      return toList("/v1/refunds", await listRefunds(scope, query, filter), toRefund);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/refunds/:refund",
    params: {},
    returns: "refund",
    handler: async ({ scope, path }) => toRefund(await getRefund(scope, path.refund)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/refunds/:refund",
    params: { metadata: optional(metadata()) },
    returns: "refund",
    handler: async ({ scope, path, params }) => {
      const before = await lockRefund(scope, path.refund);
      const merged = JSON.stringify(mergeMetadata(before.metadata, params.metadata));
      const object = toRefund(await updateRefundMetadata(scope, path.refund, merged));
      const previous = previousAttributes(toRefund(before), object);
      if (previous !== undefined) {
        recordEvent(scope, { type: "refund.updated", object, previousAttributes: previous });
      }
      return object;
    },
  }),
];
