import { Type } from "typebox";
import {
  changeProviderSettings,
  readProviderSettings,
} from "../../operations/change-provider-settings.ts";
import type { Services } from "../../operations/context.ts";
import { settingsSchema } from "../../providers/setting-fields.ts";
import { operationOf } from "../request-context.ts";
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
  }
}
