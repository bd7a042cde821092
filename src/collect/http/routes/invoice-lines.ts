import { mergeMetadata } from "../../domain/metadata.ts";
import { refused } from "../../errors.ts";
import { addLines, removeLines, updateLines } from "../../operations/change-lines.ts";
import { toInvoiceLine } from "../../serializers/to-invoice-line.ts";
import { getLines, listLines, listLinesByIds } from "../../store/invoice-lines.ts";
import { getInvoice } from "../../store/invoices.ts";
import { endpoint } from "../endpoint.ts";
import { lineParams, toItemUpdate, toNewItem } from "../item-params.ts";
import { toList, toPageQuery } from "../list.ts";
import { choice, hash, listOf, metadata, objectId, optional, paging } from "../params.ts";
import type { Resource } from "../resource.ts";

/** Lines that one bulk request can hold: as many as an invoice. */
const MAX_BULK_LINES = 250;

type InvoiceMetadata = Readonly<Record<string, string>>;

const merging = (change: InvoiceMetadata | null | undefined) => (current: InvoiceMetadata) =>
  mergeMetadata(current, change);

export const lineItemResource: Resource = {
  object: "line_item",
  references: {
    "pricing.price_details.price": "price",
    discounts: "discount",
    "discount_amounts.discount": "discount",
  },
  async load(scope, ids) {
    const rows = await listLinesByIds(scope, ids);
    return new Map(rows.map((row) => [row.line_id, toInvoiceLine(row)]));
  },
};

export const invoiceLineEndpoints = [
  endpoint({
    method: "GET",
    path: "/v1/invoices/:invoice/lines",
    params: paging,
    returns: { listOf: "line_item" },
    handler: async ({ scope, path, params }) => {
      const { id } = await getInvoice(scope, path.invoice, "invoice");
      const page = await listLines(scope, id, toPageQuery(params));
      return toList(`/v1/invoices/${id}/lines`, page, toInvoiceLine);
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/add_lines",
    params: {
      lines: listOf(hash({ ...lineParams, invoice_item: optional(objectId()) }), MAX_BULK_LINES),
      invoice_metadata: optional(metadata()),
    },
    returns: "invoice",
    handler: async ({ scope, path, params }) => {
      const lines = params.lines.map((line, index) => {
        if (line.invoice_item !== undefined && Object.keys(line).length > 1) {
          throw refused(
            "parameters_exclusive",
            "A pending item becomes a line as it is; change it with update_lines.",
            `lines[${index}][invoice_item]`,
          );
        }
        return { ...toNewItem(line, `lines[${index}]`), invoiceItem: line.invoice_item };
      });
      return addLines(scope, path.invoice, lines, merging(params.invoice_metadata));
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/update_lines",
    params: {
      lines: listOf(hash({ ...lineParams, id: objectId() }), MAX_BULK_LINES),
      invoice_metadata: optional(metadata()),
    },
    returns: "invoice",
    handler: async ({ scope, path, params }) => {
      const lines = params.lines.map((line, index) => ({
        id: line.id,
        toUpdate: toItemUpdate(line, `lines[${index}]`),
      }));
      return updateLines(scope, path.invoice, lines, merging(params.invoice_metadata));
    },
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/remove_lines",
    params: {
      lines: listOf(
        hash({ id: objectId(), behavior: choice("delete", "unassign") }),
        MAX_BULK_LINES,
      ),
      invoice_metadata: optional(metadata()),
    },
    returns: "invoice",
    handler: async ({ scope, path, params }) =>
      removeLines(scope, path.invoice, params.lines, merging(params.invoice_metadata)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/invoices/:invoice/lines/:line",
    params: lineParams,
    returns: "line_item",
    handler: async ({ scope, path, params }) => {
      const line = { id: path.line, toUpdate: toItemUpdate(params) };
      await updateLines(scope, path.invoice, [line], (metadata) => metadata);
      const [row] = await getLines(scope, path.invoice, [path.line], () => "id");
      if (row === undefined) throw new Error(`The line ${path.line} was just changed`);
      return toInvoiceLine(row);
    },
  }),
];
