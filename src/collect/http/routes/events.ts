import { refused } from "../../errors.ts";
import { toEvent } from "../../serializers/to-event.ts";
import { getEvent, listEvents } from "../../store/events.ts";
import { countPending } from "../../store/webhook-deliveries.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { flag, listOf, optional, paging, range, text } from "../params.ts";

export const eventEndpoints = [
  endpoint({
    method: "GET",
    path: "/v1/events",
    params: {
      ...paging,
      created: optional(range()),
      delivery_success: optional(flag()),
      type: optional(text(200)),
      types: optional(listOf(text(200), 20)),
    },
    returns: { listOf: "event" },
    handler: async ({ scope, params }) => {
      const { type, types = [] } = params;
      if (type !== undefined && types.length > 0) {
        throw refused(
          "parameters_exclusive",
          "You may only specify one of these parameters: type, types.",
          "types",
        );
      }
      const query = { ...toPageQuery(params), created: params.created };
      const page = await listEvents(scope, query, {
        types: type === undefined ? types : [type],
        delivered: params.delivery_success,
      });
      const pending = await countPending(
        scope,
        page.rows.map(({ id }) => id),
      );
      return toList("/v1/events", page, (row) => toEvent(row, pending.get(row.id) ?? 0));
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/events/:event",
    params: {},
    returns: "event",
    handler: async ({ scope, path }) => {
      const row = await getEvent(scope, path.event);
      const pending = await countPending(scope, [row.id]);
      return toEvent(row, pending.get(row.id) ?? 0);
    },
  }),
];
