import type Stripe from "stripe";
import { choiceOption, flagOption, textOption } from "../../domain/integrations/option-field.ts";
import { invalid } from "../../errors.ts";
import { type Given, type IntegrationTarget, readAllFields } from "../integration-target.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { fromReadError } from "./errors.ts";

const MAX_CUSTOM_FIELD_NAME = 40;
const MAX_ID = 255;
const PRODUCT_OPTION = "priceDataProductId";

/** What the destination does with a bill (guide "Configuring Stripe Integrations"). */
const OPTIONS = {
  createStripeInvoice: flagOption(
    {
      label: "Create Stripe Invoice",
      description:
        "On: each bill becomes an invoice. Off: its lines wait for the next invoice of a Stripe subscription.",
    },
    true,
  ),
  [PRODUCT_OPTION]: textOption(
    {
      label: "Price Data Product Id",
      description: "The Stripe product of every line, so that its tax fields can be set.",
    },
    {
      maxLength: MAX_ID,
      hasValues: true,
      form: {
        pattern: /^[\x21-\x7e]+$/,
        expected: `the id of a Stripe product, at most ${MAX_ID} characters`,
      },
    },
  ),
  poNumberCustomField: textOption(
    {
      label: "PO Number Custom Field",
      description: "The custom field of the Stripe invoice that takes the purchase order number.",
    },
    { maxLength: MAX_CUSTOM_FIELD_NAME },
  ),
  sendDueDate: flagOption(
    {
      label: "Send Due Date",
      description: "Sends the bill's due date. Stripe takes one only with send_invoice.",
    },
    false,
  ),
  collectionMethod: choiceOption(
    { label: "Collection Method", description: "How Stripe collects the invoice." },
    [
      { id: "charge_automatically", label: "Charge automatically" },
      { id: "send_invoice", label: "Send the invoice" },
    ],
  ),
};

const CREDENTIAL_FIELDS = {
  apiKey: textOption(
    { label: "API key", description: "A secret or restricted key of the environment's mode." },
    { maxLength: 256, type: "SECRET" },
  ),
  webhookSecret: textOption(
    { label: "Webhook secret", description: "Signs the events of an endpoint set up by hand." },
    {
      maxLength: 256,
      type: "SECRET",
      form: { pattern: /^[\x21-\x7e]{8,256}$/, expected: "a signing secret (whsec_...)" },
    },
  ),
  stripeAccount: textOption(
    { label: "Connected account", description: "For platforms: the account to act for." },
    {
      maxLength: 69,
      form: { pattern: /^acct_[A-Za-z0-9]{1,64}$/, expected: "the id of an account (acct_...)" },
    },
  ),
};

/** Stripe takes a due date only where it does not charge by itself. */
function readOptions(given: Given): Given {
  const options = readAllFields(OPTIONS, given, "configData.");
  if (options.sendDueDate === true && options.collectionMethod !== "send_invoice") {
    throw invalid(
      "configData.sendDueDate must be false while configData.collectionMethod is charge_automatically: Stripe takes a due date only with send_invoice",
      "configData.sendDueDate",
    );
  }
  return options;
}

function warnOf(options: Given): string[] {
  if (options.createStripeInvoice !== false) return [];
  const idle = [
    ...(options.sendDueDate === true ? ["sendDueDate"] : []),
    ...(options.poNumberCustomField ? ["poNumberCustomField"] : []),
    ...(options.collectionMethod === "send_invoice" ? ["collectionMethod"] : []),
  ];
  return idle.map((name) => `${name} has no effect while createStripeInvoice is off`);
}

/** Our names of the fields of a credential, and those that are stored. */
const STORED_NAMES: Readonly<Record<string, string>> = {
  apiKey: "api_key",
  webhookSecret: "webhook_secret",
  stripeAccount: "stripe_account",
};

/** The last four characters of the key, as Stripe's own pages show it. */
const hintOf = ({ api_key: key }: Given): string | undefined =>
  typeof key === "string" ? key.slice(-4) : undefined;

/** Stripe as a destination of integration configurations. */
export const stripeTarget = (
  open: (connection: ProviderConnection) => Stripe,
): IntegrationTarget => ({
  destinations: [
    { destination: "STRIPE", environment: "PRODUCTION", label: "Stripe" },
    { destination: "STRIPE_TEST", environment: "SANDBOX", label: "Stripe (Test mode)" },
  ],
  categories: ["PAYMENTS", "INVOICING"],
  options: OPTIONS,
  readOptions,
  warnOf,
  credentialTypes: [
    { type: "STATIC_API_KEY", label: "API key", required: ["apiKey"] },
    {
      type: "STRIPE_SIGNED_REQUEST",
      label: "API key and webhook secret",
      required: ["apiKey", "webhookSecret"],
    },
  ],
  credentialFields: CREDENTIAL_FIELDS,
  toCredential: (fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [STORED_NAMES[name] ?? name, value]),
    ),
  hintOf,
  async listValues(connection, option, { after, limit }) {
    if (option !== PRODUCT_OPTION) return { values: [], next: undefined };
    try {
      const page = await open(connection).products.list({
        active: true,
        limit: Math.min(limit, 100),
        ...(after === undefined ? {} : { starting_after: after }),
      });
      return {
        values: page.data.map(({ id, name }) => ({ id, label: name })),
        next: page.has_more ? page.data.at(-1)?.id : undefined,
      };
    } catch (error) {
      throw fromReadError(error);
    }
  },
});
