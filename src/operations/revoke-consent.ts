import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { OAuthAccess } from "../providers/oauth.ts";
import type { Credential } from "../providers/provider-connection.ts";
import type { Connection } from "../store/connection.ts";
import { clearConsent } from "../store/connection-renewal.ts";
import {
  getConnection,
  getLiveConnection,
  listConsentedConnections,
  lockConnections,
} from "../store/connections.ts";
import { consentingProvider } from "./authorize-connection.ts";
import type { OperationContext } from "./context.ts";
import { openConnection, openStored, sealCredential } from "./open-connection.ts";

/** A consent that cannot be ended so often has ended, or is ended at the provider. */
const MAX_ATTEMPTS = 10;

/** A consent that is to end: the credential with its tokens, encrypted, and whose books it is for. */
export interface EndedConsent {
  readonly connectionId: string;
  readonly sealed: string;
  readonly account: string | undefined;
}

/** Has a consent ended at the provider: its credential is kept until that is done or given up. */
export const endConsentLater = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { connectionId, sealed, account }: EndedConsent,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "revoke-consent",
    subject: connectionId,
    payload: { connectionId, sealed, ...(account === undefined ? {} : { account }) },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });

const accountOf = (
  { accountSetting }: OAuthAccess,
  { settings }: Pick<Connection, "settings">,
): string | undefined => {
  const account = settings[accountSetting];
  return typeof account === "string" ? account : undefined;
};

/** Has the consent of a connection ended at the provider, by its credential as it was; does nothing where there is none. */
export async function revokeLater(
  tx: CoreTransaction,
  ctx: OperationContext,
  oauth: OAuthAccess,
  connection: Connection,
): Promise<void> {
  const { credential } = openStored(ctx.services, connection, ctx.environment.name);
  if (oauth.consentEnds(credential) === undefined) return;
  const { id: connectionId, sealed } = connection;
  await endConsentLater(tx, ctx, { connectionId, sealed, account: accountOf(oauth, connection) });
}

/** Ends the consent that lets us in: at once here, soon at the provider. Throws conflict where there is none. */
export async function revokeConsent(ctx: OperationContext, id: string): Promise<Connection> {
  return inTransaction(ctx.db, async (tx) => {
    await lockConnections(tx, ctx.environment.id);
    const connection = await getLiveConnection(tx, ctx.environment.id, id);
    const { oauth } = consentingProvider(ctx, connection);
    const { credential } = openConnection(ctx, connection, ctx.environment.name);
    if (oauth.consentEnds(credential) === undefined) {
      throw conflict("Nobody has consented: there is nothing to revoke.", "no_consent");
    }
    const sealed = sealCredential(ctx.services.vault, oauth.withoutTokens(credential));
    await clearConsent(tx, id, sealed);
    await revokeLater(tx, ctx, oauth, connection);
    return getLiveConnection(tx, ctx.environment.id, id);
  });
}

/**
 * Whether a connection, of either environment, lives by a consent for the same books to the same app.
 * Providers need not tell such consents apart when one of them is to end.
 */
async function isStillUsed(
  { db, services, environment }: OperationContext,
  { name, oauth }: ReturnType<typeof consentingProvider>,
  credential: Credential,
  account: string | undefined,
): Promise<boolean> {
  if (account === undefined) return false;
  const living = await listConsentedConnections(db, name);
  return living.some(
    (each) =>
      accountOf(oauth, each) === account &&
      oauth.isSameApp(openStored(services, each, environment.name).credential, credential),
  );
}

/** Ends a consent at the provider, unless a connection lives by one of the same kind. Throws ProviderReadError. */
export async function endConsentAtProvider(
  ctx: OperationContext,
  { connectionId, sealed, account }: EndedConsent,
): Promise<void> {
  const connection = await getConnection(ctx.db, ctx.environment.id, connectionId);
  const provider = consentingProvider(ctx, connection);
  const opened = openStored(ctx.services, { ...connection, sealed }, ctx.environment.name);
  if (await isStillUsed(ctx, provider, opened.credential, account)) {
    ctx.services.logger.info({ connectionId }, "left a consent that another connection lives by");
    return;
  }
  await provider.oauth.revoke(opened);
  ctx.services.logger.info({ connectionId }, "ended a consent at the provider");
}
