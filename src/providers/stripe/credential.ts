import { invalid } from "../../errors.ts";
import type { ClockName } from "../../platform/jobs/job-table.ts";
import type { Credential } from "../provider-connection.ts";

const API_KEY = /^(?:sk|rk)_(test|live)_[\x21-\x7e]{4,200}$/;
const ACCOUNT = /^acct_[A-Za-z0-9]{1,64}$/;
const WEBHOOK_SECRET = /^[\x21-\x7e]{8,256}$/;
const MODES = { PRODUCTION: "live", SANDBOX: "test" } as const satisfies Record<ClockName, string>;
const FIELDS = new Set(["api_key", "stripe_account", "webhook_secret", "webhook_secrets"]);

/** A key's mode must be the environment's: a test key never bills PRODUCTION, nor the reverse. */
function readApiKey(key: unknown, environment: ClockName): string {
  const mode = typeof key === "string" ? API_KEY.exec(key)?.[1] : undefined;
  if (typeof key !== "string" || mode === undefined) {
    throw invalid(
      "The API key must be a secret or restricted Stripe key (sk_test_..., rk_live_...)",
      "credential.api_key",
    );
  }
  const wanted = MODES[environment];
  if (mode !== wanted) {
    throw invalid(
      `The API key is a ${mode} mode key; the ${environment} environment takes ${wanted} mode keys`,
      "credential.api_key",
    );
  }
  return key;
}

function readText(credential: Credential, name: string, pattern: RegExp): Credential {
  const value = credential[name];
  if (value === undefined || value === null) return {};
  if (typeof value === "string" && pattern.test(value)) return { [name]: value };
  throw invalid(`credential.${name} is not valid`, `credential.${name}`);
}

function readSecrets(credential: Credential): Credential {
  const secrets = credential.webhook_secrets;
  if (secrets === undefined || secrets === null) return {};
  if (
    Array.isArray(secrets) &&
    secrets.length <= 10 &&
    secrets.every((secret) => typeof secret === "string" && WEBHOOK_SECRET.test(secret))
  ) {
    return { webhook_secrets: secrets };
  }
  throw invalid("credential.webhook_secrets is not valid", "credential.webhook_secrets");
}

/**
 * `{api_key, stripe_account?, webhook_secret?, webhook_secrets?}` checked for form and mode, without
 * a call to Stripe. Throws invalid, naming the field and never its value.
 */
export function readStripeCredential(credential: Credential, environment: ClockName): Credential {
  const unknown = Object.keys(credential).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    throw invalid(`unknown field credential.${unknown}`, `credential.${unknown}`);
  }
  return {
    api_key: readApiKey(credential.api_key, environment),
    ...readText(credential, "stripe_account", ACCOUNT),
    ...readText(credential, "webhook_secret", WEBHOOK_SECRET),
    ...readSecrets(credential),
  };
}
