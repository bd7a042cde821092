import { attachPaymentMethod } from "../../operations/attach-payment-method.ts";
import { changePaymentMethod } from "../../operations/change-payment-method.ts";
import { createPaymentMethod } from "../../operations/create-payment-method.ts";
import { detachPaymentMethod } from "../../operations/detach-payment-method.ts";
import { obtainPaymentMethod } from "../../operations/obtain-payment-method.ts";
import { toPaymentMethod } from "../../serializers/to-payment-method.ts";
import { lockCustomer } from "../../store/customers.ts";
import { listPaymentMethods, listPaymentMethodsByIds } from "../../store/payment-methods.ts";
import { addressParams, mapGiven, toAddress } from "../contact-params.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  choice,
  hash,
  integer,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  paging,
  text,
  unsettable,
} from "../params.ts";
import type { Resource } from "../resource.ts";

const month = () => integer(1, 12);
const year = () => integer(1970, 2100);

const shared = {
  allow_redisplay: optional(choice("always", "limited", "unspecified")),
  billing_details: optional(
    hash({
      address: optional(unsettable(addressParams())),
      email: optional(unsettable(text(512))),
      name: optional(unsettable(text())),
      phone: optional(unsettable(text())),
      tax_id: optional(text()),
    }),
  ),
  metadata: optional(metadata()),
};

/** The given billing details, each undefined where the request says nothing. */
const toDetails = (details: ParamsOf<typeof shared>["billing_details"]) => ({
  ...details,
  address: mapGiven(details?.address, toAddress),
});

export const paymentMethodResource: Resource = {
  object: "payment_method",
  references: { customer: "customer" },
  async load(scope, ids) {
    const rows = await listPaymentMethodsByIds(scope, ids);
    return new Map(rows.map((row) => [row.id, toPaymentMethod(row)]));
  },
};

export const paymentMethodEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/payment_methods",
    params: {
      ...shared,
      type: choice("card"),
      card: hash({
        cvc: optional(text(4)),
        exp_month: optional(month()),
        exp_year: optional(year()),
        number: optional(text(32)),
        token: optional(text(100)),
      }),
    },
    returns: "payment_method",
    handler: async ({ scope, params }) => {
      const { card } = params;
      const method = await createPaymentMethod(scope, {
        number: card.number,
        token: card.token,
        expMonth: card.exp_month,
        expYear: card.exp_year,
        billingDetails: toDetails(params.billing_details),
        metadata: params.metadata,
        allowRedisplay: params.allow_redisplay,
      });
      return toPaymentMethod(method);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/payment_methods",
    params: { ...paging, customer: optional(objectId()), type: optional(choice("card")) },
    returns: { listOf: "payment_method" },
    handler: async ({ scope, params }) => {
      const page = await listPaymentMethods(scope, toPageQuery(params), params.customer);
      return toList("/v1/payment_methods", page, toPaymentMethod);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/payment_methods/:method",
    params: {},
    returns: "payment_method",
    writes: true,
    handler: async ({ scope, path }) =>
      toPaymentMethod(await obtainPaymentMethod(scope, path.method)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/payment_methods/:method",
    params: {
      ...shared,
      card: optional(hash({ exp_month: optional(month()), exp_year: optional(year()) })),
    },
    returns: "payment_method",
    handler: async ({ scope, path, params }) => {
      const method = await changePaymentMethod(scope, path.method, {
        expMonth: params.card?.exp_month,
        expYear: params.card?.exp_year,
        billingDetails: toDetails(params.billing_details),
        metadata: params.metadata,
        allowRedisplay: params.allow_redisplay,
      });
      return toPaymentMethod(method);
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/payment_methods/:method/attach",
    params: { customer: objectId() },
    returns: "payment_method",
    handler: async ({ scope, path, params }) => {
      const customer = await lockCustomer(scope, params.customer, "customer");
      return toPaymentMethod(await attachPaymentMethod(scope, customer, path.method));
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/payment_methods/:method/detach",
    params: {},
    returns: "payment_method",
    handler: async ({ scope, path }) =>
      toPaymentMethod(await detachPaymentMethod(scope, path.method)),
  }),
];
