import { conflict, invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type Given, readGivenFields } from "../providers/integration-target.ts";
import type { Connection } from "../store/connection.ts";
import { getLiveConnection } from "../store/connections.ts";
import { checkVersion } from "./check-version.ts";
import { changeConnection, connectProvider, disconnectProvider } from "./connect-provider.ts";
import type { OperationContext } from "./context.ts";
import { type Destination, getDestination, listUsableDestinations } from "./find-destination.ts";

/** A credential as the integrations API gives one; `fields` are the provider's, in its own words. */
export interface CredentialRequest {
  readonly type: string;
  readonly name: string | undefined;
  readonly destination: string;
  readonly fields: Given;
}

/** How a credential can be given; the type in any case. Throws invalid. */
function getCredentialType({ target, destination }: Destination, type: string) {
  const found = target.credentialTypes.find((each) => each.type === type.toUpperCase());
  if (found !== undefined) return found;
  const known = target.credentialTypes.map((each) => each.type).join(", ");
  throw invalid(`type of a credential for ${destination} must be one of ${known}`, "type");
}

/** What it is called, where it was given without a type. */
export const credentialTypeOf = ({ target }: Destination, connection: Connection): string =>
  connection.credentialType ?? target.credentialTypes[0].type;

const dropEmpty = (fields: Given): Given =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Stores a credential under its name: it is a connection to the provider of its destination. */
export async function addCredential(
  ctx: OperationContext,
  { type: given, name, destination: wanted, fields }: CredentialRequest,
): Promise<Connection> {
  const destination = getDestination(ctx, wanted);
  const { type, required } = getCredentialType(destination, given);
  const { target, provider, label } = destination;
  const read = dropEmpty(readGivenFields(target.credentialFields, fields, ""));
  const missing = required.find((field) => read[field] === undefined);
  if (missing !== undefined) throw invalid(`${missing} is required for ${type}`, missing);
  return connectProvider(ctx, {
    provider,
    name: name ?? label,
    credential: target.toCredential(read),
    credentialType: type,
  });
}

/** The destination that a connection stands for in its environment. Throws not_found when it is none. */
export function destinationOf(ctx: OperationContext, { id, provider }: Connection): Destination {
  const found = listUsableDestinations(ctx).find((each) => each.provider === provider);
  if (found !== undefined) return found;
  throw notFound("integration credential", id);
}

/**
 * Replaces the name of a credential and the secrets that are given; those that are not stay, since they
 * never travel back. Its id stays, and with it every configuration over it.
 */
export async function replaceCredential(
  ctx: OperationContext,
  id: string,
  request: CredentialRequest & { readonly version: number },
): Promise<Connection> {
  return inTransaction(ctx.db, async (tx) => {
    const scope = { ...ctx, db: tx };
    const connection = await getLiveConnection(tx, ctx.environment.id, id);
    const destination = destinationOf(ctx, connection);
    const { type } = getCredentialType(destination, request.type);
    const same = (field: string, present: string, given: string) => {
      if (given.toUpperCase() === present) return;
      throw invalid(`${field} cannot be changed: it is ${present}. Add another credential`, field);
    };
    same("destination", destination.destination, request.destination);
    same("type", credentialTypeOf(destination, connection), type);
    checkVersion("credential", connection.version, request.version);
    const { target, label } = destination;
    const read = dropEmpty(readGivenFields(target.credentialFields, request.fields, ""));
    const isGiven = Object.keys(read).length > 0;
    return changeConnection(scope, id, {
      name: request.name ?? label,
      credential: isGiven ? target.toCredential(read) : undefined,
    });
  });
}

/** Deletes a credential; its configurations are not connected any more. Answers it as it was. */
export async function deleteCredential(ctx: OperationContext, id: string): Promise<Connection> {
  return inTransaction(ctx.db, async (tx) => {
    const connection = await getLiveConnection(tx, ctx.environment.id, id);
    destinationOf(ctx, connection);
    if (connection.builtIn) {
      throw conflict("The built-in connection is managed by the server.", "built_in_connection");
    }
    await disconnectProvider({ ...ctx, db: tx }, id);
    return connection;
  });
}
