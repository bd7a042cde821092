import { Type } from "typebox";
import { invalid } from "../../errors.ts";
import { listLineEvents } from "../../operations/list-line-events.ts";
import type { EventPosition } from "../../store/customer-events.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toLineEventView, toMeteredWindowView } from "../views/line-event.ts";

const DEFAULT_LIMIT = 100;

/** From an amount down to the events it was made of. */
export function addInvoiceEventRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/invoices/:id/events",
    schema: {
      tags: ["invoices"],
      summary: "The usage events behind a line of an invoice, in order of time",
      params: ObjectField({ id: IdField() }),
      querystring: ObjectField({
        line_key: TextField({ max: 4096 }),
        window_size: Type.Optional(EnumField(["HOUR", "DAY"])),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        next_page: Type.Optional(TextField({ max: 512 })),
      }),
    },
    handler: async (request) => {
      const { query } = request;
      const found = await listLineEvents(operationOf(request), {
        invoiceId: request.params.id,
        lineKey: query.line_key,
        size: query.window_size ?? "DAY",
        after: fromEventToken(query.next_page),
        limit: query.limit ?? DEFAULT_LIMIT,
      });
      return {
        data: found.events.map(toLineEventView),
        windows: found.windows.map(toMeteredWindowView),
        event_count: found.eventCount,
        ...(found.reason === undefined ? {} : { reason: found.reason }),
        next_page: toEventToken(found.next),
      };
    },
  });
}

const TOKEN = /^e:(\d{4}-\d\d-\d\dT[\d:.]{8,15}Z)\/([0-9a-f]{32})$/;

function fromEventToken(token: string | undefined): EventPosition | undefined {
  if (token === undefined) return undefined;
  const [, at, key] = TOKEN.exec(Buffer.from(token, "base64url").toString("latin1")) ?? [];
  if (at === undefined || key === undefined || Number.isNaN(Date.parse(at))) {
    throw invalid("next_page is not a token of this list", "next_page");
  }
  return { at, key };
}

const toEventToken = (next: EventPosition | undefined): string | null =>
  next === undefined
    ? null
    : Buffer.from(`e:${next.at}/${next.key}`, "latin1").toString("base64url");
