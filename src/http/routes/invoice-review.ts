import { Type } from "typebox";
import { invalid } from "../../errors.ts";
import { approveInvoice } from "../../operations/approve-invoice.ts";
import { type ApprovalScope, approveInvoices } from "../../operations/approve-invoices.ts";
import type { OperationContext } from "../../operations/context.ts";
import { holdInvoice, releaseInvoice } from "../../operations/hold-invoice.ts";
import { lockInvoice } from "../../operations/lock-invoice.ts";
import {
  getInvoiceDetail,
  listInvoicesToReview,
} from "../../operations/read-invoices-to-review.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPageToken } from "../pagination.ts";
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
import { toInvoiceView } from "../views/invoice-view.ts";

const DEFAULT_LIMIT = 20;
const tags = ["invoices"];
const params = ObjectField({ id: IdField() });
const WHOLE = { skipZeroQuantityLines: false, withListPrices: false };

const showInvoice = async (ctx: OperationContext, id: string) => ({
  data: toInvoiceView(await getInvoiceDetail(ctx, id), WHOLE),
});

function toScope(body: { ids?: string[]; ending_at?: string }): ApprovalScope {
  const { ids, ending_at: endingAt } = body;
  if (ids !== undefined && endingAt === undefined) return { ids };
  if (ids === undefined && endingAt !== undefined) return { endingAt };
  throw invalid("give either ids or ending_at, the end of a period", "ids");
}

/** What people decide about invoices before they go out. */
export function addInvoiceReviewRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/invoices",
    schema: {
      tags,
      summary: "Invoices of all customers that wait for a person, oldest first",
      querystring: ObjectField({
        ...pageQuery,
        review: EnumField(["AWAITING_APPROVAL", "APPROVED", "HELD"]),
        ending_at: Type.Optional(InstantField()),
      }),
    },
    handler: async (request) => {
      const { review, ending_at: endingAt, next_page, limit = DEFAULT_LIMIT } = request.query;
      const { invoices, next } = await listInvoicesToReview(operationOf(request), {
        state: review,
        endingAt,
        after: fromPageToken(next_page),
        limit,
      });
      return {
        data: invoices.map((invoice) => toInvoiceView(invoice, WHOLE)),
        next_page: toPageToken(next),
      };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/invoices/approve",
    schema: {
      operationId: "approveInvoices",
      tags,
      summary: "Approve several drafts, or all whose period ends at an instant",
      body: ObjectField({
        ids: Type.Optional(Type.Array(IdField(), { minItems: 1, maxItems: 100 })),
        ending_at: Type.Optional(InstantField()),
      }),
    },
    handler: async (request) => ({
      data: await approveInvoices(operationOf(request), toScope(request.body)),
    }),
  });
  http.route({
    method: "POST",
    url: "/v1/invoices/:id/approve",
    config: { oneSnapshot: true },
    preValidation: makeBodyOptional,
    schema: { tags, summary: "Approve a draft as it is now", params, body: ObjectField({}) },
    handler: async (request) => {
      const ctx = operationOf(request);
      await approveInvoice(ctx, request.params.id);
      return showInvoice(ctx, request.params.id);
    },
  });
  http.route({
    method: "POST",
    url: "/v1/invoices/:id/hold",
    config: { oneSnapshot: true },
    schema: {
      tags,
      summary: "Keep an invoice from being finalized or delivered",
      params,
      body: ObjectField({ reason: TextField({ max: 1000 }) }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      await holdInvoice(ctx, request.params.id, request.body.reason);
      return showInvoice(ctx, request.params.id);
    },
  });
  for (const [verb, summary, work] of [
    ["release", "Let an invoice on hold go on", releaseInvoice],
    ["lock", "Lock an invoice for good; an approved draft is finalized at once", lockInvoice],
  ] as const) {
    http.route({
      method: "POST",
      url: `/v1/invoices/:id/${verb}`,
      config: { oneSnapshot: true },
      preValidation: makeBodyOptional,
      schema: { tags, summary, params, body: ObjectField({}) },
      handler: async (request) => {
        const ctx = operationOf(request);
        await work(ctx, request.params.id);
        return showInvoice(ctx, request.params.id);
      },
    });
  }
}
