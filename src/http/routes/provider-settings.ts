import { Type } from "typebox";
import { CUSTOM_FIELD_ENTITIES } from "../../domain/custom-fields/entity.ts";
import {
  readEntityMappings,
  replaceEntityMappings,
} from "../../operations/change-entity-mappings.ts";
import {
  changeProviderSettings,
  readProviderSettings,
} from "../../operations/change-provider-settings.ts";
import type { Services } from "../../operations/context.ts";
import type { EntityMapper } from "../../providers/entity-mappings.ts";
import type { AnyProvider } from "../../providers/provider.ts";
import { settingsSchema } from "../../providers/setting-fields.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const tags = ["settings"];

/** `/v1/settings/<provider>`: the settings of the environment's default account at each provider. */
export function addProviderSettingRoutes(
  http: CoreServer,
  { services }: { readonly services: Pick<Services, "providers"> },
): void {
  for (const provider of Object.values(services.providers)) {
    const url = `/v1/settings/${provider.name}`;
    http.route({
      method: "GET",
      url,
      schema: { tags, summary: `Read the settings of the default ${provider.name} account` },
      handler: async (request) => ({
        data: await readProviderSettings(operationOf(request), provider),
      }),
    });
    http.route({
      method: "PATCH",
      url,
      schema: {
        tags,
        summary: `Change the settings of the default ${provider.name} account`,
        body: Type.Unsafe<Record<string, unknown>>(settingsSchema(provider.settings)),
      },
      handler: async (request) => {
        const ctx = operationOf(request);
        await changeProviderSettings(ctx, provider, request.body);
        return { data: await readProviderSettings(ctx, provider) };
      },
    });
    if (provider.mappings !== undefined) addMappingRoutes(http, provider, provider.mappings);
  }
}

/** A list that a person writes and reads. */
const MAX_MAPPINGS = 200;

const MappingsField = Type.Array(
  ObjectField({
    entity: EnumField(CUSTOM_FIELD_ENTITIES),
    key: TextField({ max: 200 }),
    target: TextField({ max: 200 }),
  }),
  { maxItems: MAX_MAPPINGS },
);

/** `/v1/settings/<provider>/entity-mappings`: which custom fields stand where at the provider. */
function addMappingRoutes(http: CoreServer, { name }: AnyProvider, mapper: EntityMapper): void {
  const url = `/v1/settings/${name}/entity-mappings`;
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: `Read the mapping rules of the default ${name} account` },
    handler: async (request) => ({ data: await readEntityMappings(operationOf(request), name) }),
  });
  http.route({
    method: "PUT",
    url,
    schema: {
      tags,
      summary: `Replace the mapping rules of the default ${name} account`,
      body: ObjectField({ data: MappingsField }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      await replaceEntityMappings(ctx, name, mapper, request.body.data);
      return { data: await readEntityMappings(ctx, name) };
    },
  });
}
