import { flagOption, textOption } from "../../domain/integrations/option-field.ts";
import { type Given, type IntegrationTarget, readAllFields } from "../integration-target.ts";
import type { QuickBooksParts } from "./client.ts";
import { listOptionValues } from "./option-values.ts";

const MAX_ID = 36;

const idOption = (label: string, description: string) =>
  textOption(
    { label, description },
    {
      maxLength: MAX_ID,
      hasValues: true,
      form: {
        pattern: /^[A-Za-z0-9_.:-]+$/,
        expected: `an id of QuickBooks, at most ${MAX_ID} characters`,
      },
    },
  );

/** What the destination does with a bill; ids stand in the place of the connection's own settings. */
const OPTIONS = {
  sendDueDate: flagOption(
    {
      label: "Send Due Date",
      description:
        "On: the bill's due date, or the one of the connection's settings. Off: QuickBooks takes the customer's own term.",
    },
    true,
  ),
  salesTermId: idOption(
    "Sales Term",
    "The term that decides when a bill without a due date of its own is to be paid.",
  ),
  taxCodeId: idOption("Tax Code", "The tax code of every line."),
  defaultItemId: idOption("Default Item", "Takes the lines of products without an item."),
  incomeAccountId: idOption(
    "Income Account",
    "Of items that are made; none are made while the connection's create_items is off.",
  ),
};

const secret = (label: string, description: string) =>
  textOption({ label, description }, { maxLength: 4096, type: "SECRET" });

const CREDENTIAL_FIELDS = {
  clientId: textOption(
    { label: "Client ID", description: "Of the app at Intuit." },
    { maxLength: 4096 },
  ),
  clientSecret: secret("Client secret", "Of the app at Intuit."),
  webhookVerifierToken: secret(
    "Webhook verifier token",
    "Signs the app's webhooks. Without it no webhook is believed.",
  ),
};

/** Our names of the fields of a credential, and those that are stored. */
const STORED_NAMES: Readonly<Record<string, string>> = {
  clientId: "client_id",
  clientSecret: "client_secret",
  webhookVerifierToken: "webhook_verifier_token",
};

/** The last four characters of the app's id, which is no secret. */
const hintOf = ({ client_id: id }: Given): string | undefined =>
  typeof id === "string" ? id.slice(-4) : undefined;

const warnOf = ({ sendDueDate, salesTermId }: Given): string[] =>
  sendDueDate === false && (salesTermId ?? null) !== null
    ? ["salesTermId has no effect while sendDueDate is off"]
    : [];

/** QuickBooks Online as a destination of integration configurations. */
export const quickBooksTarget = (parts: QuickBooksParts): IntegrationTarget => ({
  destinations: [
    { destination: "QUICKBOOKS", environment: "PRODUCTION", label: "QuickBooks Online" },
    { destination: "QUICKBOOKS_SANDBOX", environment: "SANDBOX", label: "QuickBooks (Sandbox)" },
  ],
  categories: ["ACCOUNTING", "INVOICING"],
  options: OPTIONS,
  readOptions: (given) => readAllFields(OPTIONS, given, "configData."),
  warnOf,
  credentialTypes: [
    { type: "OAUTH_CODE", label: "App and consent", required: ["clientId", "clientSecret"] },
  ],
  credentialFields: CREDENTIAL_FIELDS,
  toCredential: (fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [STORED_NAMES[name] ?? name, value]),
    ),
  hintOf,
  listValues: (connection, option, page) => listOptionValues(parts, connection, option, page),
});
