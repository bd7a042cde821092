import Stripe from "stripe";
import type { PermissionCheck } from "../account.ts";
import { fromReadError } from "./errors.ts";
import type { StripeSettings } from "./settings.ts";

/** A request that needs one right and has no effect. */
export interface Probe {
  /** In the words of Stripe's page of restricted keys. */
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
}

/**
 * No object has this id. Stripe looks at the rights of a key before it looks for the object, so a
 * change of it answers 403 without the right and 404 with it, and there is nothing that it could
 * change; it names no parameter besides (Stripe docs: "Restricted API keys").
 */
const NOBODY = "ledgerline_permission_probe";

const read = (name: string, path: string): Probe => ({
  name: `${name}: read`,
  method: "GET",
  path: `/v1/${path}`,
});
const write = (name: string, path: string, action = ""): Probe => ({
  name: `${name}: write`,
  method: "POST",
  path: `/v1/${path}_${NOBODY}${action}`,
});

const ALWAYS: readonly Probe[] = [
  read("Customers", "customers?limit=1"),
  write("Products", "products/prod"),
  write("Prices", "prices/price"),
  write("Invoices", "invoices/in"),
  write("Credit Notes", "credit_notes/cn"),
  write("PaymentIntents", "payment_intents/pi", "/cancel"),
  read("Events", "events?limit=1"),
];
const WEBHOOKS = write("Webhook Endpoints", "webhook_endpoints/we");
const TAX = read("Tax", "tax/settings");

const isComputedThere = ({ tax_mode: mode }: StripeSettings): boolean =>
  mode === "stripe" || mode === "anrok" || mode === "avalara";

/** What a key needs rights to, with these settings; endpoints only where one can be made. */
export const neededProbes = (settings: StripeSettings, hasPublicUrl: boolean): readonly Probe[] => [
  ...ALWAYS,
  ...(hasPublicUrl ? [WEBHOOKS] : []),
  ...(isComputedThere(settings) ? [TAX] : []),
];

/** Stripe does not have the object, which it only says to a key with the right to it. */
const wasLetThrough = (error: Stripe.errors.StripeError): boolean =>
  error.code === "resource_missing" || error.statusCode === 400;

export interface ProbeResult {
  readonly check: PermissionCheck;
  /** Of the first object that was listed: the mode that the key really has. */
  readonly livemode?: boolean;
}

/** Whether the key has the right. Throws nothing that Stripe says. */
export async function probe(stripe: Stripe, { name, method, path }: Probe): Promise<ProbeResult> {
  try {
    const reply = (await stripe.rawRequest(method, path)) as { data?: readonly unknown[] };
    const first = reply.data?.[0] as { livemode?: unknown } | undefined;
    const livemode = typeof first?.livemode === "boolean" ? { livemode: first.livemode } : {};
    return { check: { name, granted: true }, ...livemode };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (wasLetThrough(error)) return { check: { name, granted: true } };
    const { message } = fromReadError(error);
    return { check: { name, granted: error.statusCode === 403 ? false : null, message } };
  }
}
