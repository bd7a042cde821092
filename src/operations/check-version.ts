import { conflict } from "../errors.ts";

/** Throws a conflict when a full replace was made from another version than the present one. */
export function checkVersion(what: string, current: number, given: number): void {
  if (given === current) return;
  throw conflict(
    `The ${what} is at version ${current}, not ${given}: read it again and repeat the change`,
    "version_conflict",
  );
}
