import { Type } from "typebox";
import { type SearchedEvent, searchEvents } from "../../operations/search-events.ts";
import { operationOf } from "../request-context.ts";
import { ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toBillableMetricView } from "../views/billable-metric.ts";

const MAX_IDS = 1000;

/** Single events, by what the sender called them. */
export function addEventSearchRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/events/search",
    schema: {
      tags: ["usage"],
      summary: "Find events by transaction id, and what each counts for",
      body: ObjectField({ transactionIds: Type.Array(TextField(), { maxItems: MAX_IDS }) }),
    },
    handler: async (request) => {
      const events = await searchEvents(operationOf(request), request.body.transactionIds);
      // The matched API has no envelope here.
      return events.map(toEventView);
    },
  });
}

/** A second event with the transaction id is not kept, so none that is found is a duplicate. */
const toEventView = ({ event, properties, customer, metrics }: SearchedEvent) => ({
  id: event.key,
  transaction_id: event.transactionId,
  customer_id: event.customerRef,
  event_type: event.eventType,
  timestamp: event.at,
  properties,
  is_duplicate: false,
  processed_at: event.receivedAt,
  ...(customer === undefined ? {} : { matched_customer: customer }),
  matched_billable_metrics: metrics.map(({ metric, customFields }) =>
    toBillableMetricView(metric, customFields),
  ),
});
