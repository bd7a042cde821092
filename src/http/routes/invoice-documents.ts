import { Type } from "typebox";
import type { CoreDb } from "../../db/database.ts";
import type { Services } from "../../operations/context.ts";
import { linkInvoicePage } from "../../operations/invoice-page.ts";
import { readInvoiceParts } from "../../operations/read-invoice-document.ts";
import { writeExact } from "../../platform/json/exact-json.ts";
import { sendCsv, sendPdf } from "../documents/send-document.ts";
import { operationOf, toOperationContext } from "../request-context.ts";
import { EnumField, IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toInvoiceView } from "../views/invoice-view.ts";

const tags = ["invoices"];

export interface DocumentDeps {
  readonly db: CoreDb;
  readonly services: Services;
}

/** An invoice as a document: PDF, CSV, JSON, and the address of its page. */
export function addInvoiceDocumentRoutes(http: CoreServer, { db, services }: DocumentDeps): void {
  http.route({
    method: "GET",
    url: "/v1/customers/:customer_id/invoices/:invoice_id/pdf",
    config: { plain: true },
    schema: {
      tags,
      summary: "An invoice of a customer as PDF",
      params: ObjectField({ customer_id: IdField(), invoice_id: IdField() }),
      querystring: ObjectField({ paper: Type.Optional(EnumField(["A4", "LETTER"])) }),
    },
    handler: async (request, reply) => {
      const { customer_id: customerId, invoice_id: invoiceId } = request.params;
      const ctx = await toOperationContext(request, db, services);
      const parts = await readInvoiceParts(ctx, invoiceId, customerId);
      return sendPdf(reply, parts, request.query.paper ?? "A4");
    },
  });
  http.route({
    method: "GET",
    url: "/v1/invoices/:id/document",
    config: { plain: true },
    schema: {
      tags,
      summary: "An invoice as JSON or as CSV",
      params: ObjectField({ id: IdField() }),
      querystring: ObjectField({ format: Type.Optional(EnumField(["JSON", "CSV"])) }),
    },
    handler: async (request, reply) => {
      const ctx = await toOperationContext(request, db, services);
      const parts = await readInvoiceParts(ctx, request.params.id);
      if (request.query.format === "CSV") return sendCsv(reply, parts);
      const options = { skipZeroQuantityLines: false, withListPrices: false };
      const data = toInvoiceView(parts.invoice, options);
      return reply.type("application/json; charset=utf-8").send(writeExact({ data }));
    },
  });
  http.route({
    method: "GET",
    url: "/v1/invoices/:id/page-link",
    schema: {
      tags,
      summary: "The address of an invoice's page for its customer",
      params: ObjectField({ id: IdField() }),
    },
    handler: async (request) => ({
      data: { url: await linkInvoicePage(operationOf(request), request.params.id) },
    }),
  });
}
