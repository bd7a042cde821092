/** What went wrong, from the caller's point of view. Each surface maps a kind to its own status once. */
export type ErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "rate_limited"
  | "unsupported"
  | "unavailable"
  | "internal";

export interface ErrorDetails {
  /** The request field that is wrong, as the caller wrote it: "customers[0].name". */
  readonly field?: string;
  readonly cause?: unknown;
}

/**
 * The one error that is meant to be shown. Anything else that is thrown is a fault of ours and
 * becomes a 500 with a request id.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  /** Stable, for programs: "uniqueness_key_used". */
  readonly code: string;
  readonly field: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = code;
    this.field = details.field;
  }
}

/** The request says something that cannot be. `message` names the field and what was expected. */
export const invalid = (message: string, field?: string, code = "invalid_argument"): AppError =>
  new AppError("invalid", code, message, field === undefined ? {} : { field });

/**
 * The thing named by the request does not exist in this environment. `what` in plain words
 * ("rate card"); the code is made of it ("RateCardNotFound").
 */
export function notFound(what: string, id: string): AppError {
  const code = what.replace(/(?:^|\s)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const subject = what.charAt(0).toUpperCase() + what.slice(1);
  return new AppError("not_found", `${code}NotFound`, `${subject} ${id} not found`);
}

/** We know this, but do not do it: saying so is better than ignoring it. */
export const unsupported = (what: string): AppError =>
  new AppError("unsupported", "unsupported", `${what} is not supported`);

/** The request clashes with what is already there. */
export const conflict = (message: string, code = "conflict"): AppError =>
  new AppError("conflict", code, message);

/** Asserts what must hold; a failure is a fault of ours. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
