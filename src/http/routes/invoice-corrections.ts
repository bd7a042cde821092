import { regenerateInvoice, voidFinalizedInvoice } from "../../operations/correct-invoice.ts";
import { moveIssueDate } from "../../operations/move-issue-date.ts";
import { operationOf } from "../request-context.ts";
import { IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const tags = ["invoices"];
const body = ObjectField({ id: IdField() });

/** Taking finalized invoices back, making them anew, and giving drafts another date. */
export function addInvoiceCorrectionRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/invoices/void",
    config: { oneSnapshot: true },
    schema: { tags, summary: "Take a finalized invoice back", body },
    handler: async (request) => {
      const { id } = request.body;
      await voidFinalizedInvoice(operationOf(request), id);
      return { data: { id } };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/contracts/updateInvoiceIssueDate",
    config: { oneSnapshot: true },
    schema: {
      tags,
      summary: "Give a draft another date of issue",
      body: ObjectField({ invoice_id: IdField(), issue_date: InstantField() }),
    },
    handler: async (request) => {
      const { invoice_id: id, issue_date: issueDate } = request.body;
      await moveIssueDate(operationOf(request), id, issueDate);
      return { data: { id } };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/invoices/regenerate",
    config: { oneSnapshot: true },
    schema: { tags, summary: "Make a void invoice anew, from how things are now", body },
    handler: async (request) => ({
      data: { id: await regenerateInvoice(operationOf(request), request.body.id) },
    }),
  });
}
