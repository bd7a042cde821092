import type { Instant } from "../domain/time.ts";
import type { Credential, ProviderConnection } from "./provider-connection.ts";
import type { VerifiedEvent } from "./verified-event.ts";

/** One right that the key needs, in the provider's own words: "Invoices: write". */
export interface PermissionCheck {
  readonly name: string;
  /** null: it could not be found out. */
  readonly granted: boolean | null;
  /** Why it is not granted, or was not found out. */
  readonly message?: string;
}

/** How the account's events reach us. */
export interface WebhookCheck {
  /** `polling`: there need be none, because nobody can reach us from outside. */
  readonly state: "registered" | "by_hand" | "missing" | "polling" | "unknown";
  readonly url: string | null;
  readonly endpointId?: string;
  readonly enabled?: boolean;
  readonly missingEventTypes?: readonly string[];
  /** null: the account's own default version. */
  readonly apiVersion?: string | null;
  /** The version that this release speaks. */
  readonly pinnedApiVersion?: string;
}

/** What is wrong, and what a person can do about it. */
export interface ConnectionProblem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a look at the account found. */
export interface ConnectionTest {
  /** null: the account did not let us in, or did not answer. */
  readonly account: { readonly id: string | null; readonly mode: "live" | "test" } | null;
  readonly permissions: readonly PermissionCheck[];
  readonly webhook: WebhookCheck;
  readonly problems: readonly ConnectionProblem[];
  /** What a person has to see to at the provider itself, because it cannot be seen from here. */
  readonly byHand: readonly string[];
}

/** An event out of the provider's own list. */
export interface ListedEvent extends VerifiedEvent {
  /** When it happened, on the provider's clock. */
  readonly createdAt: Instant;
  /** The event as JSON. */
  readonly payload: string;
}

/** Some of the provider's list of events. */
export interface EventPage {
  readonly events: readonly ListedEvent[];
  /** Time at the provider up to which nothing is missing; undefined: that of the newest event. */
  readonly readUntil?: Instant | undefined;
}

/** The endpoint at the provider that a connection has, from its credential alone. */
export interface WebhookMeans {
  /** The newest endpoint of ours. */
  readonly endpointId: string | undefined;
  /** The user gave a signing secret: there is an endpoint that was set up by hand. */
  readonly hasGivenSecret: boolean;
}

/**
 * The account behind a connection, where a provider lets itself be asked about it. What reads or
 * writes over the network throws ProviderReadError. What `subscribe`, `rotate`, `retire` and
 * `unsubscribe` answer is the credential that is to be stored: the very one that was given when
 * nothing changed. Theirs in it is `subscription` alone.
 */
export interface AccountAccess {
  /** Which account the key opens; null where the key may not know. */
  identify(connection: ProviderConnection): Promise<{ readonly accountId: string | null }>;
  /** Everything that can be found out without a change to the account; never throws for what it finds. */
  test(connection: ProviderConnection, url: string | undefined): Promise<ConnectionTest>;
  /** Events that could be about us, newest first, page by page; of `since` and later. */
  listEvents(
    connection: ProviderConnection,
    range: { readonly since: Instant | undefined },
  ): AsyncIterable<EventPage>;
  webhookMeans(connection: ProviderConnection): WebhookMeans;
  /** A second endpoint with a new secret beside the first; both secrets are good. */
  rotate(connection: ProviderConnection, url: string): Promise<Credential>;
  /** Removes all endpoints of ours but the newest. */
  retire(connection: ProviderConnection): Promise<Credential>;
  /** Removes all endpoints of ours. */
  unsubscribe(connection: ProviderConnection): Promise<Credential>;
}
