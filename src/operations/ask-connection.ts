import type { CoreTransaction } from "../db/database.ts";
import { consentEnd, consentWarning } from "../domain/consent-warning.ts";
import { type Instant, instant, instantText, Temporal } from "../domain/time.ts";
import { conflict, unsupported } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { AccountAccess, ConnectionProblem, ConnectionTest } from "../providers/account.ts";
import type { Connection } from "../store/connection.ts";
import { updateConnection } from "../store/connection-changes.ts";
import { getLiveConnection, lockConnections } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";
import { tendSoon } from "./tend-soon.ts";
import { publicWebhookUrl } from "./webhook-url.ts";

function accountOf(ctx: OperationContext, { provider }: Connection): AccountAccess {
  const account = ctx.services.providers[provider]?.account;
  if (account === undefined) throw unsupported(`Asking a connection of ${provider}`);
  return account;
}

const toInstant = (text: string | null) => (text === null ? undefined : instant(text));

/** A consent that is about to end. */
function consentProblems(
  { consentIdleAt, consentHardAt }: Connection,
  now: Instant,
): ConnectionProblem[] {
  const endsAt = consentEnd(toInstant(consentIdleAt), toInstant(consentHardAt));
  const warning = consentWarning(endsAt, now);
  if (endsAt === undefined || warning === undefined) return [];
  return [
    {
      code: `consent_${warning}`,
      message: `The consent ${warning === "ended" ? "ended" : "ends"} at ${instantText(endsAt)}.`,
      remedy: "POST /v1/connections/{id}/authorize and open its authorize_url.",
    },
  ];
}

export interface TestedConnection extends ConnectionTest {
  /** Real time. */
  readonly testedAt: string;
}

/** Looks at the account behind a connection, and changes nothing there or here. Calls the provider. */
export async function testConnection(ctx: OperationContext, id: string): Promise<TestedConnection> {
  const connection = await getLiveConnection(ctx.db, ctx.environment.id, id);
  const account = accountOf(ctx, connection);
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const url = connection.builtIn
    ? connection.webhook.url
    : publicWebhookUrl(ctx, connection.provider);
  const test = await account.test(opened, url);
  const now = Temporal.Now.instant();
  const problems = [...test.problems, ...consentProblems(connection, now)];
  return { ...test, problems, testedAt: instantText(now) };
}

async function askFor(
  ctx: OperationContext,
  id: string,
  prepare: (tx: CoreTransaction, connection: Connection) => Promise<void>,
): Promise<Connection> {
  return inTransaction(ctx.db, async (tx) => {
    await lockConnections(tx, ctx.environment.id);
    const connection = await getLiveConnection(tx, ctx.environment.id, id);
    accountOf(ctx, connection);
    await prepare(tx, connection);
    await tendSoon(tx, ctx, connection);
    return getLiveConnection(tx, ctx.environment.id, id);
  });
}

/** Has the provider's list of events read soon. Answers the connection as it is now. */
export const requestPoll = (ctx: OperationContext, id: string): Promise<Connection> =>
  askFor(ctx, id, async () => {});

/**
 * Asks for a new signing secret of our endpoint: a job makes a second endpoint, both secrets are good
 * for a day, then the first is removed. Throws a conflict where there is no endpoint of ours, or one
 * rotation is under way.
 */
export const requestRotation = (ctx: OperationContext, id: string): Promise<Connection> =>
  askFor(ctx, id, async (tx, connection) => {
    if (connection.builtIn) {
      throw conflict("The built-in connection is managed by the server.", "built_in_connection");
    }
    if (connection.webhook.state !== "registered") {
      throw conflict(
        "There is no webhook endpoint of ours to rotate. Of one that was set up by hand, change the secret at the provider and send both secrets as credential.webhook_secrets.",
        "no_webhook_endpoint",
      );
    }
    if (connection.rotationRequestedAt !== null || connection.oldSecretUntil !== null) {
      throw conflict(
        `A rotation is under way: the old secret is good until ${connection.oldSecretUntil ?? "the new one is there"}`,
        "rotation_under_way",
      );
    }
    await updateConnection(tx, id, { rotationRequestedAt: instantText(ctx.now) });
  });
