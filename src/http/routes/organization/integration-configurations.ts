import { Type } from "typebox";
import { BILL_OPTIONS, GLOBAL_OPTIONS } from "../../../domain/integrations/bill-options.ts";
import type { OptionFields } from "../../../domain/integrations/option-field.ts";
import { invalid, notFound } from "../../../errors.ts";
import {
  type ConfigurationRequest,
  connectConfiguration,
  createConfiguration,
  deleteConfiguration,
  disableConfiguration,
  disconnectConfiguration,
  enableConfiguration,
  replaceConfiguration,
} from "../../../operations/change-integration-configurations.ts";
import type { OperationContext, Services } from "../../../operations/context.ts";
import { listDestinations } from "../../../operations/find-destination.ts";
import {
  getConfiguration,
  type IntegrationConfiguration,
  listConfigurations,
} from "../../../store/integration-configurations.ts";
import { makeBodyOptional } from "../../optional-body.ts";
import { credentialFields, toCredentialRequest } from "../../organization/credential-fields.ts";
import { readEntityType } from "../../organization/entity-types.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgIdParams,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { readOnlyFields, refuseChanged } from "../../organization/read-only.ts";
import { toPage } from "../../pagination.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import { NullableField } from "../../schemas/nullable-field.ts";
import type { CoreServer } from "../../server.ts";
import {
  READ_ONLY_OF_CONFIGURATION,
  toConfigurationView,
} from "../../views/integration-configuration.ts";

const tags = ["integrations"];
const URL = `${ORGANIZATION}/integrationconfigs`;
const DestinationField = () => TextField({ max: 64 });
const EntityTypeField = () => TextField({ max: 64 });

/** Options are described here and checked by the table that describes them: their form is theirs. */
const ConfigDataField = (fields: OptionFields) =>
  Type.Unsafe<Record<string, unknown>>({
    type: ["object", "null"],
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, { description, initial }]) => [
        name,
        { description, default: initial },
      ]),
    ),
  });

const bodyFields = (services: Pick<Services, "providers">) => {
  const targets = listDestinations(services.providers).map(({ target }) => target);
  const own = Object.assign({}, ...targets.map(({ options }) => options)) as OptionFields;
  return {
    entityType: EntityTypeField(),
    destination: DestinationField(),
    name: Type.Optional(NullableField(TextField({ max: 200 }))),
    configData: Type.Optional(ConfigDataField({ ...GLOBAL_OPTIONS, ...BILL_OPTIONS, ...own })),
    exclusiveGroup: Type.Optional(NullableField(TextField({ max: 100 }))),
    integrationCredentialsId: Type.Optional(NullableField(IdField())),
    destinationId: Type.Optional(NullableField(IdField())),
    credentials: Type.Optional(NullableField(ObjectField(credentialFields(services)))),
  };
};

interface Body {
  readonly entityType: string;
  readonly destination: string;
  readonly name?: string | null;
  readonly configData?: Readonly<Record<string, unknown>> | null;
  readonly exclusiveGroup?: string | null;
  readonly integrationCredentialsId?: string | null;
  readonly destinationId?: string | null;
  readonly credentials?: Parameters<typeof toCredentialRequest>[0] | null;
}

/** Both fields name the credential, so they must not name two. */
function readCredentialId({ integrationCredentialsId: id, destinationId: other }: Body) {
  if (id && other && id !== other) {
    throw invalid(
      "destinationId must be absent or the same as integrationCredentialsId",
      "destinationId",
    );
  }
  return id ?? other ?? undefined;
}

const toRequest = (body: Body): ConfigurationRequest => ({
  entityType: readEntityType(body.entityType),
  destination: body.destination,
  name: body.name ?? undefined,
  configData: body.configData ?? {},
  // "EU" and "EU " must not be two groups: a bill would be sent twice.
  exclusiveGroup: body.exclusiveGroup?.trim() || null,
  credentialId: readCredentialId(body),
  credential:
    body.credentials && body.credentials.empty !== true
      ? toCredentialRequest(body.credentials, body.destination)
      : undefined,
});

const toView = ({ services }: OperationContext, configuration: IntegrationConfiguration) =>
  toConfigurationView(configuration, services.providers);

/** Rules that say which accounts' bills go where, and how (docs/integrations.md). */
export function addIntegrationConfigurationRoutes(
  http: CoreServer,
  { services }: { readonly services: Pick<Services, "providers"> },
): void {
  const fields = bodyFields(services);
  http.route({
    method: "POST",
    url: URL,
    schema: {
      tags,
      summary: "Create an integration configuration",
      params: ObjectField(orgParams),
      body: ObjectField(fields, { unsupported: { entityId: null } }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toView(ctx, await createConfiguration(ctx, toRequest(request.body as Body)));
    },
  });
  http.route({
    method: "GET",
    url: URL,
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
      return toTokenPage(toPage(rows, limit), (each) => toView(ctx, each));
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/entity/:entityType`,
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
      return toView(ctx, found);
    },
  });
  addOneConfigurationRoutes(http, fields);
  addSwitchRoutes(http);
}

function addOneConfigurationRoutes(http: CoreServer, fields: ReturnType<typeof bodyFields>): void {
  const params = ObjectField(orgIdParams);
  http.route({
    method: "GET",
    url: `${URL}/:id`,
    schema: { tags, summary: "Get an integration configuration", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toView(ctx, await getConfiguration(ctx.db, ctx.environment.id, request.params.id));
    },
  });
  http.route({
    method: "PUT",
    url: `${URL}/:id`,
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
      const body = request.body as Body & { readonly version: number };
      const present = await getConfiguration(ctx.db, ctx.environment.id, id);
      // Of an older version everything may differ: that is a conflict, and its message says so.
      if (body.version === present.version) {
        refuseChanged(toView(ctx, present), request.body, READ_ONLY_OF_CONFIGURATION);
        refuseSilentDisconnect(body, present);
      }
      const wanted = { ...toRequest(body), version: body.version };
      return toView(ctx, await replaceConfiguration(ctx, id, wanted));
    },
  });
  http.route({
    method: "DELETE",
    url: `${URL}/:id`,
    schema: { tags, summary: "Delete an integration configuration", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toView(ctx, await deleteConfiguration(ctx, request.params.id));
    },
  });
}

/** A null sent back by what is not connected is no wish; anywhere else it would be ignored. */
function refuseSilentDisconnect(body: Body, { connectionId }: IntegrationConfiguration): void {
  const names = ["integrationCredentialsId", "destinationId"] as const;
  const field = names.find((name) => body[name] === null);
  if (field === undefined || connectionId === null) return;
  throw invalid(`${field} cannot be null: disconnect with POST .../disconnect`, field);
}

function addSwitchRoutes(http: CoreServer): void {
  const params = ObjectField(orgIdParams);
  http.route({
    method: "POST",
    url: `${URL}/:id/enable`,
    schema: { tags, summary: "Enable an integration configuration and forget its errors", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toView(ctx, await enableConfiguration(ctx, request.params.id));
    },
  });
  http.route({
    method: "POST",
    url: `${URL}/:id/disable`,
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
      return toView(ctx, await disableConfiguration(ctx, request.params.id, reason));
    },
  });
  http.route({
    method: "POST",
    url: `${URL}/:id/connect`,
    schema: {
      tags,
      summary: "Connect an integration configuration with a credential",
      params,
      body: ObjectField({ integrationCredentialsId: IdField() }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { integrationCredentialsId: id } = request.body;
      return toView(ctx, await connectConfiguration(ctx, request.params.id, id));
    },
  });
  http.route({
    method: "POST",
    url: `${URL}/:id/disconnect`,
    schema: { tags, summary: "Take an integration configuration's credential away", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toView(ctx, await disconnectConfiguration(ctx, request.params.id));
    },
  });
}
