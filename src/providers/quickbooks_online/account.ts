import type { AccountAccess, ConnectionProblem, ConnectionTest, WebhookCheck } from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ACCESS_CODES, ProviderReadError } from "../read-error.ts";
import { byHandOf, checkPreferences, readFacts } from "./check-preferences.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import { GONE, toReadFailure } from "./faults.ts";
import { listChanges } from "./list-changes.ts";
import { toQuickBooksSettings } from "./settings.ts";
import { isSold } from "./sold-items.ts";

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

/** What is earned on: income, or a liability while it is not earned yet. */
const EARNED_ON = ["Income", "Other Income", "Other Current Liability"];

/** The thing of the company; undefined: there is none, or what was given is no id. Throws ProviderReadError. */
async function findNamed(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  [path, entity]: readonly [path: string, entity: string],
  id: string,
): Promise<Fields | undefined> {
  if (!/^\d+$/.test(id)) return undefined;
  const answer = await callCompany(parts, connection, { method: "GET", path: `/${path}/${id}` });
  if (answer.outcome === "answered") return answer.body[entity] as Fields | undefined;
  if (answer.fault.code === GONE) return undefined;
  throw toReadFailure(answer.fault);
}

async function checkNamed(
  parts: QuickBooksParts,
  connection: ProviderConnection,
): Promise<ConnectionProblem[]> {
  const settings = toQuickBooksSettings(connection);
  const problems: ConnectionProblem[] = [];
  for (const [setting, path, entity] of NAMED) {
    const id = settings[setting];
    // Whether a word can be a tax code is decided by the company's country.
    if (id === null || (setting === "tax_code_id" && !/^\d+$/.test(id))) continue;
    const found = await findNamed(parts, connection, [path, entity], id);
    const name = setting.replace("_id", "");
    if (found === undefined || found.Active === false) {
      problems.push({
        code: `${name}_unknown`,
        message: `settings.${setting} is ${id}, and the company has no active ${entity} of that id.`,
        remedy: `Set settings.${setting} to the id of one that is active.`,
      });
    } else if (entity === "Item" && !isSold(found)) {
      problems.push({
        code: `${name}_unfit`,
        message: `settings.${setting} is ${id}, an item of the type ${found.Type}: no line can name it.`,
        remedy: `Set settings.${setting} to the id of a service item of the company.`,
      });
    } else if (setting === "income_account_id" && !isEarnedOn(found)) {
      problems.push({
        code: `${name}_unfit`,
        message: `settings.${setting} is ${id}, an account of the type ${found.AccountType}: nothing is earned on it.`,
        remedy: `Set settings.${setting} to the id of an income account of the company.`,
      });
    }
  }
  return problems;
}

/** An account that does not say what it is may be one. */
const isEarnedOn = ({ AccountType: type }: Fields): boolean =>
  typeof type !== "string" || EARNED_ON.includes(type);

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
