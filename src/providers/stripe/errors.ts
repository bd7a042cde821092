import Stripe from "stripe";
import type { WriteResult } from "../delivery-step.ts";
import { ACCESS_CODES, ProviderReadError } from "../read-error.ts";

/** What a person can do about it, where Stripe's words do not say so (Stripe docs: "Error codes"). */
const REMEDIES: Readonly<Record<string, string>> = {
  customer_tax_location_invalid:
    "Give the Stripe customer an address that tax can be computed for (a country, and the postal code where it decides), then retry the run.",
  taxes_calculation_failed:
    "Stripe could not compute the tax: look at the invoice and the tax app there, then retry the run, or change the tax mode.",
  stripe_tax_inactive:
    "Switch automatic tax on at Stripe (registrations and head office), or set the tax mode to none, then retry the run.",
};

/** Where a line of an invoice, or an item that waits, names the product that its price belongs to. */
const PRODUCT_PARAM = /(?:^price_data|\[price_data\])\[product\]$/;

/** What to do about a product that a line names and Stripe does not take. */
const PRODUCT_REMEDY =
  "Correct what names this product (an external mapping of ours to Product of Stripe, a mapping rule to invoiceitem.price, or the integration's priceDataProductId), then retry the run.";

const remedyFor = ({ code = "", param = "" }: Stripe.errors.StripeError): string | undefined =>
  PRODUCT_PARAM.test(param) ? PRODUCT_REMEDY : REMEDIES[code];

/** What Stripe said, with everything support will ask for, and what to do where we know it. */
function describe(error: Stripe.errors.StripeError): string {
  const details = [error.code, error.param, error.requestId].filter(Boolean).join(", ");
  const said = details === "" ? error.message : `${error.message} (${details})`;
  const remedy = remedyFor(error);
  return remedy === undefined ? said : `${said}. ${remedy}`;
}

/** Stripe keeps a lock_timeout under its key and replays it for a day: only a new key helps. */
const isLockTimeout = (error: Stripe.errors.StripeError): boolean => error.code === "lock_timeout";

/** The key is used up: Stripe repeats an answer under it, or knows it with other content. */
const wasReplayed = (error: Stripe.errors.StripeError): boolean =>
  error.headers?.["idempotent-replayed"] === "true" ||
  error instanceof Stripe.errors.StripeIdempotencyError;

const isTransient = (error: Stripe.errors.StripeError): boolean =>
  error instanceof Stripe.errors.StripeConnectionError ||
  error instanceof Stripe.errors.StripeRateLimitError ||
  error.headers?.["stripe-should-retry"] === "true" ||
  error.statusCode === undefined ||
  error.statusCode === 409 ||
  error.statusCode >= 500;

/** The rate limit; a lock timeout has the same status and is another matter. */
const isThrottled = (error: Stripe.errors.StripeError): boolean =>
  error instanceof Stripe.errors.StripeRateLimitError && !isLockTimeout(error);

/** Stripe's code; for a key that is refused, or has no right to what it asked for, our own. */
function codeOf(error: Stripe.errors.StripeError): string | undefined {
  if (error.statusCode === 401 || error.code === "account_invalid") return ACCESS_CODES.refused;
  if (error.statusCode === 403) return ACCESS_CODES.forbidden;
  return error.code ?? error.type;
}

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
    return {
      outcome: "retry",
      message,
      newKey,
      ...retryAfter(error),
      ...(isThrottled(error) ? { throttled: true } : {}),
    };
  }
  return {
    outcome: "rejected",
    code: codeOf(error) ?? "rejected",
    message,
    replayed: wasReplayed(error),
  };
}

/** A read that failed, in the core's terms. Rethrows what is not Stripe's. */
export function fromReadError(error: unknown): ProviderReadError {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  return new ProviderReadError(describe(error), {
    code: codeOf(error) ?? "unreadable",
    permanent: !isTransient(error),
    throttled: isThrottled(error),
    cause: error,
    ...retryAfter(error),
  });
}

/** Stripe does not have it. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 404;
