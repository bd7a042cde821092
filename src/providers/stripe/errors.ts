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
  error.statusCode === undefined ||
  error.statusCode === 409 ||
  error.statusCode >= 500;

/**
 * The outcome of a write that failed (Stripe docs: "Advanced error handling"). What may have
 * happened is `retry`; what certainly did not is `rejected`. Rethrows what is not Stripe's.
 */
export function fromWriteError(error: unknown): WriteResult {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const message = describe(error);
  if (isTransient(error)) {
    return { outcome: "retry", message, newKey: isLockTimeout(error) || wasReplayed(error) };
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
  const code = error.code ?? error.type ?? "unreadable";
  return new ProviderReadError(describe(error), code, !isTransient(error), error);
}

/** Stripe does not have it. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 404;
