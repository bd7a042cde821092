import { createRequire } from "node:module";
import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import { listConnections } from "../../store/connections.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { ObjectField, pageQuery } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toConnectionView } from "../views/connection.ts";

const { version } = createRequire(import.meta.url)("../../../package.json") as { version: string };
const DEFAULT_LIMIT = 100;

/** Every credit type with its place in the list. */
const PLACED = CREDIT_TYPES.map((type, place) => ({ ...type, position: BigInt(place + 1) }));

/** What a token's environment is, and the currencies it can bill in. */
export function addEnvironmentRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/environment",
    schema: { tags: ["system"], summary: "The token's environment, its ids and connections" },
    handler: async (request) => {
      const { db, environment, services } = operationOf(request);
      const connections = await listConnections(db, environment.id);
      return {
        data: {
          name: environment.name,
          client_id: environment.clientId,
          org_id: environment.orgId,
          public_url: services.publicUrl(),
          connections: connections.map(toConnectionView),
          versions: { ledgerline: version, node: process.versions.node },
        },
      };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/credit-types/list",
    schema: {
      tags: ["pricing units"],
      summary: "List the currencies that amounts can be in",
      querystring: ObjectField(pageQuery),
    },
    handler: async (request) => {
      const { limit = DEFAULT_LIMIT, next_page: token } = request.query;
      const after = fromPageToken(token) ?? 0n;
      const rows = PLACED.filter((type) => type.position > after).slice(0, limit + 1);
      const page = toPage(rows, limit);
      const data = page.rows.map(({ id, name }) => ({ id, name, is_currency: true }));
      return { data, next_page: toPageToken(page.next) };
    },
  });
}
