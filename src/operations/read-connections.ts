import { effectiveSettings } from "../providers/setting-fields.ts";
import type { Connection } from "../store/connection.ts";
import { getLiveConnection, listConnections } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { findConnectable } from "./find-connectable.ts";

/** The connection with every setting of its provider, also those that nobody set. */
export function withSettings(ctx: OperationContext, connection: Connection): Connection {
  const provider = findConnectable(ctx.services, connection.provider);
  if (provider === undefined) return connection;
  const { name: environment } = ctx.environment;
  return {
    ...connection,
    settings: effectiveSettings(provider.settings, { ...connection, environment }),
  };
}

/** The environment's connections that were not deleted, oldest first, with the settings that hold. */
export const readConnections = async (ctx: OperationContext): Promise<Connection[]> =>
  (await listConnections(ctx.db, ctx.environment.id)).map((each) => withSettings(ctx, each));

/** One of them. Throws not_found. */
export const readConnection = async (ctx: OperationContext, id: string): Promise<Connection> =>
  withSettings(ctx, await getLiveConnection(ctx.db, ctx.environment.id, id));
