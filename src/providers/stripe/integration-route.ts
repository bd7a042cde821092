import type Stripe from "stripe";
import type { IntegrationRoute, Payer } from "../integration-route.ts";
import type { ProviderConnection, RouteOptions } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import { fromReadError } from "./errors.ts";
import { SYSTEM } from "./mapping-tables.ts";

/** Metadata of a Stripe customer that may hold our account's id (docs/integration-runs.md). */
const ACCOUNT_KEYS = ["ledgerline_account_id", "metronome_customer_id", "m3ter_account_id"];

/** What Stripe's search may not show yet, generously: it says a minute, and an hour in trouble. */
const SEARCH_LAG_SECONDS = 2 * 60 * 60;
const PAGE = 100;

const carries = ({ metadata }: Stripe.Customer, accountId: string): boolean =>
  ACCOUNT_KEYS.some((key) => metadata[key] === accountId);

/**
 * By search, which finds every customer of an account of any size and lags behind, and by the list of
 * those that are too new for it. Both are compared with what the customer itself says.
 */
async function findByMetadata(stripe: Stripe, accountId: string): Promise<Set<string>> {
  const query = ACCOUNT_KEYS.map((key) => `metadata['${key}']:'${accountId}'`).join(" OR ");
  const found = new Set<string>();
  const { data } = await stripe.customers.search({ query, limit: PAGE });
  const newest = Math.floor(Date.now() / 1000) - SEARCH_LAG_SECONDS;
  for (const customer of data) if (carries(customer, accountId)) found.add(customer.id);
  for await (const customer of stripe.customers.list({ created: { gte: newest }, limit: PAGE })) {
    if (carries(customer, accountId)) found.add(customer.id);
  }
  return found;
}

async function findPayer(stripe: Stripe, accountId: string): Promise<string | undefined> {
  let found: Set<string>;
  try {
    found = await findByMetadata(stripe, accountId);
  } catch (error) {
    throw fromReadError(error);
  }
  if (found.size < 2) return [...found][0];
  throw new ProviderReadError(
    `Several Stripe customers carry the id of account ${accountId} in their metadata: ${[...found].join(", ")}. Leave it on one of them, or map the account.`,
    { code: "ambiguous_payer", permanent: true },
  );
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** m3ter's settings of a Stripe destination (guide "Configuring Stripe Integrations") as route options. */
function toRouteOptions(
  destination: Readonly<Record<string, unknown>>,
  { customer, subscription }: Payer,
): RouteOptions {
  const { collectionMethod, createStripeInvoice, priceDataProductId, poNumberCustomField } =
    destination;
  return {
    stripe_customer_id: customer,
    stripe_collection_method: isText(collectionMethod)
      ? collectionMethod.toLowerCase()
      : "charge_automatically",
    create_invoice: createStripeInvoice !== false,
    send_due_date: destination.sendDueDate === true,
    ...(isText(priceDataProductId) ? { price_data_product_id: priceDataProductId } : {}),
    ...(isText(poNumberCustomField) ? { po_number_custom_field: poNumberCustomField } : {}),
    ...(subscription === undefined ? {} : { stripe_subscription_id: subscription }),
  };
}

const DASHBOARD = "https://dashboard.stripe.com";

/** How a rule of the integrations API leads to Stripe. */
export const stripeIntegrationRoute = (
  open: (connection: ProviderConnection) => Stripe,
): IntegrationRoute => ({
  mapping: { system: SYSTEM, table: "Customer" },
  contractMapping: { system: SYSTEM, table: "Subscription" },
  toRouteOptions,
  // Items that wait for somebody else's invoice may be billed before the period is over.
  sendsDrafts: ({ createStripeInvoice }) => createStripeInvoice !== false,
  withdraw: (externalId) => ({
    method: "DELETE",
    path: `/v1/invoices/${externalId}`,
    params: {},
  }),
  findPayer: async (connection, accountId) => findPayer(open(connection), accountId),
  documentUrl({ environment, builtIn }, externalId) {
    if (builtIn) return undefined;
    const mode = environment === "PRODUCTION" ? "" : "/test";
    const place = externalId.startsWith("pi_") ? "payments" : "invoices";
    return `${DASHBOARD}${mode}/${place}/${externalId}`;
  },
});
