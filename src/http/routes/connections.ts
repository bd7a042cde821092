import { Type } from "typebox";
import {
  changeConnection,
  connectProvider,
  disconnectProvider,
} from "../../operations/connect-provider.ts";
import {
  readConnection,
  readConnections,
  withSettings,
} from "../../operations/read-connections.ts";
import { listLastEvents } from "../../store/connection-health.ts";
import { operationOf } from "../request-context.ts";
import { IdField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toConnectionView, toWatchedConnectionView } from "../views/connection.ts";

const tags = ["connections"];
const params = ObjectField({ id: IdField() });
/** Checked by the provider they belong to. */
const ProviderWordsField = () => Type.Record(Type.String(), Type.Unknown());

/** Accounts at providers. */
export function addConnectionRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/connections",
    schema: {
      tags,
      summary: "Connect an account at a provider",
      body: ObjectField({
        provider: TextField({ max: 64 }),
        name: Type.Optional(TextField({ max: 200 })),
        credential: ProviderWordsField(),
        settings: Type.Optional(ProviderWordsField()),
      }),
    },
    handler: async (request) => {
      const { provider: given, name, credential, settings } = request.body;
      const provider = given.toLowerCase();
      const ctx = operationOf(request);
      const connection = await connectProvider(ctx, {
        provider,
        name: name ?? provider,
        credential,
        settings,
      });
      return { data: toConnectionView(withSettings(ctx, connection)) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/connections",
    schema: { tags, summary: "List the connected accounts" },
    handler: async (request) => {
      return { data: (await readConnections(operationOf(request))).map(toConnectionView) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/connections/:id",
    schema: { tags, summary: "Get a connected account", params },
    handler: async (request) => {
      const ctx = operationOf(request);
      const connection = await readConnection(ctx, request.params.id);
      const events = await listLastEvents(ctx.db, [connection.id]);
      return { data: toWatchedConnectionView(connection, events) };
    },
  });
  http.route({
    method: "PATCH",
    url: "/v1/connections/:id",
    schema: {
      tags,
      summary: "Rename a connection, replace its key or change its settings",
      params,
      body: ObjectField({
        name: Type.Optional(TextField({ max: 200 })),
        credential: Type.Optional(ProviderWordsField()),
        settings: Type.Optional(ProviderWordsField()),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const changed = await changeConnection(ctx, request.params.id, request.body);
      return { data: toConnectionView(withSettings(ctx, changed)) };
    },
  });
  http.route({
    method: "DELETE",
    url: "/v1/connections/:id",
    schema: { tags, summary: "Disconnect an account", params },
    handler: async (request) => {
      await disconnectProvider(operationOf(request), request.params.id);
      return { data: { id: request.params.id } };
    },
  });
}
