import type { ClockName } from "../platform/jobs/job-table.ts";

/** An account at a provider, opened: its credential is in the clear and must not be logged. */
export interface ProviderConnection {
  readonly id: string;
  readonly environment: ClockName;
  /** Our own Collect in the place of the provider. */
  readonly builtIn: boolean;
  readonly credential: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * A credential that is good again in the place of `used`, which was refused or is about to run out: whoever
   * asks first refreshes it, and what came of that is stored before it is answered. Set where the provider
   * is let in by consent. Throws ProviderReadError.
   */
  readonly renew?: (used: Credential) => Promise<Credential>;
}

/** What of a connection shapes a document. */
export type PlannedConnection = Omit<ProviderConnection, "credential" | "renew">;

/** What opens an account at a provider, in the provider's own words. */
export type Credential = Readonly<Record<string, unknown>>;

/** Which customer at the provider, and how to collect: the provider's own words. */
export type RouteOptions = Readonly<Record<string, unknown>>;
