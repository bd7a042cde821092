import type { CoreDb } from "../../db/database.ts";
import type { Services } from "../../operations/context.ts";
import { openEventIntake } from "../../operations/receive-provider-event.ts";
import { toPascal } from "../operation-id.ts";
import type { CoreServer } from "../server.ts";

/** `POST /<provider's path>/<client_id>/<environment>`: where each provider sends its events. */
export function addProviderWebhookRoutes(
  http: CoreServer,
  deps: { readonly db: CoreDb; readonly services: Services },
): void {
  for (const provider of Object.values(deps.services.providers)) {
    if (provider.writesBack !== undefined) continue;
    const receive = openEventIntake(deps, provider);
    http.route<{ Params: { client_id: string; environment: string }; Body: Buffer }>({
      method: "POST",
      url: `/${provider.path ?? provider.name}/:client_id/:environment`,
      config: { public: true, raw: true },
      schema: {
        operationId: `receive${toPascal(provider.name)}Event`,
        tags: ["provider webhooks"],
        summary: "Signed events of the provider",
        security: [],
      },
      handler: async (request) => {
        const { client_id: clientId, environment } = request.params;
        await receive({
          clientId,
          environmentName: environment.toUpperCase(),
          rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          headers: request.headers,
        });
        return { received: true };
      },
    });
  }
}
