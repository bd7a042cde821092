import { consentEnd, consentWarning } from "../../domain/consent-warning.ts";
import { instant, Temporal } from "../../domain/time.ts";
import type { TestedConnection } from "../../operations/ask-connection.ts";
import type { Connection } from "../../store/connection.ts";
import type { LastEvent } from "../../store/connection-health.ts";

function toRotationView({ rotationRequestedAt, oldSecretUntil }: Connection) {
  if (rotationRequestedAt !== null) return { state: "requested" };
  if (oldSecretUntil !== null) return { state: "overlap", old_secret_valid_until: oldSecretUntil };
  return null;
}

const toInstant = (text: string | null) => (text === null ? undefined : instant(text));

/** How long a person's consent lasts; null: none lets us in. */
function toConsentView({ consentIdleAt, consentHardAt, renewedAt }: Connection) {
  if (renewedAt === null) return null;
  const endsAt = consentEnd(toInstant(consentIdleAt), toInstant(consentHardAt));
  return {
    renewed_at: renewedAt,
    idle_until: consentIdleAt,
    ends_at: consentHardAt,
    warning: consentWarning(endsAt, Temporal.Now.instant()) ?? null,
  };
}

/** A connection without its credential, which is never shown. */
export const toConnectionView = (connection: Connection) => ({
  id: connection.id,
  provider: connection.provider,
  name: connection.name,
  status: connection.status,
  status_reason: connection.statusReason,
  account_id: connection.accountId,
  settings: connection.settings,
  is_default: connection.isDefault,
  built_in: connection.builtIn,
  webhook: {
    state: connection.webhook.state ?? null,
    url: connection.webhook.url ?? null,
    endpoint_id: connection.webhook.endpoint_id ?? null,
    reason: connection.webhook.reason ?? null,
    rotation: toRotationView(connection),
  },
  consent: toConsentView(connection),
  polling: {
    last_poll_at: connection.polledAt,
    read_until: connection.polledUntil,
    error: connection.pollError,
  },
  created_at: connection.createdAt,
});

/** A connection with the event that came in over it last. */
export const toWatchedConnectionView = (
  connection: Connection,
  events: ReadonlyMap<string, LastEvent>,
) => {
  const event = events.get(connection.id);
  return {
    ...toConnectionView(connection),
    last_event: event === undefined ? null : { type: event.type, received_at: event.receivedAt },
  };
};

/** What a test of a connection found. */
export const toConnectionTestView = (test: TestedConnection) => ({
  ok: test.problems.length === 0,
  tested_at: test.testedAt,
  account: test.account,
  permissions: test.permissions.map(({ name, granted, message }) => ({
    name,
    granted,
    message: message ?? null,
  })),
  webhook: {
    state: test.webhook.state,
    url: test.webhook.url,
    endpoint_id: test.webhook.endpointId ?? null,
    enabled: test.webhook.enabled ?? null,
    missing_event_types: test.webhook.missingEventTypes ?? null,
    api_version: test.webhook.apiVersion ?? null,
    pinned_api_version: test.webhook.pinnedApiVersion ?? null,
  },
  problems: test.problems,
  by_hand: test.byHand,
});
