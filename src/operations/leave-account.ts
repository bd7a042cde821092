import type { CoreDb } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { Connection } from "../store/connection.ts";
import { getConnection } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";

/** A key that stopped working meanwhile never works again; an outage of hours ends. */
const MAX_ATTEMPTS = 10;

/**
 * Has our endpoints removed at an account that was left, by the credential that opened it: that is
 * kept, encrypted, until it is done or given up.
 */
export const leaveAccountLater = (
  db: CoreDb,
  ctx: OperationContext,
  { id, sealed }: Pick<Connection, "id" | "sealed">,
): Promise<void> =>
  enqueueJob(db, "core_jobs", {
    clock: ctx.environment.name,
    kind: "leave-account",
    subject: id,
    payload: { connectionId: id, sealed },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });

/** Which account a key opens now is not known yet. */
export class AccountUnsettled extends Error {
  override readonly name = "AccountUnsettled";
}

/**
 * Removes our endpoints at an account that a connection has left: it was disconnected, or its key was
 * replaced by another account's. Does nothing where it is the same account still. Throws
 * ProviderReadError, or AccountUnsettled while the new key has not been looked at.
 */
export async function leaveAccount(
  ctx: OperationContext,
  connectionId: string,
  sealed: string,
): Promise<void> {
  const connection = await getConnection(ctx.db, ctx.environment.id, connectionId);
  const account = ctx.services.providers[connection.provider]?.account;
  if (account === undefined) return;
  const left = openConnection(ctx, { ...connection, sealed }, ctx.environment.name);
  if (connection.archivedAt === null) {
    if (connection.status === "connecting") {
      throw new AccountUnsettled("The new key has not been looked at yet");
    }
    const { accountId } = await account.identify(left);
    // What may be the account that is connected must keep its endpoint.
    if (accountId === null || connection.accountId === null) return;
    if (accountId === connection.accountId) return;
  }
  await account.unsubscribe(left);
  ctx.services.logger.info(
    { connectionId },
    "left an account: our webhook endpoints there are removed",
  );
}
