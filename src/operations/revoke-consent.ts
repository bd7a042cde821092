import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { Connection } from "../store/connection.ts";
import { clearConsent } from "../store/connection-renewal.ts";
import { getConnection, getLiveConnection, lockConnections } from "../store/connections.ts";
import { consentingProvider } from "./authorize-connection.ts";
import type { OperationContext } from "./context.ts";
import { openConnection, sealCredential } from "./open-connection.ts";

/** A consent that cannot be ended so often has ended, or is ended at the provider. */
const MAX_ATTEMPTS = 10;

/** Has the consent ended at the provider, by the credential as it was: kept, encrypted, until that is done. */
export const revokeLater = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, sealed }: Pick<Connection, "id" | "sealed">,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "revoke-consent",
    subject: id,
    payload: { connectionId: id, sealed },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });

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
    await revokeLater(tx, ctx, connection);
    return getLiveConnection(tx, ctx.environment.id, id);
  });
}

/** Ends a consent at the provider. Throws ProviderReadError. */
export async function revokeAtProvider(
  ctx: OperationContext,
  connectionId: string,
  sealed: string,
): Promise<void> {
  const connection = await getConnection(ctx.db, ctx.environment.id, connectionId);
  const { oauth } = consentingProvider(ctx, connection);
  await oauth.revoke(openConnection(ctx, { ...connection, sealed }, ctx.environment.name));
  ctx.services.logger.info({ connectionId }, "ended a consent at the provider");
}
