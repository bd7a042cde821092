import { Type } from "typebox";
import { invalid } from "../../../errors.ts";
import {
  deleteConfiguration,
  replaceConfiguration,
} from "../../../operations/change-integration-configurations.ts";
import type { Services } from "../../../operations/context.ts";
import {
  getConfiguration,
  type IntegrationConfiguration,
} from "../../../store/integration-configurations.ts";
import {
  type ConfigurationBody,
  configurationFields,
  toConfigurationRequest,
} from "../../organization/configuration-fields.ts";
import { CONFIGURATIONS, viewConfiguration } from "../../organization/configuration-view.ts";
import { organizationOf, orgIdParams } from "../../organization/organization.ts";
import { readOnlyFields, refuseChanged } from "../../organization/read-only.ts";
import { ObjectField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { READ_ONLY_OF_CONFIGURATION } from "../../views/integration-configuration.ts";

const tags = ["integrations"];

/** One rule: read, replaced as a whole, deleted. */
export function addOneConfigurationRoutes(
  http: CoreServer,
  { services }: { readonly services: Pick<Services, "providers"> },
): void {
  const fields = configurationFields(services);
  const params = ObjectField(orgIdParams);
  http.route({
    method: "GET",
    url: `${CONFIGURATIONS}/:id`,
    schema: { tags, summary: "Get an integration configuration", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewConfiguration(
        ctx,
        await getConfiguration(ctx.db, ctx.environment.id, request.params.id),
      );
    },
  });
  http.route({
    method: "PUT",
    url: `${CONFIGURATIONS}/:id`,
    schema: {
      tags,
      summary: "Replace an integration configuration",
      params,
      body: ObjectField(
        {
          ...fields,
          version: Type.Integer({ minimum: 1 }),
          ...readOnlyFields(READ_ONLY_OF_CONFIGURATION),
        },
        { unsupported: { entityId: null } },
      ),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      const body = request.body as ConfigurationBody & { readonly version: number };
      const present = await getConfiguration(ctx.db, ctx.environment.id, id);
      // Of an older version everything may differ: that is a conflict, and its message says so.
      if (body.version === present.version) {
        refuseChanged(viewConfiguration(ctx, present), request.body, READ_ONLY_OF_CONFIGURATION);
        refuseSilentDisconnect(body, present);
      }
      const wanted = { ...toConfigurationRequest(body), version: body.version };
      return viewConfiguration(ctx, await replaceConfiguration(ctx, id, wanted));
    },
  });
  http.route({
    method: "DELETE",
    url: `${CONFIGURATIONS}/:id`,
    schema: { tags, summary: "Delete an integration configuration", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewConfiguration(ctx, await deleteConfiguration(ctx, request.params.id));
    },
  });
}

/** A null sent back by what is not connected is no wish; anywhere else it would be ignored. */
function refuseSilentDisconnect(
  body: ConfigurationBody,
  { connectionId }: IntegrationConfiguration,
): void {
  const names = ["integrationCredentialsId", "destinationId"] as const;
  const field = names.find((name) => body[name] === null);
  if (field === undefined || connectionId === null) return;
  throw invalid(`${field} cannot be null: disconnect with POST .../disconnect`, field);
}
