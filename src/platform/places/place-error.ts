import type { AppError } from "../../errors.ts";

/** A place outside did not take what it was given, and what a person can do about it. */
export class PlaceError extends Error {
  override readonly name = "PlaceError";
  /** Stable, for programs: "access_denied". */
  readonly code: string;
  readonly remedy: string;
  /** Trying again would end the same way. */
  readonly permanent: boolean;

  constructor(
    code: string,
    message: string,
    {
      remedy,
      permanent,
      cause,
    }: { readonly remedy: string; readonly permanent: boolean; readonly cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
    this.permanent = permanent;
  }
}

/** The guard of outgoing calls does not let us go there. */
export const refusedAddress = (error: AppError): PlaceError =>
  new PlaceError("address_refused", error.message, {
    remedy: "Make a destination with a public address, or allow private ones, then retry the run.",
    permanent: true,
    cause: error,
  });
