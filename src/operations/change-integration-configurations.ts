import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { Given } from "../providers/integration-target.ts";
import { lockConnections } from "../store/connections.ts";
import {
  type ConfigurationChanges,
  getConfiguration,
  type IntegrationConfiguration,
  insertConfiguration,
  lockConfiguration,
  updateConfiguration,
} from "../store/integration-configurations.ts";
import { addCredential, type CredentialRequest } from "./change-integration-credentials.ts";
import { checkVersion } from "./check-version.ts";
import type { OperationContext } from "./context.ts";
import { type Destination, getDestination } from "./find-destination.ts";
import { readIntegrationOptions } from "./read-integration-options.ts";

export interface ConfigurationRequest {
  readonly entityType: string;
  readonly destination: string;
  readonly name: string | undefined;
  readonly configData: Given;
  readonly exclusiveGroup: string | null;
  /** Which credential it shall lead over; undefined: it stays as it is. */
  readonly credentialId: string | undefined;
  /** A credential that is made along with it. */
  readonly credential: CredentialRequest | undefined;
}

/** The connection behind a credential that may serve this destination. Held until the transaction ends. */
async function readConnectionId(
  tx: CoreTransaction,
  ctx: OperationContext,
  { provider, destination }: Destination,
  id: string,
): Promise<string> {
  const connections = await lockConnections(tx, ctx.environment.id);
  const found = connections.find((each) => each.id === id && each.provider === provider);
  if (found !== undefined) return found.id;
  const field = "integrationCredentialsId";
  throw invalid(`${field} must name a credential for ${destination}`, field);
}

/** The connection that was asked for; undefined: none. */
async function readConnection(
  tx: CoreTransaction,
  ctx: OperationContext,
  destination: Destination,
  { credentialId, credential }: Pick<ConfigurationRequest, "credentialId" | "credential">,
): Promise<string | undefined> {
  if (credential !== undefined) {
    if (credentialId !== undefined) {
      throw invalid("credentials and integrationCredentialsId cannot both be given", "credentials");
    }
    if (getDestination(ctx, credential.destination).provider !== destination.provider) {
      throw invalid(
        `credentials.destination must be ${destination.destination}`,
        "credentials.destination",
      );
    }
    return (await addCredential({ ...ctx, db: tx }, credential)).id;
  }
  return credentialId === undefined
    ? undefined
    : readConnectionId(tx, ctx, destination, credentialId);
}

/** Adds a rule that sends bills; it works as soon as it has a credential. */
export async function createConfiguration(
  ctx: OperationContext,
  request: ConfigurationRequest,
): Promise<IntegrationConfiguration> {
  const destination = getDestination(ctx, request.destination);
  return inTransaction(ctx.db, async (tx) =>
    insertConfiguration(tx, {
      environmentId: ctx.environment.id,
      entityType: request.entityType,
      name: request.name ?? destination.label,
      destination: destination.destination,
      provider: destination.provider,
      options: await readIntegrationOptions(tx, ctx, destination.target, request.configData),
      connectionId: (await readConnection(tx, ctx, destination, request)) ?? null,
      exclusiveGroup: request.exclusiveGroup,
      createdAt: instantText(ctx.now),
      createdBy: ctx.actor,
    }),
  );
}

/** Changes a configuration that is held, and answers it as it is then. */
async function change(
  ctx: OperationContext,
  id: string,
  decide: (
    tx: CoreTransaction,
    present: IntegrationConfiguration,
  ) => Promise<ConfigurationChanges> | ConfigurationChanges,
): Promise<IntegrationConfiguration> {
  return inTransaction(ctx.db, async (tx) => {
    // Before the configuration, in the order in which a credential's end takes them.
    await lockConnections(tx, ctx.environment.id);
    const present = await lockConfiguration(tx, ctx.environment.id, id);
    const changes = await decide(tx, present);
    await updateConfiguration(tx, id, {
      ...changes,
      version: present.version + 1,
      updatedAt: instantText(ctx.now),
      updatedBy: ctx.actor,
    });
    return getConfiguration(tx, ctx.environment.id, id);
  });
}

/**
 * Replaces a configuration. What is not given gets its default, but for the credential: that stays until
 * another one is named or it is disconnected. Throws a conflict when `version` is not the present one.
 */
export const replaceConfiguration = (
  ctx: OperationContext,
  id: string,
  request: ConfigurationRequest & { readonly version: number },
): Promise<IntegrationConfiguration> =>
  change(ctx, id, async (tx, present) => {
    checkVersion("integration configuration", present.version, request.version);
    const destination = getDestination(ctx, request.destination);
    if (destination.destination !== present.destination) {
      throw invalid(
        `destination cannot be changed: it is ${present.destination}. Create another configuration`,
        "destination",
      );
    }
    const connectionId = await readConnection(tx, ctx, destination, request);
    return {
      name: request.name ?? destination.label,
      options: await readIntegrationOptions(tx, ctx, destination.target, request.configData),
      exclusiveGroup: request.exclusiveGroup,
      ...(connectionId === undefined ? {} : { connectionId }),
    };
  });

/** Deletes a configuration: nothing is sent by it any more. Answers it as it was. */
export async function deleteConfiguration(
  ctx: OperationContext,
  id: string,
): Promise<IntegrationConfiguration> {
  return inTransaction(ctx.db, async (tx) => {
    const present = await lockConfiguration(tx, ctx.environment.id, id);
    await updateConfiguration(tx, id, { archivedAt: instantText(ctx.now) });
    return present;
  });
}

/** Lets a configuration send again; its errors are forgotten. */
export const enableConfiguration = (ctx: OperationContext, id: string) =>
  change(ctx, id, () => ({
    enabled: true,
    disabledAt: null,
    disabledReason: null,
    errorCount: 0,
  }));

/** Stops a configuration by hand, which tells nobody. */
export const disableConfiguration = (
  ctx: OperationContext,
  id: string,
  reason: string | undefined,
) =>
  change(ctx, id, () => ({
    enabled: false,
    disabledAt: instantText(ctx.now),
    disabledReason: reason ?? `Disabled by ${ctx.actor}`,
  }));

/** Lets a configuration lead over a credential, in the place of the one it had. */
export const connectConfiguration = (ctx: OperationContext, id: string, credentialId: string) =>
  change(ctx, id, async (tx, { destination }) => ({
    connectionId: await readConnectionId(tx, ctx, getDestination(ctx, destination), credentialId),
  }));

/** Takes a configuration's credential away; nothing is sent by it until it has one again. */
export const disconnectConfiguration = (ctx: OperationContext, id: string) =>
  change(ctx, id, () => ({ connectionId: null }));
