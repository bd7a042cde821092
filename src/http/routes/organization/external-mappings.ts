import { Type } from "typebox";
import { MAPPED_ENTITIES } from "../../../domain/integrations/mapped-entity.ts";
import type { OperationContext } from "../../../operations/context.ts";
import { listMappingCandidates } from "../../../operations/list-mapping-candidates.ts";
import {
  createMapping,
  demandEntity,
  type MappingRequest,
  mappedSystems,
  removeMapping,
  replaceMapping,
  toSystemName,
} from "../../../operations/save-external-mapping.ts";
import {
  type ExternalMapping,
  getMapping,
  listMappings,
  type MappingFilter,
} from "../../../store/external-mappings.ts";
import { ManyField, readManyIds } from "../../organization/list-query.ts";
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

const tags = ["external mappings"];
const url = `${ORGANIZATION}/externalmappings`;
const one = `${url}/:id`;
const configurationUrl = `${ORGANIZATION}/externalmappingconfiguration`;
const params = ObjectField(orgIdParams);
const READ_ONLY = ["id", "dtCreated", "dtLastModified", "createdBy", "lastModifiedBy"] as const;

const NameField = () => TextField({ max: 64 });
const fields = {
  m3terEntity: NameField(),
  m3terId: IdField(),
  externalSystem: NameField(),
  externalTable: NameField(),
  externalId: TextField({ max: 255 }),
  integrationConfigId: Type.Optional(NullableField(IdField())),
};
const CreateMapping = ObjectField(fields, { unsupported: { version: null } });
const ReplaceMapping = ObjectField({
  ...fields,
  ...readOnlyFields(READ_ONLY),
  version: Type.Integer({ minimum: 1 }),
});

const toRequest = (body: Type.Static<typeof CreateMapping>): MappingRequest => ({
  entity: body.m3terEntity,
  entityId: body.m3terId,
  externalSystem: body.externalSystem,
  externalTable: body.externalTable,
  externalId: body.externalId,
  configurationId: body.integrationConfigId ?? null,
});

const toMappingView = (mapping: ExternalMapping) => ({
  id: mapping.id,
  m3terEntity: mapping.entity,
  m3terId: mapping.entityId,
  externalSystem: mapping.externalSystem,
  externalTable: mapping.externalTable,
  externalId: mapping.externalId,
  integrationConfigId: mapping.configurationId,
  version: mapping.version,
  dtCreated: mapping.createdAt,
  dtLastModified: mapping.updatedAt,
  createdBy: mapping.createdBy,
  lastModifiedBy: mapping.updatedBy,
});

type PageQuery = Parameters<typeof readPageQuery>[0];

/** A page of the mappings that fit. */
async function showMappings(
  ctx: OperationContext,
  query: PageQuery,
  filter: Omit<MappingFilter, "after" | "limit">,
) {
  const { after, limit } = readPageQuery(query);
  const found = await listMappings(ctx.db, ctx.environment.id, { ...filter, after, limit });
  return toTokenPage(toPage(found, limit), toMappingView);
}

/** What entities of ours are called at other systems. */
export function addExternalMappingRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url,
    schema: {
      tags,
      summary: "List external mappings, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField({
        ...orgPageQuery,
        externalSystemId: Type.Optional(NameField()),
        m3terIds: Type.Optional(ManyField()),
        integrationConfigId: Type.Optional(IdField()),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { externalSystemId, m3terIds, integrationConfigId } = request.query;
      return showMappings(ctx, request.query, {
        ...(externalSystemId === undefined
          ? {}
          : { externalSystem: toSystemName(ctx, externalSystemId) }),
        ...(integrationConfigId === undefined ? {} : { configurationId: integrationConfigId }),
        entityIds: readManyIds(m3terIds, "m3terIds"),
      });
    },
  });
  http.route({
    method: "GET",
    url: `${url}/external/:entity/:m3terId`,
    schema: {
      tags,
      summary: "What an entity is called elsewhere",
      params: ObjectField({ ...orgParams, entity: NameField(), m3terId: IdField() }),
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const { entity, m3terId } = request.params;
      return showMappings(organizationOf(request), request.query, {
        entity: demandEntity(entity, "entity"),
        entityId: m3terId,
      });
    },
  });
  http.route({
    method: "GET",
    url: `${url}/externalid/:system/:table/:externalId`,
    schema: {
      tags,
      summary: "Which entities have a name elsewhere",
      params: ObjectField({
        ...orgParams,
        system: NameField(),
        table: NameField(),
        externalId: TextField({ max: 255 }),
      }),
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { system, table, externalId } = request.params;
      return showMappings(ctx, request.query, {
        externalSystem: toSystemName(ctx, system),
        externalTable: table,
        externalId,
      });
    },
  });
  http.route({
    method: "GET",
    url: one,
    schema: { tags, summary: "Get an external mapping", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toMappingView(await getMapping(ctx.db, ctx.environment.id, request.params.id));
    },
  });
  addMappingWrites(http);
  addMappingConfiguration(http);
}

function addMappingWrites(http: CoreServer): void {
  http.route({
    method: "POST",
    url,
    schema: {
      tags,
      summary: "Say what an entity is called elsewhere",
      params: ObjectField(orgParams),
      body: CreateMapping,
    },
    handler: async (request) =>
      toMappingView(await createMapping(organizationOf(request), toRequest(request.body))),
  });
  http.route({
    method: "PUT",
    url: one,
    schema: { tags, summary: "Replace an external mapping", params, body: ReplaceMapping },
    handler: async (request) => {
      const { body } = request;
      const replaced = await replaceMapping(
        organizationOf(request),
        request.params.id,
        toRequest(body),
        {
          version: body.version,
          check: (present) => refuseChanged(toMappingView(present), body, READ_ONLY),
        },
      );
      return toMappingView(replaced);
    },
  });
  http.route({
    method: "DELETE",
    url: one,
    schema: { tags, summary: "Take an external mapping away", params },
    handler: async (request) =>
      toMappingView(await removeMapping(organizationOf(request), request.params.id)),
  });
}

function addMappingConfiguration(http: CoreServer): void {
  http.route({
    method: "GET",
    url: configurationUrl,
    schema: {
      tags,
      summary: "What can be mapped, to which tables of which systems",
      params: ObjectField(orgParams),
    },
    handler: async (request) => ({
      entities: MAPPED_ENTITIES,
      systems: mappedSystems(organizationOf(request)).map(({ mapping }) => ({
        system: mapping.system,
        tables: mapping.tables.map(({ name, entity }) => ({ name, entities: [entity] })),
        allowCustomExternalTables: false,
      })),
      // Any other system may be named, with tables of any name.
      allowCustomExternalSystems: true,
    }),
  });
  const values = `${configurationUrl}/values/:destination/:entityType`;
  const valuesParams = { ...orgParams, destination: NameField(), entityType: NameField() };
  const querystring = ObjectField({ externalTable: Type.Optional(NameField()) });
  http.route({
    method: "GET",
    url: values,
    schema: {
      tags,
      summary: "What an entity could be mapped to, read from the connected account",
      params: ObjectField(valuesParams),
      querystring,
    },
    handler: async (request) =>
      listMappingCandidates(organizationOf(request), {
        system: request.params.destination,
        entity: request.params.entityType,
        table: request.query.externalTable,
        connectionId: undefined,
      }),
  });
  http.route({
    method: "GET",
    url: `${values}/:credentialsId`,
    schema: {
      operationId: "getOrganizationExternalmappingconfigurationValuesOfCredential",
      tags,
      summary: "The same, read from one of several accounts",
      params: ObjectField({ ...valuesParams, credentialsId: IdField() }),
      querystring,
    },
    handler: async (request) =>
      listMappingCandidates(organizationOf(request), {
        system: request.params.destination,
        entity: request.params.entityType,
        table: request.query.externalTable,
        connectionId: request.params.credentialsId,
      }),
  });
}
