import { randomBytes } from "node:crypto";
import { unsupported } from "../errors.ts";
import { hashSecret } from "../platform/secrets/secret-hash.ts";
import type { OAuthAccess } from "../providers/oauth.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { insertAuthorizationState } from "../store/authorization-states.ts";
import type { Connection } from "../store/connection.ts";
import { getLiveConnection } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";

const STATE_BYTES = 32;

/** Where a provider sends the browser back to: of PUBLIC_URL alone, never of what a request says. */
export const redirectUri = (
  { services }: Pick<OperationContext, "services">,
  { path, name }: Pick<AnyProvider, "path" | "name">,
): string => `${services.publicUrl()}/oauth/${path ?? name}/callback`;

/** The provider of a connection that a consent lets into. Throws unsupported. */
export function consentingProvider(
  { services }: Pick<OperationContext, "services">,
  { provider: name }: Connection,
): AnyProvider & { readonly oauth: OAuthAccess } {
  const provider = services.providers[name];
  const oauth = provider?.oauth;
  if (provider === undefined || oauth === undefined) {
    throw unsupported(`Consent for a connection of ${name}`);
  }
  return { ...provider, oauth };
}

/** The page on which a person consents, good once and for ten minutes. */
export async function authorizeConnection(ctx: OperationContext, id: string): Promise<string> {
  const connection = await getLiveConnection(ctx.db, ctx.environment.id, id);
  const provider = consentingProvider(ctx, connection);
  const state = randomBytes(STATE_BYTES).toString("base64url");
  await insertAuthorizationState(ctx.db, {
    hash: hashSecret(state),
    environmentId: ctx.environment.id,
    connectionId: connection.id,
  });
  return provider.oauth.authorizeUrl(openConnection(ctx, connection, ctx.environment.name), {
    state,
    redirectUri: redirectUri(ctx, provider),
  });
}
