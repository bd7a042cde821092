import { markUncollectible } from "../../operations/close-invoice.ts";
import { createInvoice } from "../../operations/create-invoice.ts";
import { deleteDraft } from "../../operations/delete-draft.ts";
import { previewInvoice } from "../../operations/preview-invoice.ts";
import { renderInvoice, renderInvoices } from "../../operations/render-invoice.ts";
import { changeInvoice } from "../../operations/update-invoice.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toInvoicePayment } from "../../serializers/to-invoice-payment.ts";
import { listPaymentsOfInvoices } from "../../store/invoice-payments.ts";
import {
  getInvoice,
  listInvoices,
  listInvoicesByIds,
  searchInvoices,
} from "../../store/invoices.ts";
import { endpoint } from "../endpoint.ts";
import { creationParams, forgives, toCreation, toUpdate, updateParams } from "../invoice-params.ts";
import { toList, toPageQuery } from "../list.ts";
import { choice, objectId, optional, paging, range } from "../params.ts";
import { previewParams, toPreviewRequest } from "../preview-params.ts";
import type { Resource } from "../resource.ts";
import { searchEndpoint } from "../search.ts";

export const invoiceResource: Resource = {
  object: "invoice",
  references: {
    customer: "customer",
    default_payment_method: "payment_method",
    "parent.subscription_details.subscription": "subscription",
    discounts: "discount",
    "total_discount_amounts.discount": "discount",
  },
  parts: { "lines.data": "line_item" },
  async load(scope, ids) {
    const invoices = await renderInvoices(scope, await listInvoicesByIds(scope, ids));
    return new Map(invoices.map((invoice) => [invoice.id, invoice]));
  },
  includables: {
    payments: {
      returns: { listOf: "invoice_payment" },
      async load(scope, ids) {
        const payments = await listPaymentsOfInvoices(scope, ids);
        return new Map(
          ids.map((id) => {
            const rows = payments.get(id) ?? [];
            const url = `/v1/invoice_payments?invoice=${id}`;
            return [id, toList(url, { rows, hasMore: false }, toInvoicePayment)];
          }),
        );
      },
    },
  },
};

export const invoiceEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/invoices",
    params: creationParams,
    returns: "invoice",
    handler: async ({ scope, params }) => createInvoice(scope, toCreation(params)),
  }),
  endpoint({
    method: "GET",
    path: "/v1/invoices",
    params: {
      ...paging,
      collection_method: optional(choice("charge_automatically", "send_invoice")),
      created: optional(range()),
      customer: optional(objectId()),
      due_date: optional(range()),
      status: optional(choice("draft", "open", "paid", "uncollectible", "void")),
      subscription: optional(objectId()),
    },
    returns: { listOf: "invoice" },
    handler: async ({ scope, params }) => {
      const { customer, status, subscription } = params;
      const query = { ...toPageQuery(params), created: params.created };
      const filter = {
        customer,
        status,
        subscription,
        collectionMethod: params.collection_method,
        due: params.due_date,
      };
      const { rows, hasMore } = await listInvoices(scope, query, filter);
      const invoices = await renderInvoices(scope, rows);
      return toList("/v1/invoices", { rows: invoices, hasMore }, (invoice) => invoice);
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/create_preview",
    params: previewParams,
    returns: "invoice",
    handler: async ({ scope, params }) => previewInvoice(scope, toPreviewRequest(scope, params)),
  }),
  searchEndpoint("/v1/invoices/search", "invoice", searchInvoices, renderInvoices),
  endpoint({
    method: "GET",
    path: "/v1/invoices/:invoice",
    params: {},
    returns: "invoice",
    handler: async ({ scope, path }) =>
      renderInvoice(scope, await getInvoice(scope, path.invoice, "invoice")),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice",
    params: updateParams,
    returns: "invoice",
    handler: async ({ scope, path, params }) => {
      const forgiven = forgives(scope, params);
      const changed = await changeInvoice(scope, path.invoice, toUpdate(scope, params));
      if (!forgiven) return changed;
      return renderInvoice(scope, await markUncollectible(scope, path.invoice));
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/invoices/:invoice",
    params: {},
    returns: "invoice",
    handler: async ({ scope, path }) => {
      await deleteDraft(scope, path.invoice);
      return toDeleted(path.invoice, "invoice");
    },
  }),
];
