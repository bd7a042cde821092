import { sqlState } from "../database/database.ts";
import { PlaceError } from "./place-error.ts";

/** What the system says of a disk that is as somebody made it; the others, such as a full disk, may pass. */
const PERMANENT: ReadonlySet<string> = new Set([
  "EACCES",
  "EEXIST",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/**
 * An error of the file system as a PlaceError with this code and remedy, which may pass unless the disk was
 * made like that (errno(3)); any other error as it is.
 */
export function toDiskError(
  error: unknown,
  { code, remedy }: { readonly code: string; readonly remedy: string },
): unknown {
  const said = sqlState(error);
  if (error instanceof PlaceError || said === undefined || !/^E[A-Z0-9]+$/.test(said)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PlaceError(code, message, { remedy, permanent: PERMANENT.has(said), cause: error });
}
