import { AppError, type ErrorKind } from "../../errors.ts";
import { CollectError } from "../errors.ts";

const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unsupported: 400,
  unavailable: 503,
  internal: 500,
} satisfies Record<ErrorKind, number>;

/** Codes of ours that Stripe's API has no word for: their errors go out without a `code`. */
const UNNAMED = new Set(["invalid_argument"]);

export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
}

/** The status of an error: a refused card is 402, everything else follows its kind. */
const statusOf = (error: AppError): number =>
  error instanceof CollectError && error.type === "card_error" ? 402 : STATUS[error.kind];

function typeOf(error: AppError): string {
  if (error instanceof CollectError) return error.type;
  return STATUS[error.kind] >= 500 ? "api_error" : "invalid_request_error";
}

/**
 * Any error as the client gets it. The official client tells success from failure by the member
 * `error`, so every failure has one; faults of ours say no more than the request's id.
 */
export function toErrorReply(error: unknown, requestId: string): ErrorReply {
  if (!(error instanceof AppError)) {
    const message = `An error occurred on our side. Its log entry carries the request id ${requestId}.`;
    return { status: 500, body: { error: { type: "api_error", message } } };
  }
  const collect = error instanceof CollectError ? error : undefined;
  return {
    status: statusOf(error),
    body: {
      error: {
        type: typeOf(error),
        ...(UNNAMED.has(error.code) ? {} : { code: error.code }),
        message: error.message,
        ...(error.field === undefined ? {} : { param: error.field }),
        ...(collect?.declineCode === undefined ? {} : { decline_code: collect.declineCode }),
        ...collect?.extra,
      },
    },
  };
}
