import { createRequire } from "node:module";
import { readConnections } from "../../operations/read-connections.ts";
import { listLastEvents } from "../../store/connection-health.ts";
import { operationOf } from "../request-context.ts";
import type { CoreServer } from "../server.ts";
import { toWatchedConnectionView } from "../views/connection.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };

/** What a token's environment is. */
export function addEnvironmentRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/environment",
    schema: { tags: ["system"], summary: "The token's environment, its ids and connections" },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { environment, services } = ctx;
      const connections = await readConnections(ctx);
      const events = await listLastEvents(
        ctx.db,
        connections.map(({ id }) => id),
      );
      const { token } = request;
      return {
        data: {
          name: environment.name,
          client_id: environment.clientId,
          org_id: environment.orgId,
          token: token && { id: token.id, name: token.name },
          public_url: services.publicUrl(),
          connections: connections.map((each) => toWatchedConnectionView(each, events)),
          versions: { ledgerline: version, node: process.versions.node },
        },
      };
    },
  });
}
