import { createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.ts";
import type { Vault } from "../platform/secrets/encryption.ts";

/** How long an access token is good for (docs/integrations.md). */
export const ACCESS_TOKEN_SECONDS = 18_000;

const PREFIX = "ll_access_";
const PURPOSE = "access-token";
const FORM = /^ll_access_([0-9a-f-]{36})\.(\d{1,15})\.([A-Za-z0-9_-]{43})$/;

const sign = (vault: Vault, text: string): Buffer =>
  createHmac("sha256", vault.deriveKey(PURPOSE)).update(text).digest();

/** Whether a bearer token claims to be an access token: API tokens look otherwise. */
export const isAccessToken = (token: string): boolean => token.startsWith(PREFIX);

/**
 * A token that stands for an API token for a while, in real time. It holds the id and the end under a
 * signature, so that nothing is stored, and it works only as long as the API token does.
 */
export function issueAccessToken(vault: Vault, tokenId: string, nowMs: number): string {
  const claim = `${tokenId}.${nowMs + ACCESS_TOKEN_SECONDS * 1000}`;
  return `${PREFIX}${claim}.${sign(vault, claim).toString("base64url")}`;
}

/** Whose access token it is, and until when. Throws unauthenticated when it is not ours or has expired. */
export function readAccessToken(
  vault: Vault,
  token: string,
  nowMs: number,
): { readonly tokenId: string; readonly untilMs: number } {
  const [, tokenId = "", until = "", signature = ""] = FORM.exec(token) ?? [];
  const expected = sign(vault, `${tokenId}.${until}`);
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError("unauthenticated", "unauthenticated", "The access token is not valid");
  }
  const untilMs = Number(until);
  if (untilMs <= nowMs) {
    throw new AppError("unauthenticated", "token_expired", "The access token has expired");
  }
  return { tokenId, untilMs };
}
