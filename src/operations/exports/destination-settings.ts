import { invalid } from "../../errors.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import { areCertificates } from "../../platform/places/authorities.ts";

export type DestinationKind = "folder" | "s3" | "postgres";

interface Given {
  readonly [name: string]: unknown;
}

interface Field {
  readonly check: (value: unknown) => boolean;
  readonly expected: string;
  /** undefined: it must be given; null: it may be absent. */
  readonly fallback?: string | number | boolean | null;
}

const isText = (max: number) => (value: unknown) =>
  typeof value === "string" && value.length > 0 && value.length <= max && !/[\0\r\n]/.test(value);
const matches = (pattern: RegExp) => (value: unknown) =>
  typeof value === "string" && pattern.test(value);

/** Names joined by slashes: no way up, nothing hidden, nothing absolute. */
const FOLDER = /^(?!.*(?:^|\/)\.)[A-Za-z0-9._-]{1,100}(?:\/[A-Za-z0-9._-]{1,100}){0,9}$/;
const folder: Field = {
  check: matches(FOLDER),
  expected: "names of letters, digits, '.', '_' and '-' joined by '/', none of them hidden",
};

/** A key of S3 has 1024 characters, and the longest name below a folder less than 124. */
const MAX_PREFIX = 900;

/** An address that requests are made below: what is behind a question mark would go nowhere, or be shown. */
const isEndpoint = (value: unknown): boolean =>
  isText(500)(value) && URL.canParse(String(value)) && !/[?#]/.test(String(value));

const SETTINGS: Readonly<Record<DestinationKind, Readonly<Record<string, Field>>>> = {
  folder: { folder },
  s3: {
    bucket: {
      check: matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
      expected: "the name of a bucket",
    },
    region: { check: matches(/^[a-z0-9-]{1,40}$/), expected: "a region, such as eu-central-1" },
    folder: {
      check: (value) => folder.check(value) && String(value).length <= MAX_PREFIX,
      expected: `${folder.expected}, ${MAX_PREFIX} characters at most`,
      fallback: null,
    },
    endpoint: {
      check: isEndpoint,
      expected: "an http or https address without a query",
      fallback: null,
    },
    path_style: {
      check: (value) => typeof value === "boolean",
      expected: "a boolean",
      fallback: false,
    },
  },
  postgres: {
    host: { check: matches(/^[A-Za-z0-9.:_-]{1,253}$/), expected: "a host's name or address" },
    port: {
      check: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 65_535,
      expected: "a port from 1 to 65535",
      fallback: 5432,
    },
    database: { check: isText(63), expected: "the name of a database" },
    user: { check: isText(63), expected: "the name of a user" },
    schema: { check: isText(63), expected: "the name of a schema", fallback: "ledgerline" },
    ssl: {
      check: (value) => value === "verify" || value === "require" || value === "off",
      expected: "verify, require or off",
      fallback: "verify",
    },
  },
};

const CREDENTIALS: Readonly<Record<DestinationKind, Readonly<Record<string, Field>>>> = {
  folder: {},
  s3: {
    access_key_id: { check: isText(200), expected: "an access key's id" },
    secret_access_key: { check: isText(500), expected: "an access key's secret" },
    session_token: { check: isText(5000), expected: "a session's token", fallback: null },
  },
  postgres: {
    password: { check: isText(500), expected: "a password" },
    // No secret, but it changes as one does: authorities come to their end.
    ca: {
      check: areCertificates,
      expected: "certificates in PEM and nothing else, at most 65536 characters",
      fallback: null,
    },
  },
};

function read(fields: Readonly<Record<string, Field>>, given: Given, prefix: string): Given {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name)) {
      throw invalid(`unknown field ${prefix}.${name}`, `${prefix}.${name}`);
    }
  }
  const found: [string, unknown][] = [];
  for (const [name, { check, expected, fallback }] of Object.entries(fields)) {
    const value = given[name] ?? fallback;
    if (value === null) continue;
    // JSON numbers arrive as decimals that keep every digit.
    const plain = name === "port" && value !== undefined ? Number(String(value)) : value;
    if (plain === undefined || !check(plain)) {
      throw invalid(`${prefix}.${name} must be ${expected}`, `${prefix}.${name}`);
    }
    found.push([name, plain]);
  }
  return Object.fromEntries(found);
}

/** The settings of a destination with their defaults. Throws invalid, naming the field. */
export function readDestinationSettings(
  kind: DestinationKind,
  given: Given,
  outgoing: Outgoing,
): Given {
  const settings = read(SETTINGS[kind], given, "settings");
  if (kind === "s3" && settings.endpoint !== undefined) outgoing.check(String(settings.endpoint));
  if (kind === "postgres") checkHost(String(settings.host), outgoing);
  return settings;
}

function checkHost(host: string, outgoing: Outgoing): void {
  const address = host.includes(":") ? `https://[${host}]` : `https://${host}`;
  if (!URL.canParse(address)) {
    throw invalid("settings.host must be a host's name or address", "settings.host");
  }
  outgoing.check(address);
}

/** The credential of a destination; undefined where none is needed. Throws invalid, naming the field. */
export function readDestinationCredential(
  kind: DestinationKind,
  settings: Given,
  given: Given | undefined,
): Given | undefined {
  const fields = CREDENTIALS[kind];
  if (Object.keys(fields).length === 0) {
    if (given === undefined) return undefined;
    throw invalid(`credential: a destination of kind ${kind} has none`, "credential");
  }
  if (given === undefined) {
    const needed = Object.keys(fields).filter((name) => fields[name]?.fallback === undefined);
    throw invalid(`credential must hold ${needed.join(", ")}`, "credential");
  }
  const credential = read(fields, given, "credential");
  if (credential.ca !== undefined && settings.ssl !== "verify") {
    throw invalid(
      "credential.ca: certificates are only verified with settings.ssl verify",
      "credential.ca",
    );
  }
  return credential;
}
