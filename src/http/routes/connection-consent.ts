import type { CoreDb } from "../../db/database.ts";
import { authorizeConnection } from "../../operations/authorize-connection.ts";
import { completeAuthorization } from "../../operations/complete-authorization.ts";
import type { Services } from "../../operations/context.ts";
import { withSettings } from "../../operations/read-connections.ts";
import { revokeConsent } from "../../operations/revoke-consent.ts";
import { renderConsentPage } from "../documents/render-consent-page.ts";
import { operationOf } from "../request-context.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toConnectionView } from "../views/connection.ts";

const tags = ["connections"];
const params = ObjectField({ id: IdField() });

/** A person's consent to a connection: asked for, given, and taken back. */
export function addConnectionConsentRoutes(
  http: CoreServer,
  deps: { readonly db: CoreDb; readonly services: Services },
): void {
  http.route({
    method: "POST",
    url: "/v1/connections/:id/authorize",
    schema: { tags, summary: "Get the page on which a person lets us into the account", params },
    handler: async (request) => ({
      data: { authorize_url: await authorizeConnection(operationOf(request), request.params.id) },
    }),
  });
  http.route({
    method: "POST",
    url: "/v1/connections/:id/revoke",
    schema: { tags, summary: "End the consent that lets us into the account", params },
    handler: async (request) => {
      const ctx = operationOf(request);
      const connection = await revokeConsent(ctx, request.params.id);
      return { data: toConnectionView(withSettings(ctx, connection)) };
    },
  });
  for (const provider of Object.values(deps.services.providers)) {
    if (provider.oauth === undefined) continue;
    http.route({
      method: "GET",
      url: `/oauth/${provider.path ?? provider.name}/callback`,
      config: { public: true },
      schema: {
        tags,
        summary: "Where the provider's page of consent sends a person back to",
        security: [],
      },
      handler: async (request, reply) => {
        const query = new URL(request.url, "http://callback").searchParams;
        const { status, html } = renderConsentPage(
          await completeAuthorization(deps, provider, query),
        );
        return reply
          .code(status)
          .header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
          .header("x-content-type-options", "nosniff")
          .header("referrer-policy", "no-referrer")
          .header("cache-control", "no-store")
          .type("text/html; charset=utf-8")
          .send(html);
      },
    });
  }
}
