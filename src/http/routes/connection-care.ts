import type { CoreDb } from "../../db/database.ts";
import { requestPoll, requestRotation, testConnection } from "../../operations/ask-connection.ts";
import type { Services } from "../../operations/context.ts";
import { operationOf, toOperationContext } from "../request-context.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toConnectionTestView, toConnectionView } from "../views/connection.ts";

const tags = ["connections"];
const params = ObjectField({ id: IdField() });

/** What is asked of a connected account: a test, its events, a new signing secret. */
export function addConnectionCareRoutes(
  http: CoreServer,
  { db, services }: { readonly db: CoreDb; readonly services: Services },
): void {
  http.route({
    method: "POST",
    url: "/v1/connections/:id/test",
    // It calls the provider, so no transaction may be open, not even that of an Idempotency-Key.
    config: { plain: true },
    schema: {
      tags,
      summary: "Look at the account: its key, its rights, its webhook endpoint",
      params,
    },
    handler: async (request, reply) => {
      const ctx = await toOperationContext(request, db, services);
      const test = await testConnection(ctx, request.params.id);
      return reply.send({ data: toConnectionTestView(test) });
    },
  });
  http.route({
    method: "POST",
    url: "/v1/connections/:id/poll",
    schema: { tags, summary: "Have the account's list of events read now", params },
    handler: async (request, reply) => {
      reply.code(202);
      return { data: toConnectionView(await requestPoll(operationOf(request), request.params.id)) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/connections/:id/rotate-webhook-secret",
    schema: { tags, summary: "Have the secret of our webhook endpoint changed", params },
    handler: async (request, reply) => {
      reply.code(202);
      return {
        data: toConnectionView(await requestRotation(operationOf(request), request.params.id)),
      };
    },
  });
}
