import type { Kysely } from "kysely";
import { pino } from "pino";
import Stripe from "stripe";
import { openCollect } from "../../src/collect/collect.ts";
import { instant } from "../../src/domain/time.ts";
import { advanceClock } from "../../src/platform/clock/advance.ts";
import { databaseClock } from "../../src/platform/clock/clock.ts";
import { openDatabase } from "../../src/platform/database/database.ts";
import { createVault } from "../../src/platform/secrets/encryption.ts";
import { createTestDatabase } from "../support/database.ts";
import { findDeviations } from "./find-deviations.ts";

/** API tokens of the product, by what they belong to. */
export const SANDBOX_TOKEN = "ll_test_of_an_administrator";
export const PRODUCTION_TOKEN = "ll_live_of_an_administrator";
const ADMINISTRATORS: ReadonlyMap<string, "PRODUCTION" | "SANDBOX"> = new Map([
  [SANDBOX_TOKEN, "SANDBOX"],
  [PRODUCTION_TOKEN, "PRODUCTION"],
]);

export const TEST_KEY = "sk_test_collect_0123456789abcdef";

/**
 * Collect on a database of its own, with the official client connected to it. Every reply, to the
 * client or to a raw request, is compared with the package's types; `close` throws when one differed.
 */
export interface TestCollect {
  readonly url: string;
  /** For other processes on the same database. */
  readonly databaseUrl: string;
  readonly stripe: Stripe;
  /** A client with other options: another key, another version. */
  client(options?: Partial<Stripe.StripeConfig>, key?: string): Stripe;
  /** Starts again, as it were, with another COLLECT_SECRET_KEY. */
  configure(secretKey: string): Promise<void>;
  /** Sets the sandbox's clock and does everything that falls due until then. */
  advanceTo(at: string): Promise<void>;
  /** Sends one request as any HTTP client may. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Straight to the database, for what no client can do. */
  readonly db: Kysely<Record<string, never>>;
  close(): Promise<void>;
}

/** A client that shows each decoded body, with the path that answered it. */
function inspected(
  client: Stripe.HttpClient,
  inspect: (path: string, body: object) => void,
): Stripe.HttpClient {
  return {
    getClientName: () => client.getClientName(),
    async makeRequest(...request) {
      const response = await client.makeRequest(...request);
      const decode = response.toJSON.bind(response);
      response.toJSON = async () => {
        const body = await decode();
        inspect(request[2], body);
        return body;
      };
      return response;
    },
  };
}

/** Opens Collect with the sandbox's clock frozen at `at` and one account with TEST_KEY. */
export async function openTestCollect(
  at = "2024-01-01T00:00:00Z",
  { allowPrivateNetwork = true } = {},
): Promise<TestCollect> {
  const database = await createTestDatabase();
  const { db } = openDatabase<Record<string, never>>({ url: database.url, maxConnections: 8 });
  const collect = await openCollect({
    db,
    clock: databaseClock(db),
    logger: pino({ level: "fatal" }),
    vault: createVault(Buffer.alloc(32, 1)),
    host: "127.0.0.1",
    port: 0,
    allowPrivateNetwork,
    trustedHosts: () => [],
    findAdministrator: async (token) => ADMINISTRATORS.get(token),
  });
  await collect.ensureTestAccount(TEST_KEY);
  const { hostname, port } = new URL(collect.url);
  const deviations = new Set<string>();
  const inspect = (path: string, body: unknown): void => {
    if (typeof body !== "object" || body === null || "error" in body) return;
    const kind = path.replace(/\?.*$/, "").replace(/_\w{20,}/g, "_...");
    for (const found of findDeviations(body)) deviations.add(`${kind}: ${found}`);
  };
  const client: TestCollect["client"] = (options = {}, key = TEST_KEY) =>
    new Stripe(key, {
      host: hostname,
      port: Number(port),
      protocol: "http",
      maxNetworkRetries: 0,
      telemetry: false,
      httpClient: inspected(Stripe.createNodeHttpClient(), inspect),
      ...options,
    });
  const advanceTo = async (to: string): Promise<void> => {
    await advanceClock(db, [collect.jobs], instant(to));
  };
  await advanceTo(at);
  return {
    url: collect.url,
    databaseUrl: database.url,
    stripe: client(),
    client,
    configure: (secretKey) => collect.ensureTestAccount(secretKey),
    advanceTo,
    db,
    async request(path, init = {}) {
      const response = await fetch(`${collect.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${TEST_KEY}`, ...init.headers },
      });
      if (path.startsWith("/v1/") && response.ok) inspect(path, await response.clone().json());
      return response;
    },
    async close() {
      await collect.close();
      await db.destroy();
      await database.drop();
      if (deviations.size > 0) {
        throw new Error(
          `Replies differ from the stripe package's types:\n${[...deviations].join("\n")}`,
        );
      }
    },
  };
}
