import { resolve } from "node:path";

export type Role = "all" | "api" | "worker";

/** Everything the server can be told, read once from the environment (README, "Configuration"). */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** undefined = Collect is off. */
  readonly collectPort: number | undefined;
  readonly dataDir: string;
  /** undefined = the embedded Postgres in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly sandboxApiToken: string | undefined;
  readonly productionApiToken: string | undefined;
  readonly collectSecretKey: string | undefined;
  /** 32 bytes. */
  readonly credentialsKey: Buffer | undefined;
  /** undefined = `http://HOST:PORT` with the port that was really bound. */
  readonly publicUrl: string | undefined;
  readonly stripeApiBase: string | undefined;
  /** Where calls of QuickBooks companies go, and where consent is asked for; undefined = Intuit. */
  readonly qboApiBase: string | undefined;
  readonly qboOauthBase: string | undefined;
  readonly awsMarketplaceApiBase: string | undefined;
  readonly allowPrivateNetwork: boolean;
  /** undefined = mails are kept and shown. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | undefined;
  /** Exports may be written to folders below it; undefined = none may. */
  readonly exportDir: string | undefined;
  readonly role: Role;
  readonly logLevel: string;
}

/** A setting that cannot be used; the message names the variable and what it expects. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const ROLES: readonly Role[] = ["all", "api", "worker"];

function readPort(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new ConfigError(`${name} must be a port from 0 to 65535, not "${text}"`);
  return port;
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    throw new ConfigError(`${name} must be one of ${choices.join(", ")}, not "${text}"`);
  }
  return choice;
}

function readUrl(env: Environment, name: string, protocols: readonly string[]): string | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    throw new ConfigError(`${name} must be a URL that starts with ${protocols.join("// or ")}//`);
  }
  return text.replace(/\/+$/, "");
}

function readToken(env: Environment, name: string): string | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  if (!/^[\x21-\x7e]{16,256}$/.test(text)) {
    throw new ConfigError(`${name} must be 16 to 256 printable characters without spaces`);
  }
  return text;
}

function readKey(env: Environment): Buffer | undefined {
  const text = env.CREDENTIALS_KEY;
  if (text === undefined || text === "") return undefined;
  const key = Buffer.from(text, "base64");
  if (key.length !== 32) throw new ConfigError("CREDENTIALS_KEY must be 32 bytes in base64");
  return key;
}

function readCollectKey(env: Environment): string | undefined {
  const key = readToken(env, "COLLECT_SECRET_KEY");
  if (key !== undefined && !key.startsWith("sk_test_")) {
    throw new ConfigError("COLLECT_SECRET_KEY must start with sk_test_");
  }
  return key;
}

/** A mail server and the address that mails are from: both or neither. */
function readMail(env: Environment): Config["mail"] {
  const smtpUrl = readUrl(env, "SMTP_URL", ["smtp:", "smtps:"]);
  const from = env.MAIL_FROM;
  if (smtpUrl === undefined) return undefined;
  if (from === undefined || !/^[^\r\n]*[^\s@<]+@[^\s@>]+>?$/.test(from)) {
    throw new ConfigError("MAIL_FROM must be the address that mails are from when SMTP_URL is set");
  }
  return { smtpUrl, from };
}

function readFlag(env: Environment, name: string): boolean {
  const text = env[name];
  if (text === undefined || text === "" || text === "0") return false;
  if (text === "1") return true;
  throw new ConfigError(`${name} must be 1 or 0, not "${text}"`);
}

/** Reads and checks the environment. Throws ConfigError on the first setting that cannot be used. */
export function readConfig(env: Environment): Config {
  const databaseUrl = readUrl(env, "DATABASE_URL", ["postgres:", "postgresql:"]);
  const credentialsKey = readKey(env);
  if (databaseUrl !== undefined && credentialsKey === undefined) {
    throw new ConfigError(
      "CREDENTIALS_KEY is required with DATABASE_URL (create one: openssl rand -base64 32)",
    );
  }
  return {
    host: env.HOST || "127.0.0.1",
    port: readPort(env, "PORT", 4400),
    collectPort: env.COLLECT_PORT === "off" ? undefined : readPort(env, "COLLECT_PORT", 4401),
    dataDir: resolve(env.DATA_DIR || ".data"),
    databaseUrl,
    sandboxApiToken: readToken(env, "SANDBOX_API_TOKEN"),
    productionApiToken: readToken(env, "PRODUCTION_API_TOKEN"),
    collectSecretKey: readCollectKey(env),
    credentialsKey,
    publicUrl: readUrl(env, "PUBLIC_URL", ["http:", "https:"]),
    stripeApiBase: readUrl(env, "STRIPE_API_BASE", ["http:", "https:"]),
    qboApiBase: readUrl(env, "QBO_API_BASE", ["http:", "https:"]),
    qboOauthBase: readUrl(env, "QBO_OAUTH_BASE", ["http:", "https:"]),
    awsMarketplaceApiBase: readUrl(env, "AWS_MARKETPLACE_API_BASE", ["http:", "https:"]),
    allowPrivateNetwork: readFlag(env, "ALLOW_PRIVATE_NETWORK"),
    mail: readMail(env),
    exportDir: env.EXPORT_DIR ? resolve(env.EXPORT_DIR) : undefined,
    role: readChoice(env, "ROLE", ROLES, "all"),
    logLevel: readChoice(env, "LOG_LEVEL", LOG_LEVELS, "info"),
  };
}
