import { conflict } from "../errors.ts";

/** Somebody who replaces a thing must have seen it as it is. Throws conflict. */
export function refuseOtherVersion(what: string, present: number, given: number): void {
  if (present === given) return;
  throw conflict(
    `The ${what} has version ${present}, and the request is for version ${given}: read it again`,
    "version_mismatch",
  );
}
