import { Type } from "typebox";
import { resetAlert } from "../../operations/change-alerts.ts";
import { getCustomerAlert, listCustomerAlerts } from "../../operations/read-customer-alerts.ts";
import { fromPageToken, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, TextField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toCustomerAlertView } from "../views/alert.ts";

const tags = ["alerts"];
const PAGE_SIZE = 100;
const STATUSES = ["ENABLED", "DISABLED", "ARCHIVED"] as const;

const GetBody = ObjectField(
  {
    customer_id: IdField(),
    alert_id: IdField(),
    seat_filter: Type.Optional(
      NullableField(
        ObjectField({
          seat_group_key: TextField({ max: 200 }),
          seat_group_value: TextField({ max: 200 }),
        }),
      ),
    ),
  },
  { unsupported: { plans_or_contracts: "CONTRACTS", group_values: [], alert_specifiers: [] } },
);

/** Where one customer stands with the alerts that watch it. */
export function addCustomerAlertRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/customer-alerts/get",
    schema: { tags, summary: "Get an alert and a customer's status", body: GetBody },
    handler: async (request) => {
      const { customer_id: customerId, alert_id: alertId, seat_filter: seat } = request.body;
      const query = {
        customerId,
        alertId,
        seat: seat ? { groupKey: seat.seat_group_key, seatId: seat.seat_group_value } : undefined,
      };
      return { data: toCustomerAlertView(await getCustomerAlert(operationOf(request), query)) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/customer-alerts/list",
    schema: {
      tags,
      summary: "List the alerts that watch a customer, enabled ones unless asked otherwise",
      querystring: ObjectField({ next_page: Type.Optional(TextField({ max: 512 })) }),
      body: ObjectField({
        customer_id: IdField(),
        alert_statuses: Type.Optional(
          NullableField(Type.Array(EnumField(STATUSES), { minItems: 1, maxItems: 10 })),
        ),
      }),
    },
    handler: async (request) => {
      // Nothing disables an alert but archiving it.
      const statuses: readonly string[] = request.body.alert_statuses ?? ["ENABLED"];
      const found = await listCustomerAlerts(operationOf(request), {
        customerId: request.body.customer_id,
        enabled: statuses.includes("ENABLED"),
        archived: statuses.includes("ARCHIVED"),
        after: fromPageToken(request.query.next_page),
        limit: PAGE_SIZE + 1,
      });
      const page = found.slice(0, PAGE_SIZE);
      const next = found.length > PAGE_SIZE ? page.at(-1)?.alert.position : undefined;
      return { data: page.map(toCustomerAlertView), next_page: toPageToken(next) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/customer-alerts/reset",
    schema: {
      tags,
      summary: "Forget a customer's status and look anew",
      body: ObjectField({ customer_id: IdField(), alert_id: IdField() }),
    },
    handler: async (request, reply) => {
      const { customer_id: customerId, alert_id: alertId } = request.body;
      await resetAlert(operationOf(request), { customerId, alertId });
      return reply.send();
    },
  });
}
