import { Type } from "typebox";
import { archiveAlert } from "../../operations/change-alerts.ts";
import { createAlert } from "../../operations/create-alert.ts";
import { operationOf } from "../request-context.ts";
import { CreateAlertBody, fromCreateAlertBody } from "../schemas/alert-fields.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";

const tags = ["alerts"];

/** Alerts: at which value of a customer somebody is told. */
export function addAlertRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/alerts/create",
    schema: {
      tags,
      summary: "Create an alert, for one customer or for all",
      body: CreateAlertBody,
    },
    handler: async (request) => {
      const terms = fromCreateAlertBody(request.body);
      return { data: { id: await createAlert(operationOf(request), terms) } };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/alerts/archive",
    schema: {
      tags,
      summary: "Archive an alert",
      body: ObjectField({
        id: IdField(),
        release_uniqueness_key: Type.Optional(NullableField(Type.Boolean())),
      }),
    },
    handler: async (request) => {
      const { id, release_uniqueness_key: releasesKey } = request.body;
      await archiveAlert(operationOf(request), id, releasesKey ?? false);
      return { data: { id } };
    },
  });
}
