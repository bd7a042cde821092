import { dec } from "../../../domain/decimal.ts";
import { mergeMetadata } from "../../domain/metadata.ts";
import { refused } from "../../errors.ts";
import {
  changeCreditNote,
  voidCreditNote,
} from "../../operations/credit-notes/change-credit-note.ts";
import {
  type CreditNoteRequest,
  createCreditNote,
  previewCreditNote,
} from "../../operations/credit-notes/create-credit-note.ts";
import type { NoteLineRequest } from "../../operations/credit-notes/note-lines.ts";
import {
  renderCreditNote,
  renderCreditNotes,
  renderNoteLines,
} from "../../operations/credit-notes/render-credit-note.ts";
import type { Scope } from "../../scope.ts";
import {
  type CreditNoteLineRow,
  getCreditNote,
  listCreditNotes,
  listCreditNotesByIds,
  listLinesOfNotes,
} from "../../store/credit-notes.ts";
import { cutPage } from "../../store/page.ts";
import { endpoint } from "../endpoint.ts";
import { paramUnder } from "../item-params.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  amount,
  choice,
  decimal,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  paging,
  range,
  text,
  timestamp,
} from "../params.ts";
import type { Resource } from "../resource.ts";
import { taxRatesParam } from "../totals-params.ts";

const MAX_LINES = 250;
const MAX_QUANTITY = 999_999_999;

const line = {
  amount: optional(amount({ minimum: 1 })),
  description: optional(text()),
  invoice_line_item: optional(objectId()),
  metadata: optional(metadata()),
  quantity: optional(integer(1, MAX_QUANTITY)),
  tax_rates: taxRatesParam(),
  type: choice("custom_line_item", "invoice_line_item"),
  unit_amount: optional(amount({ minimum: 1 })),
  unit_amount_decimal: optional(decimal()),
};

const creation = {
  amount: optional(amount({ minimum: 1 })),
  credit_amount: optional(amount({ minimum: 0 })),
  effective_at: optional(timestamp()),
  invoice: objectId(),
  lines: optional(listOf(hash(line), MAX_LINES)),
  memo: optional(text()),
  metadata: optional(metadata()),
  out_of_band_amount: optional(amount({ minimum: 0 })),
  reason: optional(choice("duplicate", "fraudulent", "order_change", "product_unsatisfactory")),
  refund_amount: optional(amount({ minimum: 0 })),
};

type LineParams = ParamsOf<typeof line>;

/** Throws 400 for members that go with the other type of line. */
function refuseStray(
  params: LineParams,
  names: readonly (keyof LineParams)[],
  paramOf: ReturnType<typeof paramUnder>,
): void {
  const stray = names.find((name) => params[name] !== undefined);
  if (stray === undefined) return;
  throw refused("invalid_argument", `A ${params.type} has no ${stray}.`, paramOf(stray));
}

function toLine(params: LineParams, n: number): NoteLineRequest {
  const paramOf = paramUnder(`lines[${n}]`);
  const { description } = params;
  const base = { description, metadata: mergeMetadata({}, params.metadata), paramOf };
  if (params.type === "invoice_line_item") {
    refuseStray(params, ["tax_rates", "unit_amount", "unit_amount_decimal"], paramOf);
    if (params.invoice_line_item === undefined) {
      const param = paramOf("invoice_line_item");
      throw refused("parameter_missing", `Missing required param: ${param}.`, param);
    }
    const quantity = params.quantity === undefined ? undefined : BigInt(params.quantity);
    return { ...base, invoiceLine: params.invoice_line_item, amountMinor: params.amount, quantity };
  }
  refuseStray(params, ["amount", "invoice_line_item"], paramOf);
  const { unit_amount: whole, unit_amount_decimal: exact } = params;
  if ((whole === undefined) === (exact === undefined)) {
    throw refused(
      whole === undefined ? "parameter_missing" : "parameters_exclusive",
      "Give either unit_amount or unit_amount_decimal.",
      paramOf("unit_amount"),
    );
  }
  const unitAmount = exact ?? dec(String(whole)).toFixed();
  const quantity = BigInt(params.quantity ?? 1);
  return { ...base, unitAmount, quantity, taxRates: params.tax_rates ?? [] };
}

const toRequest = (params: ParamsOf<typeof creation>): CreditNoteRequest => ({
  invoice: params.invoice,
  amountMinor: params.amount,
  lines: (params.lines ?? []).map(toLine),
  reason: params.reason,
  memo: params.memo,
  metadata: mergeMetadata({}, params.metadata),
  effectiveAt: params.effective_at,
  refundMinor: params.refund_amount ?? 0n,
  creditMinor: params.credit_amount ?? 0n,
  outOfBandMinor: params.out_of_band_amount ?? 0n,
});

export const creditNoteResource: Resource = {
  object: "credit_note",
  references: {
    customer: "customer",
    customer_balance_transaction: "customer_balance_transaction",
    invoice: "invoice",
    "refunds.refund": "refund",
  },
  parts: { "lines.data": "credit_note_line_item" },
  async load(scope, ids) {
    const notes = await renderCreditNotes(scope, await listCreditNotesByIds(scope, ids));
    return new Map(notes.map((note) => [note.id, note]));
  },
};

/** A page of a note's lines. A note has 250 at most: they are cut here. */
async function toLinePage(
  scope: Scope,
  url: string,
  lines: readonly CreditNoteLineRow[],
  params: ParamsOf<typeof paging>,
) {
  const { rows, hasMore } = cutPage("credit note line item", lines, toPageQuery(params));
  const rendered = await renderNoteLines(scope, rows);
  return toList(url, { rows: rendered, hasMore }, (line) => line);
}

export const creditNoteEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/credit_notes",
    params: creation,
    returns: "credit_note",
    handler: async ({ scope, params }) => createCreditNote(scope, toRequest(params)),
  }),
  endpoint({
    method: "GET",
    path: "/v1/credit_notes",
    params: {
      ...paging,
      created: optional(range()),
      customer: optional(objectId()),
      invoice: optional(objectId()),
    },
    returns: { listOf: "credit_note" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const { rows, hasMore } = await listCreditNotes(scope, query, params);
      const notes = await renderCreditNotes(scope, rows);
      return toList("/v1/credit_notes", { rows: notes, hasMore }, (note) => note);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/credit_notes/preview",
    params: creation,
    returns: "credit_note",
    writes: true,
    handler: async ({ scope, params }) =>
      (await previewCreditNote(scope, toRequest(params))).object,
  }),
  endpoint({
    method: "GET",
    path: "/v1/credit_notes/preview/lines",
    params: { ...creation, ...paging },
    returns: { listOf: "credit_note_line_item" },
    writes: true,
    handler: async ({ scope, params }) => {
      const { lines } = await previewCreditNote(scope, toRequest(params));
      return toLinePage(scope, "/v1/credit_notes/preview/lines", lines, params);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/credit_notes/:note",
    params: {},
    returns: "credit_note",
    handler: async ({ scope, path }) =>
      renderCreditNote(scope, await getCreditNote(scope, path.note)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/credit_notes/:note",
    params: { memo: optional(text()), metadata: optional(metadata()) },
    returns: "credit_note",
    handler: async ({ scope, path, params }) => changeCreditNote(scope, path.note, params),
  }),
  endpoint({
    method: "POST",
    path: "/v1/credit_notes/:note/void",
    params: {},
    returns: "credit_note",
    handler: async ({ scope, path }) => voidCreditNote(scope, path.note),
  }),
  endpoint({
    method: "GET",
    path: "/v1/credit_notes/:note/lines",
    params: paging,
    returns: { listOf: "credit_note_line_item" },
    handler: async ({ scope, path, params }) => {
      const { id } = await getCreditNote(scope, path.note);
      const rows = (await listLinesOfNotes(scope, [id])).get(id) ?? [];
      return toLinePage(scope, `/v1/credit_notes/${id}/lines`, rows, params);
    },
  }),
];
