import { AppError, type ErrorKind } from "../errors.ts";

/** The error types of Stripe's API (Stripe docs: Errors). */
export type CollectErrorType =
  | "api_error"
  | "card_error"
  | "idempotency_error"
  | "invalid_request_error";

export interface CollectErrorDetails {
  /** The parameter that is wrong, as the caller wrote it: "lines[0][amount]". */
  readonly param?: string;
  readonly declineCode?: string;
  /** Further members of the `error` object: `charge`, `payment_intent`, `payment_method`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** What a 404 did not find. */
  readonly sought?: Sought;
}

export interface Sought {
  /** In the words of the message: "customer". */
  readonly what: string;
  readonly id: string;
}

/** A refusal in the words of Stripe's API; http/error-body.ts gives it a status. */
export class CollectError extends AppError {
  readonly type: CollectErrorType;
  readonly declineCode: string | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly sought: Sought | undefined;

  constructor(
    kind: ErrorKind,
    type: CollectErrorType,
    code: string,
    message: string,
    details: CollectErrorDetails = {},
  ) {
    super(kind, code, message, {
      ...(details.param === undefined ? {} : { field: details.param }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.type = type;
    this.declineCode = details.declineCode;
    this.extra = details.extra ?? {};
    this.sought = details.sought;
  }
}

/** 400: the request cannot be carried out as it stands. `code` is one of Stripe's error codes. */
export const refused = (code: string, message: string, param?: string): CollectError =>
  new CollectError(
    "invalid",
    "invalid_request_error",
    code,
    message,
    param === undefined ? {} : { param },
  );

/** 404 in Stripe's words: "No such customer: 'cus_x'". */
export const missing = (what: string, id: string, param = "id"): CollectError =>
  new CollectError(
    "not_found",
    "invalid_request_error",
    "resource_missing",
    `No such ${what}: '${id}'`,
    { param, sought: { what, id } },
  );

/** 402: the card was refused. */
export const declined = (
  code: string,
  message: string,
  details: CollectErrorDetails,
): CollectError => new CollectError("invalid", "card_error", code, message, details);
