import { invalid } from "../../errors.ts";
import type { ClockName } from "../../platform/jobs/job-table.ts";
import type { Credential, RouteOptions } from "../provider-connection.ts";
import type { SettingField, SettingFields } from "../setting-fields.ts";

const MAX_URL = 500;
const TOKEN = /^[\x21-\x7e]{8,200}$/;
const PAYER = /^[\x21-\x7e]{1,255}$/;

/** An address without a user, a query or a fragment: paths are added to its end. */
function readBase(given: unknown): string | undefined {
  if (typeof given !== "string" || given.length > MAX_URL || !URL.canParse(given)) return undefined;
  const { protocol, username, password, search, hash } = new URL(given);
  const isPlain = username === "" && password === "" && search === "" && hash === "";
  return isPlain && /^https?:$/.test(protocol) ? given.replace(/\/+$/, "") : undefined;
}

const baseUrl: SettingField = {
  schema: { type: "string", maxLength: MAX_URL, default: null },
  initial: () => null,
  read(given) {
    const value = readBase(given);
    return value === undefined
      ? { expected: "an http or https address without user, query and fragment" }
      : { value };
  },
};

/** Where the document system answers. */
export const SANDBOX_SETTINGS: SettingFields = { base_url: baseUrl };

const FIELDS = new Set(["token", "webhook_secret"]);

function readText(credential: Credential, name: string): string {
  const value = credential[name];
  if (typeof value === "string" && TOKEN.test(value)) return value;
  throw invalid(`credential.${name} must be 8 to 200 visible characters`, `credential.${name}`);
}

/**
 * `{token, webhook_secret?}`, in the SANDBOX environment only: nothing real is billed over it. Throws
 * invalid, naming the field and never its value.
 */
export function readSandboxCredential(credential: Credential, environment: ClockName): Credential {
  if (environment !== "SANDBOX") {
    throw invalid("provider sandbox is for the SANDBOX environment only", "provider");
  }
  const unknown = Object.keys(credential).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    throw invalid(`unknown field credential.${unknown}`, `credential.${unknown}`);
  }
  return {
    token: readText(credential, "token"),
    ...(credential.webhook_secret == null
      ? {}
      : { webhook_secret: readText(credential, "webhook_secret") }),
  };
}

/** `{payer}`: who pays, in the system's own words. Throws invalid. */
export function readSandboxRouteOptions(configuration: RouteOptions): RouteOptions {
  const unknown = Object.keys(configuration).find((name) => name !== "payer");
  if (unknown !== undefined) {
    throw invalid(`unknown field configuration.${unknown}`, `configuration.${unknown}`);
  }
  const { payer } = configuration;
  if (typeof payer === "string" && PAYER.test(payer)) return { payer };
  throw invalid("configuration.payer must be 1 to 255 visible characters", "configuration.payer");
}
