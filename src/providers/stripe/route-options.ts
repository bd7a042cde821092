import { invalid, unsupported } from "../../errors.ts";
import type { RouteOptions } from "../provider-connection.ts";

const FIELDS = new Set([
  "stripe_customer_id",
  "stripe_collection_method",
  "leave_stripe_invoices_in_draft",
]);
const METHODS = ["charge_automatically", "send_invoice"];
/** Known to the API that we match, and not done yet. */
const LATER_METHODS = ["auto_charge_payment_intent", "manually_charge_payment_intent"];
const MAX_ID_LENGTH = 255;

function readCustomer(id: unknown): string {
  const isId = typeof id === "string" && /^[\x21-\x7e]+$/.test(id) && id.length <= MAX_ID_LENGTH;
  if (isId) return id;
  throw invalid(
    "configuration.stripe_customer_id must be the id of a Stripe customer",
    "configuration.stripe_customer_id",
  );
}

function readMethod(method: unknown): string {
  if (method === undefined || method === null) return "charge_automatically";
  const wanted = typeof method === "string" ? method.toLowerCase() : "";
  if (LATER_METHODS.includes(wanted)) throw unsupported(`stripe_collection_method ${wanted}`);
  if (METHODS.includes(wanted)) return wanted;
  throw invalid(
    `configuration.stripe_collection_method must be one of ${METHODS.join(", ")}`,
    "configuration.stripe_collection_method",
  );
}

/**
 * Who pays at Stripe and how: `{stripe_customer_id, stripe_collection_method}`, charged
 * automatically unless asked otherwise. Throws invalid for what Stripe's rows do not have.
 */
export function readStripeRouteOptions(configuration: RouteOptions): RouteOptions {
  const unknown = Object.keys(configuration).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    throw invalid(`unknown field configuration.${unknown}`, `configuration.${unknown}`);
  }
  const draft = configuration.leave_stripe_invoices_in_draft ?? false;
  if (draft !== false) throw unsupported("configuration.leave_stripe_invoices_in_draft");
  return {
    stripe_customer_id: readCustomer(configuration.stripe_customer_id),
    stripe_collection_method: readMethod(configuration.stripe_collection_method),
  };
}

/** The Stripe customer that a route leads to. */
export const payerOf = ({ stripe_customer_id: payer }: RouteOptions): string | undefined =>
  typeof payer === "string" ? payer : undefined;
