import {
  credentialTypeOf,
  destinationOf,
} from "../../operations/change-integration-credentials.ts";
import type { OperationContext } from "../../operations/context.ts";
import type { Connection } from "../../store/connection.ts";
import { findUses } from "../../store/integration-configurations.ts";

/** What a full replace may send back unchanged; `status`, which changes by itself, however it was. */
export const READ_ONLY_OF_CREDENTIAL = [
  "id",
  "keyHint",
  "usedBy",
  "isDefault",
  "builtIn",
  "dtCreated",
] as const;

const toView = (ctx: OperationContext, connection: Connection, usedBy: readonly string[]) => {
  const destination = destinationOf(ctx, connection);
  return {
    id: connection.id,
    name: connection.name,
    type: credentialTypeOf(destination, connection),
    destination: destination.destination,
    status: connection.status,
    keyHint: connection.keyHint,
    usedBy,
    isDefault: connection.isDefault,
    builtIn: connection.builtIn,
    version: connection.version,
    dtCreated: connection.createdAt,
  };
};

/** Credentials without anything secret, each with the configurations that lead over it. */
export async function viewCredentials(ctx: OperationContext, connections: readonly Connection[]) {
  const uses = await findUses(
    ctx.db,
    connections.map(({ id }) => id),
  );
  return connections.map((each) => toView(ctx, each, uses.get(each.id) ?? []));
}

/** As viewCredentials, of one. */
export async function viewCredential(ctx: OperationContext, connection: Connection) {
  const uses = await findUses(ctx.db, [connection.id]);
  return toView(ctx, connection, uses.get(connection.id) ?? []);
}
