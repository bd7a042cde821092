import Stripe from "stripe";
import { expect } from "vitest";
import { type Child, spawnNode } from "../support/child.ts";
import { TEST_KEY, type TestCollect } from "./open-test-collect.ts";

/** Starts dying-collect.ts on the database of a Collect that lives on. */
export const spawnDying = (
  { databaseUrl }: TestCollect,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child =>
  spawnNode(["test/collect/dying-collect.ts", ...args], {
    ...process.env,
    ...env,
    DATABASE_URL: databaseUrl,
  });

/** A client of the process that answers at `url`, which never tries again. */
export function clientOf(url: string): Stripe {
  const { hostname, port } = new URL(url);
  const options = { host: hostname, port, protocol: "http", maxNetworkRetries: 0 } as const;
  return new Stripe(TEST_KEY, { ...options, telemetry: false });
}

/**
 * Sends a request to a process that dies at `point`, then the same with the same key to the one that
 * lives. A dead process's session, and so its lock on the key, may live a moment longer than itself.
 */
export async function killAndRepeat<T>(
  collect: TestCollect,
  point: string,
  idempotencyKey: string,
  send: (client: Stripe, options: Stripe.RequestOptions) => Promise<T>,
): Promise<T> {
  const options = { idempotencyKey };
  const child = spawnDying(collect, [point]);
  await expect(send(clientOf(await child.line()), options)).rejects.toBeInstanceOf(
    Stripe.errors.StripeConnectionError,
  );
  return send(collect.client({ maxNetworkRetries: 8 }), options);
}
