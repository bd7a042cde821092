import type { CoreDb } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { reviveJobs } from "../platform/jobs/dead-jobs.ts";
import { hashSecret } from "../platform/secrets/secret-hash.ts";
import type { Authorization } from "../providers/oauth.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { ProviderReadError } from "../providers/read-error.ts";
import { useAuthorizationState } from "../store/authorization-states.ts";
import type { Connection } from "../store/connection.ts";
import { updateConnection } from "../store/connection-changes.ts";
import { updateConsent } from "../store/connection-renewal.ts";
import { findConnection, lockConnections } from "../store/connections.ts";
import { findEnvironment } from "../store/environments.ts";
import { consentingProvider, redirectUri } from "./authorize-connection.ts";
import type { OperationContext, Services } from "./context.ts";
import { openConnection, sealCredential } from "./open-connection.ts";
import { endConsentLater } from "./revoke-consent.ts";
import { tendSoon } from "./tend-soon.ts";

/** What became of a person's way through the page of consent. */
export type AuthorizationOutcome =
  | { readonly outcome: "connected"; readonly name: string; readonly account: string }
  /** No state of ours, one of another provider, or a connection that is gone. */
  | { readonly outcome: "unknown" }
  | { readonly outcome: "used" }
  | { readonly outcome: "expired" }
  | { readonly outcome: "denied" }
  | { readonly outcome: "other_account"; readonly expected: string; readonly given: string }
  /** The connection's app was changed meanwhile. */
  | { readonly outcome: "changed" }
  | { readonly outcome: "failed"; readonly message: string };

/**
 * Takes a person back who was on a provider's page of consent. The state is used up before anything else;
 * the code is traded outside of any transaction, and what came of it is stored in one.
 */
export async function completeAuthorization(
  { db, services }: { readonly db: CoreDb; readonly services: Services },
  { name }: AnyProvider,
  query: URLSearchParams,
): Promise<AuthorizationOutcome> {
  const state = query.get("state") ?? "";
  const used = await useAuthorizationState(db, hashSecret(state));
  if (used.outcome !== "fresh") return used;
  const environment = await findEnvironment(db, used.environmentId);
  const connection = await findConnection(db, used.environmentId, used.connectionId);
  if (environment === undefined || connection === undefined) return { outcome: "unknown" };
  if (connection.archivedAt !== null || connection.provider !== name) {
    return { outcome: "unknown" };
  }
  const error = query.get("error");
  if (error === "access_denied") return { outcome: "denied" };
  if (error !== null) return { outcome: "failed", message: error.slice(0, 200) };
  const now = await services.clock.now(environment.name);
  const ctx: OperationContext = { db, environment, now, actor: "consent", services };
  const provider = consentingProvider(ctx, connection);
  try {
    const authorization = await provider.oauth.exchange(
      openConnection(ctx, connection, environment.name),
      { redirectUri: redirectUri(ctx, provider), state, query },
    );
    faultPoint("complete-authorization/exchanged");
    return await keep(ctx, connection, authorization);
  } catch (failure) {
    if (!(failure instanceof ProviderReadError)) throw failure;
    return { outcome: "failed", message: failure.message };
  }
}

/**
 * Stores a consent, unless it is for another account than the connection's, or the connection is not what it was:
 * then it is ended at the provider, since nobody would use it. Who dies before this is stored leaves it there.
 */
function keep(
  ctx: OperationContext,
  before: Connection,
  { credential: given, settings }: Authorization,
): Promise<AuthorizationOutcome> {
  const { oauth } = consentingProvider(ctx, before);
  const { vault } = ctx.services;
  const account = String(settings[oauth.accountSetting]);
  return inTransaction(ctx.db, async (tx): Promise<AuthorizationOutcome> => {
    await lockConnections(tx, ctx.environment.id);
    const refuse = async (outcome: AuthorizationOutcome): Promise<AuthorizationOutcome> => {
      const sealed = sealCredential(vault, given);
      await endConsentLater(tx, ctx, { connectionId: before.id, sealed, account });
      return outcome;
    };
    const current = await findConnection(tx, ctx.environment.id, before.id);
    if (current === undefined || current.archivedAt !== null) return refuse({ outcome: "unknown" });
    const expected = current.settings[oauth.accountSetting];
    if (typeof expected === "string" && expected !== account) {
      return refuse({ outcome: "other_account", expected, given: account });
    }
    const { credential } = openConnection(ctx, current, ctx.environment.name);
    if (!oauth.isSameApp(credential, given)) return refuse({ outcome: "changed" });
    const tokens = Object.entries(given).filter(
      ([name]) => !Object.hasOwn(oauth.withoutTokens(given), name),
    );
    const consented = { ...oauth.withoutTokens(credential), ...Object.fromEntries(tokens) };
    await updateConsent(tx, current.id, {
      sealed: sealCredential(vault, consented),
      idleAt: oauth.consentEnds(consented)?.idleAt,
      hardAt: oauth.consentEnds(consented)?.hardAt,
    });
    await updateConnection(tx, current.id, {
      status: "connected",
      statusReason: null,
      accountId: account,
      settings: { ...current.settings, ...settings },
      version: current.version + 1,
    });
    await reviveJobs(tx, "core_jobs", "process-provider-event", { connectionId: current.id });
    await tendSoon(tx, ctx, current);
    ctx.services.logger.info(
      { connectionId: current.id, at: instantText(ctx.now) },
      "a person has consented",
    );
    return { outcome: "connected", name: current.name, account };
  });
}
