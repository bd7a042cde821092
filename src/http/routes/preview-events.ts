import { type Static, Type } from "typebox";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { type PreviewEvent, previewEvents } from "../../operations/preview-events.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, InstantField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toInvoiceView } from "../views/invoice-view.ts";

const PreviewBody = ObjectField({
  events: Type.Array(
    ObjectField({
      event_type: TextField({ max: 256 }),
      timestamp: Type.Optional(InstantField()),
      properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      transaction_id: Type.Optional(TextField({ max: 128 })),
    }),
    { minItems: 1, maxItems: 100 },
  ),
  mode: Type.Optional(EnumField(["replace", "merge"])),
  skip_zero_qty_line_items: Type.Optional(Type.Boolean()),
});

/** What events would make of a customer's drafts. */
export function addPreviewEventRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/customers/:customer_id/previewEvents",
    schema: {
      tags: ["invoices"],
      summary: "A customer's drafts as they would be with some events; nothing is stored",
      params: ObjectField({ customer_id: IdField() }),
      body: PreviewBody,
    },
    handler: async (request) => {
      const { body, params } = request;
      const ctx = operationOf(request);
      const events = readEvents(body.events, ctx.now);
      const invoices = await previewEvents(ctx, params.customer_id, events, body.mode ?? "replace");
      const skipZeroQuantityLines = body.skip_zero_qty_line_items ?? false;
      const options = { skipZeroQuantityLines, withListPrices: false };
      return { data: invoices.map((invoice) => toInvoiceView(invoice, options)) };
    },
  });
}

/** Metronome API: a transaction id that comes twice in one request is an error. */
function readEvents(
  events: Static<typeof PreviewBody>["events"],
  now: PreviewEvent["timestamp"],
): PreviewEvent[] {
  const known = new Set<string>();
  return events.map((event, n) => {
    const id = event.transaction_id;
    if (id !== undefined && known.has(id)) {
      const field = `events[${n}].transaction_id`;
      throw invalid(`${field} is that of an earlier event of the request`, field);
    }
    if (id !== undefined) known.add(id);
    return {
      eventType: event.event_type,
      properties: event.properties ?? {},
      transactionId: id,
      timestamp: event.timestamp === undefined ? now : instant(event.timestamp),
    };
  });
}
