import { regenerateInvoice, voidFinalizedInvoice } from "../../operations/correct-invoice.ts";
import { operationOf } from "../request-context.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const tags = ["invoices"];
const body = ObjectField({ id: IdField() });

/** Taking finalized invoices back, and making them anew. */
export function addInvoiceCorrectionRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/invoices/void",
    schema: { tags, summary: "Take a finalized invoice back", body },
    handler: async (request) => {
      const { id } = request.body;
      await voidFinalizedInvoice(operationOf(request), id);
      return { data: { id } };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/invoices/regenerate",
    schema: { tags, summary: "Make a void invoice anew, from how things are now", body },
    handler: async (request) => ({
      data: { id: await regenerateInvoice(operationOf(request), request.body.id) },
    }),
  });
}
