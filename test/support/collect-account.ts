import Stripe from "stripe";
import type { TestServer } from "./server.ts";

export type Permissions = Readonly<Record<string, "none" | "read" | "write">>;

/** Every right that a connection needs. */
export const NEEDED: Permissions = {
  account: "read",
  customers: "read",
  products: "write",
  prices: "write",
  invoices: "write",
  credit_notes: "write",
  payment_intents: "write",
  payment_methods: "read",
  events: "read",
  webhook_endpoints: "write",
};

/** An account at the provider beside the built-in connection's. */
export interface CollectAccount {
  readonly id: string;
  /** The official client with every right. */
  readonly stripe: Stripe;
  /** A restricted key with these rights. */
  restrictedKey(permissions?: Permissions): Promise<string>;
  /** A secret key; `end` makes it worth nothing. */
  secretKey(): Promise<{ readonly key: string; end(): Promise<void> }>;
}

let opened = 0;

/** Opens another account at the server's Collect. */
export async function openCollectAccount(server: TestServer): Promise<CollectAccount> {
  async function manage(method: string, path: string, body?: unknown) {
    const response = await fetch(`${server.collectUrl}/ledgerline/accounts${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.sandboxToken}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const reply = (await response.json()) as { id: string; key: string };
    if (!response.ok) throw new Error(JSON.stringify(reply));
    return reply;
  }
  opened += 1;
  const { id } = await manage("POST", "", { name: `Another account ${opened}` });
  const secret = () => manage("POST", `/${id}/keys`, { mode: "test" });
  const url = new URL(server.collectUrl);
  const stripe = new Stripe((await secret()).key, {
    host: url.hostname,
    port: url.port,
    protocol: "http",
    maxNetworkRetries: 0,
    telemetry: false,
  });
  return {
    id,
    stripe,
    async restrictedKey(permissions = NEEDED) {
      const made = await manage("POST", `/${id}/keys`, {
        mode: "test",
        type: "restricted",
        permissions,
      });
      return made.key;
    },
    async secretKey() {
      const made = await secret();
      return {
        key: made.key,
        async end() {
          await manage("DELETE", `/${id}/keys/${made.id}`);
        },
      };
    },
  };
}
