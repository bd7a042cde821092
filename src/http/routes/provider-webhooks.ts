import type { CoreDb } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import type { Services } from "../../operations/context.ts";
import { receiveProviderEvent } from "../../operations/receive-provider-event.ts";
import { findEnvironmentOfClient } from "../../store/environments.ts";
import type { CoreServer } from "../server.ts";

/** `POST /<provider>/<client_id>/<environment>`: where each provider sends its events. */
export function addProviderWebhookRoutes(
  http: CoreServer,
  { db, services }: { readonly db: CoreDb; readonly services: Services },
): void {
  for (const provider of Object.values(services.providers)) {
    http.route<{ Params: { client_id: string; environment: string }; Body: Buffer }>({
      method: "POST",
      url: `/${provider.name}/:client_id/:environment`,
      config: { public: true, raw: true },
      schema: {
        tags: ["provider webhooks"],
        summary: "Signed events of the provider",
        security: [],
      },
      handler: async (request) => {
        const { client_id: clientId, environment: name } = request.params;
        const environment = await findEnvironmentOfClient(db, clientId, name.toUpperCase());
        if (environment === undefined) {
          throw new AppError("not_found", "EnvironmentNotFound", "No such webhook address");
        }
        await receiveProviderEvent(db, services, environment, provider, {
          rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          headers: request.headers,
        });
        return { received: true };
      },
    });
  }
}
