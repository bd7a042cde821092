import { randomBytes } from "node:crypto";
import Metronome from "@metronome/sdk";
import Stripe from "stripe";
import { type App, openApp } from "../../src/app.ts";
import { type Config, readConfig } from "../../src/config.ts";
import type { CoreDb } from "../../src/db/database.ts";
import type { ProviderRegistry } from "../../src/providers/provider.ts";
import { createTestDatabase } from "./database.ts";

export interface TestServer {
  readonly url: string;
  readonly collectUrl: string;
  readonly sandboxToken: string;
  readonly productionToken: string;
  readonly collectKey: string;
  /** The official client in the sandbox; it retries nothing, so that a test sees every answer. */
  readonly metronome: Metronome;
  readonly production: Metronome;
  /** The official client of Collect, under the key the sandbox's invoices are delivered with. */
  readonly stripe: Stripe;
  readonly db: CoreDb;
  /** Moves the sandbox's clock; answers when all that falls due has happened. */
  setClock(at: string): Promise<void>;
  /** A request as the sandbox's token, for what the official client cannot send. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
  ): Promise<{ status: number; body: any; headers: Headers }>;
  close(): Promise<void>;
}

const newSecret = (prefix: string): string => `${prefix}${randomBytes(18).toString("hex")}`;

function openStripe(collectUrl: string, key: string): Stripe {
  const url = new URL(collectUrl);
  return new Stripe(key, {
    host: url.hostname,
    port: url.port,
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** Starts the whole product on free ports over a database of its own. */
export async function startTestServer(
  overrides: Partial<Config> = {},
  furtherProviders: ProviderRegistry = {},
): Promise<TestServer> {
  const database = await createTestDatabase();
  const sandboxToken = newSecret("ll_test_");
  const productionToken = newSecret("ll_live_");
  const collectKey = newSecret("sk_test_");
  const config: Config = {
    ...readConfig({
      PORT: "0",
      COLLECT_PORT: "0",
      DATABASE_URL: database.url,
      CREDENTIALS_KEY: randomBytes(32).toString("base64"),
      SANDBOX_API_TOKEN: sandboxToken,
      PRODUCTION_API_TOKEN: productionToken,
      COLLECT_SECRET_KEY: collectKey,
      ALLOW_PRIVATE_NETWORK: "1",
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "fatal",
    }),
    ...overrides,
  };
  const app: App = await openApp(config, furtherProviders);
  const client = (bearerToken: string) =>
    new Metronome({ baseURL: app.url, bearerToken, maxRetries: 0, webhookSecret: "unused" });
  const send: TestServer["send"] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${app.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${sandboxToken}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      body: json ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  return {
    url: app.url,
    collectUrl: app.collectUrl ?? "",
    sandboxToken,
    productionToken,
    collectKey,
    metronome: client(sandboxToken),
    production: client(productionToken),
    stripe: openStripe(app.collectUrl ?? "http://127.0.0.1:1", collectKey),
    db: app.db,
    send,
    async setClock(at) {
      const { status, body } = await send("POST", "/v1/sandbox/clock", { now: at });
      if (status !== 200) throw new Error(`clock: ${status} ${JSON.stringify(body)}`);
    },
    async close() {
      await app.close();
      await database.drop();
    },
  };
}
