import { inTransaction } from "../platform/database/database.ts";
import { reviveJobs } from "../platform/jobs/dead-jobs.ts";
import type { AccountAccess } from "../providers/account.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { ACCESS_CODES, isAccessCode, ProviderReadError } from "../providers/read-error.ts";
import type { Connection } from "../store/connection.ts";
import { updateConnection } from "../store/connection-changes.ts";
import { findConnection, lockConnections } from "../store/connections.ts";
import { toStatusReason } from "./account-trouble.ts";
import type { OperationContext } from "./context.ts";
import { type KeptWebhooks, keepWebhooks } from "./keep-webhooks.ts";
import { leaveAccountLater } from "./leave-account.ts";
import { openConnection, sealCredential } from "./open-connection.ts";
import { pollEvents } from "./poll-events.ts";
import { isIdle } from "./renew-credential.ts";
import { reportConsentEnd, reportFailedConnection } from "./report-issue.ts";

/** How the look at a connection went. */
export type Tended =
  /** Deleted, or looked after only when somebody asks. */
  | { readonly outcome: "over" }
  /** `webhooks`: events come in by themselves, so that a poll only fills gaps. */
  | { readonly outcome: "fine"; readonly webhooks: boolean }
  | {
      readonly outcome: "trouble";
      /** Worth another attempt soon. */
      readonly passing: boolean;
    };

type AskableProvider = AnyProvider & { readonly account: AccountAccess };

const canBeAsked = (provider: AnyProvider | undefined): provider is AskableProvider =>
  provider?.account !== undefined;

/** Somebody has to consent, and that has it looked after again. */
const waitsForConsent = ({ status }: Connection): boolean =>
  status === "authorization_required" || status === "reauth_required";

const hasWebhooks = ({ webhook: { state } }: Connection): boolean =>
  state === "registered" || state === "by_hand";

/**
 * Looks after a connection: which account its key opens, our webhook endpoint there, and the events
 * that came to nobody. Its outcome stands on the connection. The built-in one is set up at each start,
 * so only its events are read.
 */
export async function tendConnection(
  ctx: OperationContext,
  id: string,
  isLastAttempt: boolean,
): Promise<Tended> {
  const connection = await findConnection(ctx.db, ctx.environment.id, id);
  const provider = ctx.services.providers[connection?.provider ?? ""];
  if (connection === undefined || connection.archivedAt !== null) return { outcome: "over" };
  if (!canBeAsked(provider) || waitsForConsent(connection)) return { outcome: "over" };
  await reportConsentEnd(ctx, connection);
  let current = connection;
  try {
    if (!connection.builtIn) {
      const kept = await keepConnected(ctx, connection, provider);
      if (kept === undefined) return { outcome: "over" };
      current = kept;
    }
    await pollEvents(ctx, current, provider.account);
  } catch (error) {
    if (!(error instanceof ProviderReadError)) throw error;
    const now = await findConnection(ctx.db, ctx.environment.id, id);
    if (now !== undefined && waitsForConsent(now)) return { outcome: "over" };
    await noteTrouble(ctx, current, error, isLastAttempt);
    const passing = !error.permanent && current.status === "connecting";
    return { outcome: "trouble", passing };
  }
  if (connection.builtIn) return { outcome: "over" };
  return { outcome: "fine", webhooks: hasWebhooks(current) };
}

/** An account that worked is given up for a refusal alone; one that never did, after some attempts. */
async function noteTrouble(
  ctx: OperationContext,
  connection: Connection,
  error: ProviderReadError,
  isLastAttempt: boolean,
): Promise<void> {
  const { id, builtIn, status } = connection;
  const { code, message, permanent } = error;
  const isNew = status === "connecting";
  // A key that may not read the list of events is enough as long as they come in by themselves.
  const mayStillHear = code === ACCESS_CODES.forbidden && hasWebhooks(connection);
  const shutsOut = isAccessCode(code) && !mayStillHear;
  const fails = !builtIn && (shutsOut || (isNew && (permanent || isLastAttempt)));
  ctx.services.logger.warn({ connectionId: id, code, message }, "a connection is in trouble");
  await inTransaction(ctx.db, async (tx) => {
    await updateConnection(tx, id, {
      pollError: message,
      ...(isNew && !fails ? { statusReason: toStatusReason(code, message) } : {}),
    });
    if (fails) await reportFailedConnection(tx, ctx, id, error);
  });
}

/** Answers the connection as it is now; undefined when it was changed meanwhile, and is looked after anew. */
async function keepConnected(
  ctx: OperationContext,
  connection: Connection,
  provider: AskableProvider,
): Promise<Connection | undefined> {
  const opened = openConnection(ctx, connection, ctx.environment.name);
  // Tokens that nobody uses end some day: a daily renewal keeps them.
  if (isIdle(connection)) await opened.renew?.(opened.credential);
  const { accountId } = await provider.account.identify(opened);
  const kept = await keepWebhooks(ctx, connection, opened, provider);
  const hasChanged = kept.credential !== opened.credential;
  const sealed = hasChanged ? sealCredential(ctx.services.vault, kept.credential) : undefined;
  return save(ctx, connection, { ...kept, accountId, sealed });
}

/** The key was replaced: a renewal of the tokens of a consent is no other key. */
const hasOtherKey = (ctx: OperationContext, before: Connection, current: Connection): boolean => {
  if (current.sealed === before.sealed) return false;
  const isConsented = ctx.services.providers[before.provider]?.oauth !== undefined;
  return !isConsented || current.version !== before.version;
};

interface Found extends KeptWebhooks {
  readonly accountId: string | null;
  /** The credential, when it changed. */
  readonly sealed: string | undefined;
}

/** Writes down what was found, unless the key that it was found with is not the connection's any more. */
async function save(
  ctx: OperationContext,
  connection: Connection,
  { sealed, accountId, webhook, rotationRequestedAt, oldSecretUntil }: Found,
): Promise<Connection | undefined> {
  const { id } = connection;
  return inTransaction(ctx.db, async (tx) => {
    await lockConnections(tx, ctx.environment.id);
    const current = await findConnection(tx, ctx.environment.id, id);
    if (current === undefined) return undefined;
    if (current.archivedAt !== null || hasOtherKey(ctx, connection, current)) {
      if (sealed !== undefined) await leaveAccountLater(tx, ctx, { id, sealed });
      return undefined;
    }
    if (current.status !== "connected") {
      await reviveJobs(tx, "core_jobs", "process-provider-event", { connectionId: id });
    }
    const wasAskedMeanwhile = current.rotationRequestedAt !== connection.rotationRequestedAt;
    await updateConnection(tx, id, {
      sealed,
      status: "connected",
      statusReason: null,
      accountId,
      webhook,
      oldSecretUntil,
      ...(wasAskedMeanwhile ? {} : { rotationRequestedAt }),
    });
    return findConnection(tx, ctx.environment.id, id);
  });
}
