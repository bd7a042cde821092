import { missing, refused } from "../../errors.ts";
import { toCharge } from "../../serializers/to-charge.ts";
import { toInvoicePayment } from "../../serializers/to-invoice-payment.ts";
import { toPaymentIntent } from "../../serializers/to-payment-intent.ts";
import { listCharges, listChargesByIds } from "../../store/charges.ts";
import { listInvoicePayments, listInvoicePaymentsByIds } from "../../store/invoice-payments.ts";
import {
  getPaymentIntent,
  listPaymentIntents,
  listPaymentIntentsByIds,
} from "../../store/payment-intents.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { choice, hash, objectId, optional, paging, range, text } from "../params.ts";
import type { Resource } from "../resource.ts";

export const paymentResources: readonly Resource[] = [
  {
    object: "invoice_payment",
    references: {
      invoice: "invoice",
      "payment.payment_intent": "payment_intent",
      "payment.payment_record": "payment_record",
    },
    async load(scope, ids) {
      const rows = await listInvoicePaymentsByIds(scope, ids);
      return new Map(rows.map((row) => [row.id, toInvoicePayment(row)]));
    },
  },
  {
    object: "payment_intent",
    references: {
      customer: "customer",
      latest_charge: "charge",
      payment_method: "payment_method",
    },
    async load(scope, ids) {
      const rows = await listPaymentIntentsByIds(scope, ids);
      return new Map(rows.map((row) => [row.id, toPaymentIntent(row)]));
    },
  },
  {
    object: "charge",
    references: { customer: "customer", payment_intent: "payment_intent" },
    async load(scope, ids) {
      const rows = await listChargesByIds(scope, ids);
      return new Map(rows.map((row) => [row.id, toCharge(row)]));
    },
  },
];

const lists = { ...paging, created: optional(range()) };

export const paymentEndpoints = [
  endpoint({
    method: "GET",
    path: "/v1/invoice_payments",
    params: {
      ...lists,
      invoice: optional(objectId()),
      payment: optional(
        hash({
          type: choice("payment_intent", "payment_record"),
          payment_intent: optional(objectId()),
          payment_record: optional(objectId()),
        }),
      ),
      status: optional(choice("open", "paid", "canceled")),
    },
    returns: { listOf: "invoice_payment" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const { invoice, status, payment } = params;
      const filter = {
        invoice,
        status,
        paymentIntent: payment?.payment_intent,
        paymentRecord: payment?.payment_record,
      };
      const page = await listInvoicePayments(scope, query, filter);
      return toList("/v1/invoice_payments", page, toInvoicePayment);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/invoice_payments/:payment",
    params: {},
    returns: "invoice_payment",
    handler: async ({ scope, path }) => {
      const [row] = await listInvoicePaymentsByIds(scope, [path.payment]);
      if (row === undefined) throw missing("invoice_payment", path.payment, "invoice_payment");
      return toInvoicePayment(row);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/payment_intents",
    params: { ...lists, customer: optional(objectId()) },
    returns: { listOf: "payment_intent" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const page = await listPaymentIntents(scope, query, params.customer);
      return toList("/v1/payment_intents", page, toPaymentIntent);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/payment_intents/:intent",
    params: { client_secret: optional(text(255)) },
    returns: "payment_intent",
    handler: async ({ scope, path, params }) => {
      const intent = await getPaymentIntent(scope, path.intent);
      if (params.client_secret !== undefined && params.client_secret !== intent.client_secret) {
        throw refused(
          "payment_intent_invalid_parameter",
          "The client_secret provided does not match the PaymentIntent.",
          "client_secret",
        );
      }
      return toPaymentIntent(intent);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/charges",
    params: { ...lists, customer: optional(objectId()), payment_intent: optional(objectId()) },
    returns: { listOf: "charge" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const { customer, payment_intent: paymentIntent } = params;
      const page = await listCharges(scope, query, { customer, paymentIntent });
      return toList("/v1/charges", page, toCharge);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/charges/:charge",
    params: {},
    returns: "charge",
    handler: async ({ scope, path }) => {
      const [row] = await listChargesByIds(scope, [path.charge]);
      if (row === undefined) throw missing("charge", path.charge, "charge");
      return toCharge(row);
    },
  }),
];
