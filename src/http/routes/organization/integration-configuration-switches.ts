import { Type } from "typebox";
import {
  connectConfiguration,
  disableConfiguration,
  disconnectConfiguration,
  enableConfiguration,
} from "../../../operations/change-integration-configurations.ts";
import { makeBodyOptional } from "../../optional-body.ts";
import { CONFIGURATIONS, viewConfiguration } from "../../organization/configuration-view.ts";
import { organizationOf, orgIdParams } from "../../organization/organization.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";

const tags = ["integrations"];

/** What makes a rule send bills, and stop. */
export function addConfigurationSwitchRoutes(http: CoreServer): void {
  const params = ObjectField(orgIdParams);
  http.route({
    method: "POST",
    url: `${CONFIGURATIONS}/:id/enable`,
    schema: { tags, summary: "Enable an integration configuration and forget its errors", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewConfiguration(ctx, await enableConfiguration(ctx, request.params.id));
    },
  });
  http.route({
    method: "POST",
    url: `${CONFIGURATIONS}/:id/disable`,
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Disable an integration configuration",
      params,
      body: ObjectField({ reason: Type.Optional(TextField({ max: 500 })) }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { reason } = request.body;
      return viewConfiguration(ctx, await disableConfiguration(ctx, request.params.id, reason));
    },
  });
  http.route({
    method: "POST",
    url: `${CONFIGURATIONS}/:id/connect`,
    schema: {
      tags,
      summary: "Connect an integration configuration with a credential",
      params,
      body: ObjectField({ integrationCredentialsId: IdField() }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { integrationCredentialsId: id } = request.body;
      return viewConfiguration(ctx, await connectConfiguration(ctx, request.params.id, id));
    },
  });
  http.route({
    method: "POST",
    url: `${CONFIGURATIONS}/:id/disconnect`,
    schema: { tags, summary: "Take an integration configuration's credential away", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewConfiguration(ctx, await disconnectConfiguration(ctx, request.params.id));
    },
  });
}
