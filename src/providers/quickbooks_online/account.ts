import type { AccountAccess, ConnectionProblem, ConnectionTest, WebhookCheck } from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ACCESS_CODES, ProviderReadError } from "../read-error.ts";
import { byHandOf, checkPreferences, readFacts } from "./check-preferences.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import { GONE, toReadFailure } from "./faults.ts";
import { listChanges } from "./list-changes.ts";
import { toQuickBooksSettings } from "./settings.ts";

type Fields = Readonly<Record<string, unknown>>;

const realmOf = ({ settings }: ProviderConnection): string | null =>
  typeof settings.realm_id === "string" ? settings.realm_id : null;

const hasVerifier = ({ credential }: ProviderConnection): boolean =>
  typeof credential.webhook_verifier_token === "string";

async function read(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  path: string,
  name: string,
): Promise<Fields> {
  const answer = await callCompany(parts, connection, { method: "GET", path });
  if (answer.outcome === "failed") throw toReadFailure(answer.fault);
  return (answer.body[name] ?? {}) as Fields;
}

const readCompany = (parts: QuickBooksParts, connection: ProviderConnection): Promise<Fields> =>
  read(parts, connection, `/companyinfo/${realmOf(connection) ?? ""}`, "CompanyInfo");

/** Settings that name something of the company, and what they name. */
const NAMED = [
  ["default_item_id", "item", "Item"],
  ["commit_item_id", "item", "Item"],
  ["income_account_id", "account", "Account"],
  ["sales_term_id", "term", "Term"],
  ["tax_code_id", "taxcode", "TaxCode"],
] as const;

async function checkNamed(
  parts: QuickBooksParts,
  connection: ProviderConnection,
): Promise<ConnectionProblem[]> {
  const settings = toQuickBooksSettings(connection);
  const problems: ConnectionProblem[] = [];
  for (const [setting, path, entity] of NAMED) {
    const id = settings[setting];
    // Codes of the United States are words and no things of the company.
    if (id === null || !/^\d+$/.test(id)) continue;
    const answer = await callCompany(parts, connection, { method: "GET", path: `/${path}/${id}` });
    if (answer.outcome === "failed" && answer.fault.code !== GONE) {
      throw toReadFailure(answer.fault);
    }
    const found = answer.outcome === "answered" ? (answer.body[entity] as Fields) : undefined;
    if (found !== undefined && found.Active !== false) continue;
    problems.push({
      code: `${setting.replace("_id", "")}_unknown`,
      message: `settings.${setting} is ${id}, and the company has no active ${entity} of that id.`,
      remedy: `Set settings.${setting} to the id of one that is active.`,
    });
  }
  return problems;
}

function checkWebhook(connection: ProviderConnection, url: string | undefined): WebhookCheck {
  if (hasVerifier(connection)) return { state: "by_hand", url: url ?? null };
  return { state: url === undefined ? "polling" : "missing", url: url ?? null };
}

const tokenMissing = (url: string): ConnectionProblem => ({
  code: "webhook_verifier_token_missing",
  message:
    "There is no webhook_verifier_token, so no webhook is believed, and changes are only polled.",
  remedy: `At developer.intuit.com open your app > Webhooks, enter ${url} with the events of Invoice, CreditMemo and Payment, and send the verifier token shown there as credential.webhook_verifier_token.`,
});

const toProblem = (error: ProviderReadError): ConnectionProblem => {
  if (error.code === "authorization_required" || error.code === ACCESS_CODES.refused) {
    return {
      code: error.code,
      message: error.message,
      remedy: "POST /v1/connections/{id}/authorize and open its authorize_url.",
    };
  }
  if (error.code === ACCESS_CODES.unknownApp) {
    return {
      code: error.code,
      message: error.message,
      remedy:
        "PATCH /v1/connections/{id} with the credential.client_secret that the app has at developer.intuit.com.",
    };
  }
  if (error.code === ACCESS_CODES.forbidden) {
    return {
      code: error.code,
      message: error.message,
      remedy:
        "Connect the company anew as one of its administrators, with the accounting scope. Development keys reach sandbox companies only: settings.environment has to be that of the keys, and a connection of the other one is made anew.",
    };
  }
  return {
    code: error.permanent ? error.code : "unreachable",
    message: error.message,
    remedy: "Try again; check the way to Intuit and QBO_API_BASE when it lasts.",
  };
};

/** Everything that the company tells of itself; what fails is part of the answer. */
async function testCompany(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  url: string | undefined,
): Promise<ConnectionTest> {
  const settings = toQuickBooksSettings(connection);
  const webhook = checkWebhook(connection, url);
  const problems = webhook.state === "missing" && url !== undefined ? [tokenMissing(url)] : [];
  const mode = settings.environment === "production" ? "live" : "test";
  try {
    const info = await readCompany(parts, connection);
    const preferences = await read(parts, connection, "/preferences", "Preferences");
    problems.push(...checkPreferences(readFacts(info, preferences), settings));
    problems.push(...(await checkNamed(parts, connection)));
    return {
      account: { id: realmOf(connection), mode },
      permissions: [{ name: "Accounting: read", granted: true }],
      webhook,
      problems,
      byHand: byHandOf(preferences, settings),
    };
  } catch (error) {
    if (!(error instanceof ProviderReadError)) throw error;
    const isForbidden = error.code === ACCESS_CODES.forbidden;
    return {
      account: null,
      permissions: [
        {
          name: "Accounting: read",
          granted: isForbidden ? false : null,
          message: error.message,
        },
      ],
      webhook,
      problems: [toProblem(error), ...problems],
      byHand: [],
    };
  }
}

/** The company behind a connection. Its webhooks belong to the app and are set up at Intuit by hand. */
export const quickBooksAccount = (parts: QuickBooksParts): AccountAccess => ({
  async identify(connection) {
    await readCompany(parts, connection);
    return { accountId: realmOf(connection) };
  },
  test: (connection, url) => testCompany(parts, connection, url),
  listEvents: (connection, range) => listChanges(parts, connection, range),
  webhookMeans: (connection) => ({
    endpointId: undefined,
    hasGivenSecret: hasVerifier(connection),
  }),
  rotate: async ({ credential }) => credential,
  retire: async ({ credential }) => credential,
  unsubscribe: async ({ credential }) => credential,
});
