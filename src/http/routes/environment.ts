import { createRequire } from "node:module";
import { listConnections } from "../../store/connections.ts";
import { operationOf } from "../request-context.ts";
import type { CoreServer } from "../server.ts";
import { toConnectionView } from "../views/connection.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

/** What a token's environment is. */
export function addEnvironmentRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/environment",
    schema: { tags: ["system"], summary: "The token's environment, its ids and connections" },
    handler: async (request) => {
      const { db, environment, services } = operationOf(request);
      const { token } = request;
      const connections = await listConnections(db, environment.id);
      return {
        data: {
          name: environment.name,
          client_id: environment.clientId,
          org_id: environment.orgId,
          token: token && { id: token.id, name: token.name },
          public_url: services.publicUrl(),
          connections: connections.map(toConnectionView),
          versions: { ledgerline: version, node: process.versions.node },
        },
      };
    },
  });
}
