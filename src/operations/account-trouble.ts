import { ACCESS_CODES } from "../providers/read-error.ts";

/** Why a connection does not work, as it is shown: what an error of its provider means for it. */
export function toStatusReason(code: string, message: string): string {
  switch (code) {
    case ACCESS_CODES.refused:
      return `It refuses its key: ${message}`;
    case ACCESS_CODES.forbidden:
      return `Its key has no right to what was asked: ${message}`;
    case ACCESS_CODES.unknownApp:
      return `It does not know the app by its keys: ${message}`;
    default:
      return `It does not answer as it should: ${message}`;
  }
}
