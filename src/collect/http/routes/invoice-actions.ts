import { refused } from "../../errors.ts";
import { attachPayment } from "../../operations/attach-payment.ts";
import { markUncollectible, voidInvoice } from "../../operations/close-invoice.ts";
import { finalizeInvoice } from "../../operations/finalize-invoice.ts";
import { payInvoice } from "../../operations/pay-invoice.ts";
import { renderInvoice } from "../../operations/render-invoice.ts";
import { sendInvoice } from "../../operations/send-invoice.ts";

import { commitAndRefuse, endpoint } from "../endpoint.ts";
import { flag, objectId, optional } from "../params.ts";

export const invoiceActionEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/finalize",
    params: { auto_advance: optional(flag()) },
    returns: "invoice",
    handler: async ({ scope, path, params }) =>
      renderInvoice(scope, await finalizeInvoice(scope, path.invoice, params.auto_advance)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/pay",
    params: {
      off_session: optional(flag()),
      paid_out_of_band: optional(flag()),
      payment_method: optional(objectId()),
    },
    returns: "invoice",
    handler: async ({ scope, path, params }) => {
      const outOfBand = params.paid_out_of_band ?? false;
      if (params.off_session === false) {
        throw refused(
          "invalid_argument",
          "Payments are made off session: nobody is there to confirm them.",
          "off_session",
        );
      }
      if (outOfBand && params.payment_method !== undefined) {
        throw refused(
          "parameters_exclusive",
          "You may only specify one of these parameters: paid_out_of_band, payment_method.",
          "payment_method",
        );
      }
      const { invoice, refusal } = await payInvoice(scope, path.invoice, {
        paymentMethod: params.payment_method,
        outOfBand,
      });
      return refusal === undefined ? renderInvoice(scope, invoice) : commitAndRefuse(refusal);
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/send",
    params: {},
    returns: "invoice",
    handler: async ({ scope, path }) =>
      renderInvoice(scope, await sendInvoice(scope, path.invoice)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/void",
    params: {},
    returns: "invoice",
    handler: async ({ scope, path }) =>
      renderInvoice(scope, await voidInvoice(scope, path.invoice)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/mark_uncollectible",
    params: {},
    returns: "invoice",
    handler: async ({ scope, path }) =>
      renderInvoice(scope, await markUncollectible(scope, path.invoice)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/attach_payment",
    params: { payment_intent: optional(objectId()), payment_record: optional(objectId()) },
    returns: "invoice",
    handler: async ({ scope, path, params }) => {
      const { payment_intent: intent, payment_record: record } = params;
      if ((intent === undefined) === (record === undefined)) {
        throw refused(
          intent === undefined ? "parameter_missing" : "parameters_exclusive",
          "Name either a payment_intent or a payment_record.",
          "payment_record",
        );
      }
      const payment = record === undefined ? { intent: intent ?? "" } : { record };
      return attachPayment(scope, path.invoice, payment);
    },
  }),
];
