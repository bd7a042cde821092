import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict, notFound, unsupported } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { Credential } from "../providers/provider-connection.ts";
import { effectiveSettings, readSettings, type Settings } from "../providers/setting-fields.ts";
import type { Connectable } from "../providers/usage-reporter.ts";
import type { Connection } from "../store/connection.ts";
import {
  archiveConnection,
  insertConnection,
  makeDefaultConnection,
  updateConnection,
} from "../store/connection-changes.ts";
import { clearConsent, updateConsent } from "../store/connection-renewal.ts";
import { getLiveConnection, lockConnections } from "../store/connections.ts";
import { clearConnection } from "../store/integration-configurations.ts";
import type { OperationContext } from "./context.ts";
import { findConnectable } from "./find-connectable.ts";
import { leaveAccountLater } from "./leave-account.ts";
import { openConnection, sealCredential } from "./open-connection.ts";
import { revokeLater } from "./revoke-consent.ts";
import { tendSoon } from "./tend-soon.ts";

export interface ConnectionRequest {
  readonly provider: string;
  readonly name: string;
  readonly credential: Credential;
  readonly settings?: Settings | undefined;
  /** In the words of the integrations API. */
  readonly credentialType?: string | undefined;
}

function getProvider(ctx: OperationContext, name: string): Connectable {
  const found = findConnectable(ctx.services, name);
  if (found === undefined) throw unsupported(`provider ${name}`);
  return found;
}

/** The credential as it will be stored, after its form and mode were checked, and what of it is shown. */
function seal(
  ctx: OperationContext,
  name: string,
  credential: Credential,
  { subscription }: Credential = {},
) {
  const provider = getProvider(ctx, name);
  const checked = provider.readCredential(credential, ctx.environment.name);
  // Our endpoint at the provider is no part of what a user gives.
  const kept = subscription === undefined ? {} : { subscription };
  return {
    sealed: sealCredential(ctx.services.vault, { ...checked, ...kept }),
    keyHint: provider.target?.hintOf(checked),
  };
}

const PREFIX = "settings.";

/** An account of the user's own, as against our built-in Collect. */
const findOwn = (connections: readonly Connection[], provider: string): Connection | undefined =>
  connections.find((connection) => connection.provider === provider && !connection.builtIn);

async function insertOwn(
  tx: CoreTransaction,
  ctx: OperationContext,
  { provider, name, credential, settings = {}, credentialType }: ConnectionRequest,
  connections: readonly Connection[],
): Promise<Connection> {
  const inserted = await insertConnection(tx, {
    environmentId: ctx.environment.id,
    provider,
    name,
    ...seal(ctx, provider, credential),
    credentialType,
    settings: readSettings(getProvider(ctx, provider).settings, settings, {}, PREFIX),
    isDefault: false,
    status: getProvider(ctx, provider).account === undefined ? undefined : "connecting",
    createdAt: instantText(ctx.now),
  });
  if (await keepConsent(tx, ctx, inserted)) await tendSoon(tx, ctx, inserted);
  if (findOwn(connections, provider) === undefined) await makeDefaultConnection(tx, inserted);
  return getLiveConnection(tx, ctx.environment.id, inserted.id);
}

/** Whether the account can be asked: a provider that is let in by consent has it, or its tokens were given. */
async function keepConsent(
  tx: CoreTransaction,
  ctx: OperationContext,
  connection: Connection,
): Promise<boolean> {
  const { oauth } = getProvider(ctx, connection.provider);
  if (oauth === undefined) return true;
  const { credential } = openConnection(ctx, connection, ctx.environment.name);
  const ends = oauth.consentEnds(credential);
  const { id, sealed } = connection;
  if (ends === undefined) await clearConsent(tx, id, sealed);
  else await updateConsent(tx, id, { sealed, ...ends });
  return ends !== undefined;
}

/**
 * Connects an account at a provider. The first of the user's own becomes the environment's default
 * for that provider, in the place of the built-in one; further ones are used where a billing
 * configuration names them.
 */
export async function connectProvider(
  ctx: OperationContext,
  request: ConnectionRequest,
): Promise<Connection> {
  return inTransaction(ctx.db, async (tx) => {
    const connections = await lockConnections(tx, ctx.environment.id);
    return insertOwn(tx, ctx, request, connections);
  });
}

export interface ConnectionPatch {
  readonly name?: string | undefined;
  /** Replaces the given parts of the credential and keeps the others. */
  readonly credential?: Credential | undefined;
  /** Sets the given settings and keeps the others; null sets one back. */
  readonly settings?: Settings | undefined;
}

async function patch(
  tx: CoreTransaction,
  ctx: OperationContext,
  connection: Connection,
  { name, credential, settings }: ConnectionPatch,
): Promise<void> {
  if (connection.builtIn && (name !== undefined || credential !== undefined)) {
    throw conflict("The built-in connection is managed by the server.", "built_in_connection");
  }
  const changed =
    settings && readSettings(fieldsOf(ctx, connection), settings, connection.settings, PREFIX);
  if (changed !== undefined) refuseOtherAccount(ctx, connection, changed);
  await updateConnection(tx, connection.id, {
    name,
    version: connection.version + 1,
    settings: changed,
  });
  if (credential !== undefined) await replaceCredential(tx, ctx, connection, credential);
}

/**
 * What was delivered over a connection is known by the ids of its account: once a person has consented to
 * that, no setting leads to another. Throws conflict.
 */
function refuseOtherAccount(
  ctx: OperationContext,
  { provider, accountId, builtIn, settings }: Connection,
  changed: Settings,
): void {
  const { oauth, settings: fields } = getProvider(ctx, provider);
  if (oauth === undefined || accountId === null) return;
  const scope = { environment: ctx.environment.name, builtIn };
  const before = effectiveSettings(fields, { ...scope, settings });
  const after = effectiveSettings(fields, { ...scope, settings: changed });
  const other = oauth.boundSettings.find((name) => after[name] !== before[name]);
  if (other === undefined) return;
  throw conflict(
    `${PREFIX}${other} stays ${before[other]}: the account that was connected is there. Create a connection for another one.`,
    "other_account",
  );
}

/** The account may be another one now: that is found out, and an endpoint at the old one removed. */
async function replaceCredential(
  tx: CoreTransaction,
  ctx: OperationContext,
  connection: Connection,
  credential: Credential,
): Promise<void> {
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const { subscription, ...given } = opened.credential;
  const { account, oauth } = getProvider(ctx, connection.provider);
  const isOtherApp = oauth?.isSameApp(given, { ...given, ...credential }) === false;
  const kept = isOtherApp ? oauth.withoutTokens(given) : given;
  const sealed = seal(ctx, connection.provider, { ...kept, ...credential }, { subscription });
  await updateConnection(tx, connection.id, sealed);
  if (account === undefined) return;
  if (isOtherApp && oauth !== undefined) await revokeLater(tx, ctx, oauth, connection);
  await updateConnection(tx, connection.id, { status: "connecting", statusReason: null });
  const changed = await getLiveConnection(tx, ctx.environment.id, connection.id);
  if (await keepConsent(tx, ctx, changed)) await tendSoon(tx, ctx, connection);
  if (subscription !== undefined) await leaveAccountLater(tx, ctx, connection);
}

const fieldsOf = (ctx: OperationContext, { provider }: Connection) =>
  getProvider(ctx, provider).settings;

/** Renames a connection, replaces its key or changes its settings. Its id stays, and with it every route over it. */
export async function changeConnection(
  ctx: OperationContext,
  id: string,
  change: ConnectionPatch,
): Promise<Connection> {
  return inTransaction(ctx.db, async (tx) => {
    await lockConnections(tx, ctx.environment.id);
    await patch(tx, ctx, await getLiveConnection(tx, ctx.environment.id, id), change);
    return getLiveConnection(tx, ctx.environment.id, id);
  });
}

/**
 * Disconnects an account. What leads over the default goes on over the user's oldest other account
 * of that provider, else over the built-in one, else nowhere.
 */
export async function disconnectProvider(ctx: OperationContext, id: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const connections = await lockConnections(tx, ctx.environment.id);
    await end(tx, ctx, await getLiveConnection(tx, ctx.environment.id, id), connections);
  });
}

async function end(
  tx: CoreTransaction,
  ctx: OperationContext,
  ended: Connection,
  connections: readonly Connection[],
): Promise<void> {
  if (ended.builtIn) {
    throw conflict("The built-in connection is managed by the server.", "built_in_connection");
  }
  await archiveConnection(tx, ended.id, instantText(ctx.now));
  await clearConnection(tx, ended.id, { updatedAt: instantText(ctx.now), updatedBy: ctx.actor });
  const { account, oauth } = getProvider(ctx, ended.provider);
  if (account !== undefined) await leaveAccountLater(tx, ctx, ended);
  if (oauth !== undefined) await revokeLater(tx, ctx, oauth, ended);
  if (!ended.isDefault) return;
  const others = connections.filter(
    ({ id, provider }) => id !== ended.id && provider === ended.provider,
  );
  const next = findOwn(others, ended.provider) ?? others[0];
  if (next !== undefined) await makeDefaultConnection(tx, next);
}

/** The one-account form: connects the account, or replaces the key of the one that is connected. */
export async function setProviderKey(
  ctx: OperationContext,
  request: ConnectionRequest,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const connections = await lockConnections(tx, ctx.environment.id);
    const own = findOwn(connections, request.provider);
    if (own === undefined) await insertOwn(tx, ctx, request, connections);
    else await patch(tx, ctx, own, { credential: request.credential });
  });
}

/** As setProviderKey, but only for an account that is connected. */
export async function replaceProviderKey(
  ctx: OperationContext,
  provider: string,
  credential: Credential | undefined,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const own = findOwn(await lockConnections(tx, ctx.environment.id), provider);
    if (own === undefined) throw notFound("connection", provider);
    await patch(tx, ctx, own, { credential });
  });
}

/** The one-account form of disconnecting. */
export async function removeProviderKey(ctx: OperationContext, provider: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const connections = await lockConnections(tx, ctx.environment.id);
    const own = findOwn(connections, provider);
    if (own === undefined) throw notFound("connection", provider);
    await end(tx, ctx, own, connections);
  });
}
