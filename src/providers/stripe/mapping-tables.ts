import Stripe from "stripe";
import { MAX_CANDIDATES, type MappingCandidate, type MappingTables } from "../mapping-tables.ts";
import type { CurrentMapping } from "../provider.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { fromReadError } from "./errors.ts";

export const SYSTEM = "Stripe";

/** The products of lines: read when an invoice is delivered, before any mapping rule. */
export const PRODUCT_MAPPINGS: readonly CurrentMapping[] = [
  { entity: "contract_product", system: SYSTEM, table: "Product" },
];

const PAGE = { limit: 100 };
const BOUND = { limit: MAX_CANDIDATES };

type Look = (stripe: Stripe) => Promise<MappingCandidate[]>;

/** What of ours is mapped to which kind of Stripe object, and how the objects are found. */
const TABLES = {
  Customer: {
    entity: "Account",
    look: async (stripe) =>
      (await stripe.customers.list(PAGE).autoPagingToArray(BOUND)).map(({ id, name, email }) => ({
        id,
        label: name ?? email ?? id,
      })),
  },
  Subscription: {
    entity: "Contract",
    look: async (stripe) =>
      (await stripe.subscriptions.list(PAGE).autoPagingToArray(BOUND)).map(
        ({ id, description, status }) => ({ id, label: `${description ?? id} (${status})` }),
      ),
  },
  Product: {
    entity: "Product",
    look: async (stripe) =>
      (await stripe.products.list({ ...PAGE, active: true }).autoPagingToArray(BOUND)).map(
        ({ id, name }) => ({ id, label: name }),
      ),
  },
} as const satisfies Record<string, { readonly entity: string; readonly look: Look }>;

const isRefused = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeAuthenticationError ||
  error instanceof Stripe.errors.StripePermissionError;

/** Customers, subscriptions and products of the connected account. */
export const stripeMappingTables = (
  open: (connection: ProviderConnection) => Stripe,
): MappingTables => ({
  system: SYSTEM,
  aliases: ["STRIPE_TEST"],
  tables: Object.entries(TABLES).map(([name, { entity }]) => ({ name, entity })),
  async candidates(connection, table) {
    const found = Object.entries(TABLES).find(([name]) => name === table);
    if (found === undefined) return [];
    try {
      return await found[1].look(open(connection));
    } catch (error) {
      if (isRefused(error)) return [];
      throw fromReadError(error);
    }
  },
});
