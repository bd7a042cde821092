import { pino } from "pino";
import Stripe from "stripe";
import { openCollect } from "../../src/collect/collect.ts";
import { instant } from "../../src/domain/time.ts";
import { advanceClock } from "../../src/platform/clock/advance.ts";
import { databaseClock } from "../../src/platform/clock/clock.ts";
import { openDatabase } from "../../src/platform/database/database.ts";
import { createTestDatabase } from "../support/database.ts";

export const TEST_KEY = "sk_test_collect_0123456789abcdef";

/** Collect on a database of its own, with the official client connected to it. */
export interface TestCollect {
  readonly url: string;
  readonly stripe: Stripe;
  /** A client with other options: another key, another version. */
  client(options?: Partial<Stripe.StripeConfig>, key?: string): Stripe;
  /** Sets the sandbox's clock and does everything that falls due until then. */
  advanceTo(at: string): Promise<void>;
  /** Sends one request as any HTTP client may. */
  request(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** Opens Collect with the sandbox's clock frozen at `at` and one account with TEST_KEY. */
export async function openTestCollect(at = "2024-01-01T00:00:00Z"): Promise<TestCollect> {
  const database = await createTestDatabase();
  const { db } = openDatabase<Record<string, never>>({ url: database.url, maxConnections: 8 });
  const collect = await openCollect({
    db,
    clock: databaseClock(db),
    logger: pino({ level: "fatal" }),
    host: "127.0.0.1",
    port: 0,
    allowPrivateNetwork: true,
    trustedHosts: () => [],
  });
  await collect.ensureTestAccount(TEST_KEY);
  const { hostname, port } = new URL(collect.url);
  const client: TestCollect["client"] = (options = {}, key = TEST_KEY) =>
    new Stripe(key, {
      host: hostname,
      port: Number(port),
      protocol: "http",
      maxNetworkRetries: 0,
      telemetry: false,
      ...options,
    });
  const advanceTo = async (to: string): Promise<void> => {
    await advanceClock(db, [collect.jobs], instant(to));
  };
  await advanceTo(at);
  return {
    url: collect.url,
    stripe: client(),
    client,
    advanceTo,
    request: (path, init = {}) =>
      fetch(`${collect.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${TEST_KEY}`, ...init.headers },
      }),
    async close() {
      await collect.close();
      await db.destroy();
      await database.drop();
    },
  };
}
