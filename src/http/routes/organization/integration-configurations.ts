import { Type } from "typebox";
import { notFound } from "../../../errors.ts";
import { createConfiguration } from "../../../operations/change-integration-configurations.ts";
import type { Services } from "../../../operations/context.ts";
import { listConfigurations } from "../../../store/integration-configurations.ts";
import {
  type ConfigurationBody,
  configurationFields,
  DestinationField,
  EntityTypeField,
  toConfigurationRequest,
} from "../../organization/configuration-fields.ts";
import { CONFIGURATIONS, viewConfiguration } from "../../organization/configuration-view.ts";
import { readEntityType } from "../../organization/entity-types.ts";
import {
  organizationOf,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { toPage } from "../../pagination.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";

const tags = ["integrations"];

/** Rules that say which accounts' bills go where, and how (docs/integrations.md). */
export function addIntegrationConfigurationRoutes(
  http: CoreServer,
  { services }: { readonly services: Pick<Services, "providers"> },
): void {
  const fields = configurationFields(services);
  http.route({
    method: "POST",
    url: CONFIGURATIONS,
    schema: {
      tags,
      summary: "Create an integration configuration",
      params: ObjectField(orgParams),
      body: ObjectField(fields, { unsupported: { entityId: null } }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return viewConfiguration(
        ctx,
        await createConfiguration(ctx, toConfigurationRequest(request.body as ConfigurationBody)),
      );
    },
  });
  http.route({
    method: "GET",
    url: CONFIGURATIONS,
    schema: {
      tags,
      summary: "List the integration configurations, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField({
        ...orgPageQuery,
        destinationId: Type.Optional(IdField()),
        destination: Type.Optional(DestinationField()),
        entityType: Type.Optional(EntityTypeField()),
        name: Type.Optional(TextField({ max: 200 })),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { destinationId, destination, entityType, name } = request.query;
      const { after, limit } = readPageQuery(request.query);
      const rows = await listConfigurations(ctx.db, ctx.environment.id, {
        connectionId: destinationId,
        destination: destination?.toUpperCase(),
        entityType: entityType === undefined ? undefined : readEntityType(entityType),
        name,
        after,
        limit,
      });
      return toTokenPage(toPage(rows, limit), (each) => viewConfiguration(ctx, each));
    },
  });
  http.route({
    method: "GET",
    url: `${CONFIGURATIONS}/entity/:entityType`,
    schema: {
      tags,
      summary: "Get the oldest integration configuration of an entity type",
      params: ObjectField({ ...orgParams, entityType: EntityTypeField() }),
      querystring: ObjectField(
        {
          destination: Type.Optional(DestinationField()),
          destinationId: Type.Optional(IdField()),
        },
        { unsupported: { entityId: null } },
      ),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { destination, destinationId } = request.query;
      const entityType = readEntityType(request.params.entityType);
      const [found] = await listConfigurations(ctx.db, ctx.environment.id, {
        entityType,
        destination: destination?.toUpperCase(),
        connectionId: destinationId,
        after: undefined,
        limit: 1,
      });
      if (found === undefined) throw notFound("integration configuration for", entityType);
      return viewConfiguration(ctx, found);
    },
  });
}
