import type { Instant } from "../domain/time.ts";
import type { Credential, ProviderConnection } from "./provider-connection.ts";

/** What a person's consent gave: the credential with its tokens, and the settings that it decided. */
export interface Authorization {
  readonly credential: Credential;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** When a consent is over; undefined: the provider did not say. */
export interface ConsentEnds {
  /** Unless it is used before. */
  readonly idleAt: Instant | undefined;
  /** However often it is used. */
  readonly hardAt: Instant | undefined;
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
  /** The name of the setting that says whose books a consent is for: it never changes by a consent. */
  readonly accountSetting: string;
  /** The settings that say where those books are, that one among them: fixed once a person has consented. */
  readonly boundSettings: readonly string[];
  /** What calls are made with: another one tells that a credential was renewed. Pure. */
  tokenOf(credential: Credential): string | undefined;
  /** Whether calls need a refresh first. Pure. */
  isStale(credential: Credential, now: Instant): boolean;
  /** The credential with tokens that are good again. The one before may be void from then on. */
  refresh(connection: ProviderConnection): Promise<Credential>;
  /** When the person has to consent anew; undefined: nobody has consented. Pure. */
  consentEnds(credential: Credential): ConsentEnds | undefined;
  /** The credential without what the consent gave. Pure. */
  withoutTokens(credential: Credential): Credential;
  /** Whether tokens of one are good with the other. Pure. */
  isSameApp(a: Credential, b: Credential): boolean;
  /** Ends the consent at the provider. */
  revoke(connection: ProviderConnection): Promise<void>;
}
