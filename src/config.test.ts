import { resolve } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");

test("an empty environment is a complete configuration", () => {
  expect(readConfig({})).toMatchObject({
    host: "127.0.0.1",
    port: 4400,
    collectPort: 4401,
    dataDir: resolve(".data"),
    databaseUrl: undefined,
    credentialsKey: undefined,
    publicUrl: undefined,
    allowPrivateNetwork: false,
    role: "all",
    logLevel: "info",
  });
});

test("an empty variable is an absent one", () => {
  const empty = { PORT: "", HOST: "", DATABASE_URL: "", CREDENTIALS_KEY: "", ROLE: "" };
  expect(readConfig(empty)).toEqual(readConfig({}));
});

test.each([
  [
    { PORT: "0", COLLECT_PORT: "off" },
    { port: 0, collectPort: undefined },
  ],
  [{ PUBLIC_URL: "https://billing.example/" }, { publicUrl: "https://billing.example" }],
  [{ ALLOW_PRIVATE_NETWORK: "1" }, { allowPrivateNetwork: true }],
  [{ CREDENTIALS_KEY: KEY }, { credentialsKey: Buffer.alloc(32, 1) }],
  [
    { ROLE: "worker", LOG_LEVEL: "debug" },
    { role: "worker", logLevel: "debug" },
  ],
])("%j is read", (environment, expected) => {
  expect(readConfig(environment)).toMatchObject(expected);
});

test.each<[Record<string, string>, string]>([
  [{ PORT: "65536" }, "PORT must be a port from 0 to 65535"],
  [{ PORT: "4400x" }, "PORT"],
  [{ PORT: "-1" }, "PORT"],
  [{ COLLECT_PORT: "on" }, "COLLECT_PORT"],
  [{ DATABASE_URL: "mysql://localhost/db", CREDENTIALS_KEY: KEY }, "DATABASE_URL"],
  [{ DATABASE_URL: "postgres://localhost/db" }, "CREDENTIALS_KEY is required with DATABASE_URL"],
  [{ CREDENTIALS_KEY: "c2hvcnQ=" }, "CREDENTIALS_KEY must be 32 bytes in base64"],
  [{ SANDBOX_API_TOKEN: "short" }, "SANDBOX_API_TOKEN must be 16 to 256"],
  [{ PRODUCTION_API_TOKEN: "has a space in the middle" }, "PRODUCTION_API_TOKEN"],
  [
    { COLLECT_SECRET_KEY: "sk_live_0123456789abcdef" },
    "COLLECT_SECRET_KEY must start with sk_test_",
  ],
  [{ PUBLIC_URL: "billing.example" }, "PUBLIC_URL"],
  [{ STRIPE_API_BASE: "file:///etc" }, "STRIPE_API_BASE"],
  [{ QBO_API_BASE: "quickbooks" }, "QBO_API_BASE"],
  [{ QBO_OAUTH_BASE: "ftp://intuit" }, "QBO_OAUTH_BASE"],
  [{ ALLOW_PRIVATE_NETWORK: "yes" }, "ALLOW_PRIVATE_NETWORK must be 1 or 0"],
  [{ ROLE: "leader" }, "ROLE must be one of all, api, worker"],
  [{ LOG_LEVEL: "loud" }, "LOG_LEVEL"],
])("%j is refused by name", (environment, message) => {
  expect(() => readConfig(environment)).toThrow(ConfigError);
  expect(() => readConfig(environment)).toThrow(message);
});
