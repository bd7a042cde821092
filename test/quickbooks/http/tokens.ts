import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";

const DAY = 86_400_000;
const CODE_MS = 10 * 60_000;
const ACCESS_MS = 3_600_000;
/** A refresh token that nobody uses so long is void. */
const IDLE_MS = 100 * DAY;
/** Every consent ends so long after it was given (five years), however often it is used. */
const HARD_MS = 1826 * DAY;

/** One person's consent for one company. */
interface Grant {
  readonly realmId: string;
  readonly endsAt: number;
  isRevoked: boolean;
  current: string;
}

interface Code {
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly expiresAt: number;
  isUsed: boolean;
}

interface Issued {
  readonly grant: Grant;
  readonly expiresAt: number;
}

/** The answer of the token endpoint. */
export interface TokenSet {
  access_token: string;
  token_type: "bearer";
  expires_in: number;
  refresh_token: string;
  x_refresh_token_expires_in: number;
  x_refresh_token_hard_expires_in?: number;
}

export interface TokenOptions {
  /** How long a refresh token lives on once there is a newer one: a day at most. */
  readonly graceSeconds: number;
  /** "always": each refresh gives a new refresh token; "daily": the same one again within a day. */
  readonly rotation: "always" | "daily";
}

/** Codes and tokens, and whose they are. Undefined means that a code or a token is not good. */
export function openTokens(clock: Clock, options: TokenOptions) {
  const grants: Grant[] = [];
  const codes = new Map<string, Code>();
  const access = new Map<string, Issued>();
  const refresh = new Map<string, { grant: Grant; expiresAt: number; issuedAt: number }>();

  const isGood = ({ grant, expiresAt }: Issued): boolean =>
    !grant.isRevoked && clock.now() < expiresAt && clock.now() < grant.endsAt;

  function addGrant(realmId: string): Grant {
    const grant = { realmId, endsAt: clock.now() + HARD_MS, isRevoked: false, current: "" };
    grants.push(grant);
    return grant;
  }

  function rotate(grant: Grant): void {
    const now = clock.now();
    const old = refresh.get(grant.current);
    const expiresAt = Math.min(now + IDLE_MS, grant.endsAt);
    if (old !== undefined && options.rotation === "daily" && now - old.issuedAt < DAY) {
      refresh.set(grant.current, { ...old, expiresAt });
      return;
    }
    if (old !== undefined) {
      const grace = now + options.graceSeconds * 1000;
      refresh.set(grant.current, { ...old, expiresAt: Math.min(old.expiresAt, grace) });
    }
    grant.current = `RT1-${randomBytes(24).toString("base64url")}`;
    refresh.set(grant.current, { grant, expiresAt, issuedAt: now });
  }

  /** Access tokens are long: more than a thousand characters. */
  function issue(grant: Grant): TokenSet {
    rotate(grant);
    const now = clock.now();
    const token = `eyJ${randomBytes(800).toString("base64url")}`;
    access.set(token, { grant, expiresAt: now + ACCESS_MS });
    const until = refresh.get(grant.current)?.expiresAt ?? now;
    return {
      access_token: token,
      token_type: "bearer",
      expires_in: ACCESS_MS / 1000,
      refresh_token: grant.current,
      x_refresh_token_expires_in: Math.floor((until - now) / 1000),
      x_refresh_token_hard_expires_in: Math.floor((grant.endsAt - now) / 1000),
    };
  }

  /** A person disconnects the app inside QuickBooks. */
  function revokeConsent(realmId: string): void {
    for (const grant of grants) if (grant.realmId === realmId) grant.isRevoked = true;
  }

  return {
    addCode(realmId: string, redirectUri: string): string {
      const code = `AB${randomBytes(24).toString("base64url")}`;
      const expiresAt = clock.now() + CODE_MS;
      codes.set(code, { grant: addGrant(realmId), redirectUri, expiresAt, isUsed: false });
      return code;
    },
    /** A code is good once, for the address it was sent to. */
    trade(text: string, redirectUri: string): TokenSet | undefined {
      const code = codes.get(text);
      if (code === undefined || code.isUsed || code.redirectUri !== redirectUri) return undefined;
      if (!isGood(code)) return undefined;
      code.isUsed = true;
      return issue(code.grant);
    },
    renew(text: string): TokenSet | undefined {
      const old = refresh.get(text);
      return old !== undefined && isGood(old) ? issue(old.grant) : undefined;
    },
    /** The company a token lets into. */
    realmOf(token: string): string | undefined {
      const issued = access.get(token);
      return issued !== undefined && isGood(issued) ? issued.grant.realmId : undefined;
    },
    /** Ends every consent for the company that a token lets into. */
    revoke(token: string): boolean {
      const grant = (refresh.get(token) ?? access.get(token))?.grant;
      if (grant === undefined) return false;
      revokeConsent(grant.realmId);
      return true;
    },
    revokeConsent,
    issueFor: (realmId: string): TokenSet => issue(addGrant(realmId)),
  };
}

export type Tokens = ReturnType<typeof openTokens>;
