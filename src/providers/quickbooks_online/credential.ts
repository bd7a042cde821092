import { invalid } from "../../errors.ts";
import type { Credential } from "../provider-connection.ts";

const SECRET = /^[\x21-\x7e]{1,4096}$/;
/** Of the app at Intuit. */
const REQUIRED = ["client_id", "client_secret"] as const;
/** Tokens come by consent; who has some already may give them. Instants of their end are ISO 8601. */
const OPTIONAL = [
  "webhook_verifier_token",
  "access_token",
  "access_expires_at",
  "refresh_token",
  "refresh_expires_at",
  "refresh_hard_expires_at",
] as const;
const FIELDS = new Set<string>([...REQUIRED, ...OPTIONAL]);

function readText(credential: Credential, name: string): string {
  const value = credential[name];
  if (typeof value === "string" && SECRET.test(value)) return value;
  throw invalid(
    `credential.${name} must be text of visible characters without blanks`,
    `credential.${name}`,
  );
}

/**
 * `{client_id, client_secret, webhook_verifier_token?}` of an app at Intuit, and its tokens once there are
 * any. Throws invalid, naming the field and never its value.
 */
export function readQuickBooksCredential(credential: Credential): Credential {
  const unknown = Object.keys(credential).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    throw invalid(`unknown field credential.${unknown}`, `credential.${unknown}`);
  }
  const given = OPTIONAL.filter((name) => (credential[name] ?? null) !== null);
  return Object.fromEntries(
    [...REQUIRED, ...given].map((name) => [name, readText(credential, name)]),
  );
}
