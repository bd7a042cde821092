import Stripe from "stripe";
import { ProviderReadError, type WriteResult } from "../provider.ts";

/** What Stripe said, with everything support will ask for. */
function describe(error: Stripe.errors.StripeError): string {
  const details = [error.code, error.param, error.requestId].filter(Boolean).join(", ");
  return details === "" ? error.message : `${error.message} (${details})`;
}

/** Stripe keeps a lock_timeout under its key and replays it for a day: only a new key helps. */
const isLockTimeout = (error: Stripe.errors.StripeError): boolean => error.code === "lock_timeout";

const wasReplayed = (error: Stripe.errors.StripeError): boolean =>
  error.headers?.["idempotent-replayed"] === "true";

const isTransient = (error: Stripe.errors.StripeError): boolean =>
  error instanceof Stripe.errors.StripeConnectionError ||
  error instanceof Stripe.errors.StripeRateLimitError ||
  error.headers?.["stripe-should-retry"] === "true" ||
  error.statusCode === undefined ||
  error.statusCode === 409 ||
  error.statusCode >= 500;

/** Longer than this no worker waits: the next attempt is then due on the environment's clock. */
const MAX_WAIT_SECONDS = 60;

/** The Retry-After header in seconds, as far as it is one. */
export function retryAfter({ headers }: Pick<Stripe.errors.StripeError, "headers">): {
  afterSeconds?: number;
} {
  const value = headers?.["retry-after"] ?? "";
  if (!/^\d{1,9}$/.test(value)) return {};
  return { afterSeconds: Math.min(Number(value), MAX_WAIT_SECONDS) };
}

/**
 * The outcome of a write that failed (Stripe docs: "Advanced error handling"). What may have
 * happened is `retry`; what certainly did not is `rejected`. Rethrows what is not Stripe's.
 */
export function fromWriteError(error: unknown): WriteResult {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const message = describe(error);
  if (isTransient(error)) {
    const newKey = isLockTimeout(error) || wasReplayed(error);
    return { outcome: "retry", message, newKey, ...retryAfter(error) };
  }
  return {
    outcome: "rejected",
    code: error.code ?? error.type ?? "rejected",
    message,
    replayed: wasReplayed(error),
  };
}

/** A read that failed, in the core's terms. Rethrows what is not Stripe's. */
export function fromReadError(error: unknown): ProviderReadError {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  return new ProviderReadError(describe(error), {
    code: error.code ?? error.type ?? "unreadable",
    permanent: !isTransient(error),
    cause: error,
    ...retryAfter(error),
  });
}

/** Stripe does not have it. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 404;
