import type { Kysely } from "kysely";
import type { CollectDatabase } from "../db/tables.ts";
import { hashKey, maskKey } from "../domain/secret-key.ts";
import { CollectError } from "../errors.ts";
import { findKeyOwner, type KeyOwner } from "../store/secret-keys.ts";

const unauthenticated = (message: string, code = "invalid_argument"): CollectError =>
  new CollectError("unauthenticated", "invalid_request_error", code, message);

/** The secret key of a request: a bearer token, or the user name of HTTP Basic. */
export function readKey(authorization: string | undefined): string | undefined {
  const match = /^(bearer|basic) +(\S+)$/i.exec(authorization?.trim() ?? "");
  if (match === null) return undefined;
  const [, scheme = "", value = ""] = match;
  if (scheme.toLowerCase() === "bearer") return value;
  return Buffer.from(value, "base64").toString("utf8").split(":")[0];
}

/** Whose request it is. Throws 401 without a valid secret key, 403 for another account's name. */
export async function authenticate(
  db: Kysely<CollectDatabase>,
  headers: { readonly authorization?: string | undefined; readonly account?: string | undefined },
): Promise<KeyOwner> {
  const key = readKey(headers.authorization);
  if (key === undefined || key === "") {
    throw unauthenticated(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (key.startsWith("pk_")) {
    throw unauthenticated("This API call cannot be made with a publishable API key.");
  }
  const owner = await findKeyOwner(db, hashKey(key));
  if (owner === undefined) throw unauthenticated(`Invalid API Key provided: ${maskKey(key)}`);
  if (owner.hasExpired) {
    throw unauthenticated(`Expired API Key provided: ${maskKey(key)}`, "api_key_expired");
  }
  if (headers.account !== undefined && headers.account !== owner.accountId) {
    throw new CollectError(
      "forbidden",
      "invalid_request_error",
      "account_invalid",
      `The provided key does not have access to account '${headers.account.slice(0, 64)}'`,
    );
  }
  return owner;
}
