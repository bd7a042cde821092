import { changeInvoiceItem, deleteInvoiceItem } from "../../operations/change-invoice-item.ts";
import { createInvoiceItem } from "../../operations/create-invoice-item.ts";
import { renderInvoiceItem, renderInvoiceItems } from "../../operations/render-invoice-item.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import {
  getInvoiceItem,
  listInvoiceItems,
  listInvoiceItemsByIds,
} from "../../store/invoice-items.ts";
import { endpoint } from "../endpoint.ts";
import { itemParams, toItemUpdate, toNewItem } from "../item-params.ts";
import { toList, toPageQuery } from "../list.ts";
import { currency, flag, objectId, optional, paging, range } from "../params.ts";
import type { Resource } from "../resource.ts";

export const invoiceItemResource: Resource = {
  object: "invoiceitem",
  references: {
    customer: "customer",
    invoice: "invoice",
    "pricing.price_details.price": "price",
    discounts: "discount",
  },
  parts: { tax_rates: "tax_rate" },
  async load(scope, ids) {
    const items = await renderInvoiceItems(scope, await listInvoiceItemsByIds(scope, ids));
    return new Map(items.map((item) => [item.id, item]));
  },
};

export const invoiceItemEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/invoiceitems",
    params: {
      ...itemParams,
      currency: optional(currency()),
      customer: optional(objectId()),
      invoice: optional(objectId()),
      subscription: optional(objectId()),
    },
    returns: "invoiceitem",
    handler: async ({ scope, params }) => {
      const { currency, customer, invoice, subscription } = params;
      const item = { ...toNewItem(params), currency, customer, invoice, subscription };
      return renderInvoiceItem(scope, await createInvoiceItem(scope, item));
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/invoiceitems",
    params: {
      ...paging,
      created: optional(range()),
      customer: optional(objectId()),
      invoice: optional(objectId()),
      pending: optional(flag()),
    },
    returns: { listOf: "invoiceitem" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const { rows, hasMore } = await listInvoiceItems(scope, query, params);
      const items = await renderInvoiceItems(scope, rows);
      return toList("/v1/invoiceitems", { rows: items, hasMore }, (item) => item);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/invoiceitems/:invoiceitem",
    params: {},
    returns: "invoiceitem",
    handler: async ({ scope, path }) =>
      renderInvoiceItem(scope, await getInvoiceItem(scope, path.invoiceitem)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoiceitems/:invoiceitem",
    params: itemParams,
    returns: "invoiceitem",
    handler: async ({ scope, path, params }) =>
      renderInvoiceItem(
        scope,
        await changeInvoiceItem(scope, path.invoiceitem, toItemUpdate(params)),
      ),
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/invoiceitems/:invoiceitem",
    params: {},
    returns: "invoiceitem",
    handler: async ({ scope, path }) => {
      await deleteInvoiceItem(scope, path.invoiceitem);
      return toDeleted(path.invoiceitem, "invoiceitem");
    },
  }),
];
