import { Type } from "typebox";
import { explainInvoice } from "../../operations/explain-invoice.ts";
import { lateUsageOf } from "../../operations/late-usage.ts";
import { getCustomerInvoice, listCustomerInvoices } from "../../operations/read-invoices.ts";
import { fromInvoiceToken, toInvoiceToken } from "../invoice-page-token.ts";
import { operationOf } from "../request-context.ts";
import {
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  pageQuery,
  TextField,
} from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toExplainedInvoiceView } from "../views/explained-invoice.ts";
import { type InvoiceViewOptions, toInvoiceView } from "../views/invoice-view.ts";
import { toLateUsageView } from "../views/late-usage-view.ts";

const DEFAULT_LIMIT = 100;
const tags = ["invoices"];

/** What of an invoice is shown. */
const viewQuery = {
  skip_zero_qty_line_items: Type.Optional(Type.Boolean()),
  include_list_prices: Type.Optional(Type.Boolean()),
};

const toViewOptions = (query: {
  readonly skip_zero_qty_line_items?: boolean;
  readonly include_list_prices?: boolean;
}): InvoiceViewOptions => ({
  skipZeroQuantityLines: query.skip_zero_qty_line_items ?? false,
  withListPrices: query.include_list_prices ?? false,
});

const listQuery = ObjectField({
  ...pageQuery,
  ...viewQuery,
  status: Type.Optional(EnumField(["DRAFT", "FINALIZED", "VOID"])),
  type: Type.Optional(EnumField(["USAGE", "SCHEDULED", "USAGE_CONSOLIDATED"])),
  sort: Type.Optional(EnumField(["date_asc", "date_desc"])),
  credit_type_id: Type.Optional(IdField()),
  contract_id: Type.Optional(IdField()),
  /** Ours: only what was issued elsewhere, or only what was not. */
  imported: Type.Optional(Type.Boolean()),
  starting_on: Type.Optional(InstantField()),
  ending_before: Type.Optional(InstantField()),
  /** Says which webhook made the caller ask; it changes nothing. */
  webhook_notification_id: Type.Optional(TextField({ max: 256 })),
});

/** Reading a customer's invoices, drafts included, and what came after one was finalized. */
export function addInvoiceRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/customers/:customer_id/invoices",
    schema: {
      tags,
      summary: "List a customer's invoices, oldest first unless asked",
      params: ObjectField({ customer_id: IdField() }),
      querystring: listQuery,
    },
    handler: async (request) => {
      const { query } = request;
      // No invoice is consolidated: hierarchies of customers do not exist here.
      if (query.type === "USAGE_CONSOLIDATED") return { data: [], next_page: null };
      const { invoices, next } = await listCustomerInvoices(operationOf(request), {
        customerId: request.params.customer_id,
        status: query.status,
        type: query.type,
        contractId: query.contract_id,
        creditTypeId: query.credit_type_id,
        imported: query.imported,
        startingOn: query.starting_on,
        endingBefore: query.ending_before,
        newestFirst: query.sort === "date_desc",
        after: fromInvoiceToken(query.next_page),
        limit: query.limit ?? DEFAULT_LIMIT,
      });
      const options = toViewOptions(query);
      return {
        data: invoices.map((invoice) => toInvoiceView(invoice, options)),
        next_page: toInvoiceToken(next),
      };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/customers/:customer_id/invoices/:invoice_id",
    schema: {
      tags,
      summary: "Get one invoice of a customer",
      params: ObjectField({ customer_id: IdField(), invoice_id: IdField() }),
      querystring: ObjectField(viewQuery),
    },
    handler: async (request) => {
      const { customer_id: customerId, invoice_id: invoiceId } = request.params;
      const invoice = await getCustomerInvoice(operationOf(request), customerId, invoiceId);
      return { data: toInvoiceView(invoice, toViewOptions(request.query)) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/invoices/:id/explain",
    schema: {
      tags,
      summary: "How each amount of an invoice came about, step by step",
      params: ObjectField({ id: IdField() }),
      querystring: ObjectField({ line_key: Type.Optional(TextField({ max: 4096 })) }),
    },
    handler: async (request) => {
      const { id } = request.params;
      const ctx = operationOf(request);
      const explained = await explainInvoice(ctx, id, request.query.line_key);
      return { data: toExplainedInvoiceView(explained, ctx.services.publicUrl()) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/invoices/:id/late-usage",
    schema: {
      tags,
      summary: "Usage that arrived after an invoice was finalized and is on no invoice",
      params: ObjectField({ id: IdField() }),
    },
    handler: async (request) => {
      const late = await lateUsageOf(operationOf(request), request.params.id);
      return { data: late.map(toLateUsageView) };
    },
  });
}
