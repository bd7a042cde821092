import type { Instant } from "../domain/time.ts";
import type { Credential, ProviderConnection } from "./provider-connection.ts";

/** What a person's consent gave: the credential with its tokens, and the settings that it decided. */
export interface Authorization {
  readonly credential: Credential;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * How a provider is let in by a person's consent (OAuth 2.0, RFC 6749), and how that is kept alive. Tokens
 * are parts of the credential. What goes over the network throws ProviderReadError: permanent with the code
 * `auth_failed` only when the person has to consent anew.
 */
export interface OAuthAccess {
  /** The page on which a person consents. Pure. */
  authorizeUrl(
    connection: ProviderConnection,
    request: { readonly state: string; readonly redirectUri: string },
  ): string;
  /** Trades what came back in the redirect for tokens; `state` is the one that was given out. */
  exchange(
    connection: ProviderConnection,
    answer: {
      readonly redirectUri: string;
      readonly state: string;
      readonly query: URLSearchParams;
    },
  ): Promise<Authorization>;
  /** Whether calls need a refresh first. Pure. */
  isStale(credential: Credential, now: Instant): boolean;
  /** The credential with tokens that are good again. The one before may be void from then on. */
  refresh(connection: ProviderConnection): Promise<Credential>;
  /** When the person has to consent anew at the latest; undefined: nobody has consented. Pure. */
  authorizedUntil(credential: Credential): Instant | undefined;
  /** Ends the consent at the provider. */
  revoke(connection: ProviderConnection): Promise<void>;
}
