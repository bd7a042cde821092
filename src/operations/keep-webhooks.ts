import type { WebhookState } from "../db/tables/connections.ts";
import { type Instant, instant, instantText, isBefore, Temporal } from "../domain/time.ts";
import type { AccountAccess } from "../providers/account.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { Credential, ProviderConnection } from "../providers/provider-connection.ts";
import { ACCESS_CODES, ProviderReadError } from "../providers/read-error.ts";
import type { Connection } from "../store/connection.ts";
import type { OperationContext } from "./context.ts";
import { publicWebhookUrl } from "./webhook-url.ts";

/** How long both secrets are good after a rotation: longer than providers retry what fails. */
const OVERLAP = Temporal.Duration.from({ hours: 24 });

/** What has become of our endpoint at the provider. */
export interface KeptWebhooks {
  readonly credential: Credential;
  readonly webhook: WebhookState;
  readonly rotationRequestedAt: string | null;
  readonly oldSecretUntil: string | null;
}

type Rotation = Pick<KeptWebhooks, "rotationRequestedAt" | "oldSecretUntil">;

interface Endpoint {
  readonly opened: ProviderConnection;
  readonly account: AccountAccess;
  readonly url: string;
  readonly now: Instant;
}

/** A new secret when one was asked for; the old one goes when its time has come. */
async function rotateWhenAsked(
  { opened, account, url, now }: Endpoint,
  { rotationRequestedAt, oldSecretUntil }: Rotation,
): Promise<Rotation & { readonly credential: Credential }> {
  if (rotationRequestedAt !== null && account.webhookMeans(opened).endpointId !== undefined) {
    const credential = await account.rotate(opened, url);
    const until = instantText(now.add(OVERLAP));
    return { credential, rotationRequestedAt: null, oldSecretUntil: until };
  }
  if (oldSecretUntil !== null && !isBefore(now, instant(oldSecretUntil))) {
    const credential = await account.retire(opened);
    return { credential, rotationRequestedAt: null, oldSecretUntil: null };
  }
  return { credential: opened.credential, rotationRequestedAt: null, oldSecretUntil };
}

const NOT_PUBLIC =
  "PUBLIC_URL cannot be reached from outside (it takes https and a public name), so events are polled";

/**
 * Brings our webhook endpoint at the provider to what it should be: one at PUBLIC_URL where that can be
 * reached from outside, else none; with a new secret when one was asked for. Where the account does not
 * let us make one, polling serves. Throws ProviderReadError when it is worth another attempt, or the
 * key is refused.
 */
export async function keepWebhooks(
  ctx: OperationContext,
  connection: Connection,
  opened: ProviderConnection,
  provider: AnyProvider & { readonly account: AccountAccess },
): Promise<KeptWebhooks> {
  const { account } = provider;
  const url = publicWebhookUrl(ctx, provider.name);
  const stateOf = (credential: Credential, reason: string | undefined): WebhookState => {
    const { endpointId, hasGivenSecret } = account.webhookMeans({ ...opened, credential });
    if (endpointId !== undefined) {
      return {
        state: "registered",
        endpoint_id: endpointId,
        ...(url === undefined ? {} : { url }),
      };
    }
    return {
      state: hasGivenSecret ? "by_hand" : "none",
      ...(reason === undefined ? {} : { reason }),
    };
  };
  if (url === undefined) {
    const isThere = account.webhookMeans(opened).endpointId !== undefined;
    const credential = isThere ? await account.unsubscribe(opened) : opened.credential;
    return { credential, webhook: stateOf(credential, NOT_PUBLIC), ...NO_ROTATION };
  }
  const subscribed = await unlessRefused(() => provider.subscribe(opened, url));
  if ("reason" in subscribed) {
    const reason = `No endpoint could be made: ${subscribed.reason}`;
    return {
      credential: opened.credential,
      webhook: stateOf(opened.credential, reason),
      ...NO_ROTATION,
    };
  }
  const credential = subscribed.result;
  const rotated = await unlessRefused(() =>
    rotateWhenAsked({ account, url, now: ctx.now, opened: { ...opened, credential } }, connection),
  );
  if ("reason" in rotated) {
    const reason = `The secret was not changed: ${rotated.reason}`;
    const { oldSecretUntil } = connection;
    return {
      credential,
      webhook: { ...stateOf(credential, undefined), reason },
      rotationRequestedAt: null,
      oldSecretUntil,
    };
  }
  return { ...rotated.result, webhook: stateOf(rotated.result.credential, undefined) };
}

const NO_ROTATION: Rotation = { rotationRequestedAt: null, oldSecretUntil: null };

/** What the account does not let us do is an answer; a key that it refuses, and trouble, are thrown. */
async function unlessRefused<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly reason: string }> {
  try {
    return { result: await work() };
  } catch (error) {
    const isOver = error instanceof ProviderReadError && error.permanent;
    if (!isOver || error.code === ACCESS_CODES.refused) throw error;
    return { reason: error.message };
  }
}
