import { Type } from "typebox";
import type { CreditRequest } from "../../domain/credit-notes/credit-invoice.ts";
import { dec } from "../../domain/decimal.ts";
import { invalid } from "../../errors.ts";
import type { OperationContext } from "../../operations/context.ts";
import { issueCreditNote } from "../../operations/issue-credit-note.ts";
import { retryCreditNote } from "../../operations/retry-credit-note.ts";
import { voidCreditNote } from "../../operations/void-credit-note.ts";
import { type CreditNote, getCreditNote, listCreditNotes } from "../../store/credit-notes.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  ObjectField,
  pageQuery,
  TextField,
} from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { viewCreditNotes } from "../views/credit-note.ts";

const DEFAULT_LIMIT = 100;
const tags = ["credit notes"];
const params = ObjectField({ id: IdField() });

const REASONS = [
  "duplicate",
  "fraudulent",
  "order_change",
  "product_unsatisfactory",
  "other",
] as const;

interface Asked {
  readonly full?: boolean;
  readonly amount?: string;
  readonly line_items?: readonly { line_key: string; amount?: string; quantity?: string }[];
}

/** Exactly one of the three ways to say how much. */
function toRequest({ full, amount, line_items: lines }: Asked): CreditRequest {
  const given = [full === true, amount !== undefined, lines !== undefined].filter(Boolean);
  if (given.length !== 1) throw invalid("give one of full: true, amount and line_items", "full");
  if (amount !== undefined) return { kind: "amount", amount: dec(amount) };
  if (lines === undefined) return { kind: "full" };
  return {
    kind: "lines",
    lines: lines.map((line, index) => {
      if (line.amount !== undefined && line.quantity !== undefined) {
        const field = `line_items[${index}]`;
        throw invalid(`${field}: give amount or quantity, not both`, field);
      }
      return {
        lineKey: line.line_key,
        amount: line.amount === undefined ? undefined : dec(line.amount),
        quantity: line.quantity === undefined ? undefined : dec(line.quantity),
      };
    }),
  };
}

const showNote = async ({ db }: OperationContext, note: CreditNote) => {
  const [data] = await viewCreditNotes(db, [note]);
  return { data };
};

/** What is given back of finalized invoices. */
export function addCreditNoteRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/credit-notes",
    config: { oneSnapshot: true },
    schema: {
      tags,
      summary: "Credit a finalized invoice: in full, by line or by amount; or preview that",
      body: ObjectField({
        invoice_id: IdField(),
        reason: Type.Optional(EnumField(REASONS)),
        memo: Type.Optional(TextField({ max: 1000 })),
        full: Type.Optional(Type.Boolean()),
        amount: Type.Optional(DecimalField()),
        line_items: Type.Optional(
          Type.Array(
            ObjectField({
              line_key: TextField({ max: 4096 }),
              amount: Type.Optional(DecimalField()),
              quantity: Type.Optional(DecimalField()),
            }),
            { minItems: 1, maxItems: 1000 },
          ),
        ),
        preview: Type.Optional(Type.Boolean()),
      }),
    },
    handler: async (request) => {
      const { invoice_id: invoiceId, reason = "other", memo = null, preview } = request.body;
      const note = await issueCreditNote(
        operationOf(request),
        { invoiceId, reason, memo, request: toRequest(request.body) },
        { preview: preview ?? false },
      );
      return showNote(operationOf(request), note);
    },
  });
  http.route({
    method: "GET",
    url: "/v1/credit-notes",
    schema: {
      tags,
      summary: "List credit notes, oldest first",
      querystring: ObjectField({
        ...pageQuery,
        invoice_id: Type.Optional(IdField()),
        customer_id: Type.Optional(IdField()),
        status: Type.Optional(EnumField(["ISSUED", "VOID"])),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { query } = request;
      const limit = query.limit ?? DEFAULT_LIMIT;
      const rows = await listCreditNotes(db, {
        environmentId: environment.id,
        invoiceId: query.invoice_id,
        customerId: query.customer_id,
        status: query.status,
        after: fromPageToken(query.next_page),
        limit,
      });
      const page = toPage(rows, limit);
      return { data: await viewCreditNotes(db, page.rows), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/credit-notes/:id",
    schema: { tags, summary: "Get one credit note", params },
    handler: async (request) => {
      const ctx = operationOf(request);
      return showNote(ctx, await getCreditNote(ctx.db, ctx.environment.id, request.params.id));
    },
  });
  http.route({
    method: "POST",
    url: "/v1/credit-notes/:id/void",
    config: { oneSnapshot: true },
    preValidation: makeBodyOptional,
    schema: { tags, summary: "Take a credit note back", params, body: ObjectField({}) },
    handler: async (request) => {
      const ctx = operationOf(request);
      return showNote(ctx, await voidCreditNote(ctx, request.params.id));
    },
  });
  http.route({
    method: "POST",
    url: "/v1/credit-notes/:id/retry",
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Deliver a credit note again that failed",
      params,
      body: ObjectField({}),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      await retryCreditNote(ctx, request.params.id);
      return showNote(ctx, await getCreditNote(ctx.db, ctx.environment.id, request.params.id));
    },
  });
}
