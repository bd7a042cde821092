import type Stripe from "stripe";
import { fewAtATime } from "../../platform/few-at-a-time.ts";
import type {
  ConnectionProblem,
  ConnectionTest,
  PermissionCheck,
  WebhookCheck,
} from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ACCESS_CODES, ProviderReadError } from "../read-error.ts";
import { checkWebhook, handMade, webhookProblems } from "./check-webhook.ts";
import { identifyAccount } from "./identify.ts";
import { neededProbes, probe } from "./permissions.ts";
import { toStripeSettings } from "./settings.ts";

const PROBES_AT_ONCE = 3;

/** What cannot be seen through the API and has to be seen to at Stripe (docs/stripe.md). */
const BY_HAND: readonly string[] = [
  "Automatic retries of failed payments: Billing > Revenue recovery > Retries, smart retries or a schedule of your own, for one-off invoices too. Without them a declined invoice is tried once.",
  "Mails to customers about invoices and failed payments: Billing > Revenue recovery > Emails, as you want them.",
];

const toTrouble = (error: ProviderReadError): ConnectionProblem => {
  if (error.code === ACCESS_CODES.refused) {
    return {
      code: error.code,
      message: error.message,
      remedy:
        "Create a secret or restricted key at Stripe (Developers > API keys) and send it as credential.api_key; check credential.stripe_account when it is set.",
    };
  }
  return {
    code: error.permanent ? error.code : "unreachable",
    message: `Stripe did not answer as it should: ${error.message}`,
    remedy: "Try again; check the way to Stripe and STRIPE_API_BASE when it lasts.",
  };
};

const UNKNOWN = (url: string | undefined): WebhookCheck => ({ state: "unknown", url: url ?? null });

const permissionProblem = ({ name, granted, message }: PermissionCheck): ConnectionProblem => ({
  code: granted === false ? ACCESS_CODES.forbidden : "permission_unknown",
  message: `${name}: ${message}`,
  remedy:
    granted === false
      ? `Add the permission "${name}" to the restricted key at Stripe (Developers > API keys).`
      : `Try again; whether the key has "${name}" is not known.`,
});

const modeProblem = ({ environment }: ProviderConnection): ConnectionProblem => ({
  code: "livemode_mismatch",
  message: `The account answers in the other mode than the one of ${environment}.`,
  remedy:
    environment === "PRODUCTION"
      ? "Send a live mode key as credential.api_key."
      : "Send a test mode key as credential.api_key.",
});

/**
 * Everything about the account that can be found out without an effect on it. What fails is part of the
 * answer; nothing that Stripe says or does not say is thrown.
 */
export async function testAccount(
  open: () => Stripe,
  connection: ProviderConnection,
  url: string | undefined,
): Promise<ConnectionTest> {
  const byHand = url === undefined ? BY_HAND : [...BY_HAND, handMade(url)];
  const outside = { account: null, permissions: [], webhook: UNKNOWN(url), byHand };
  const problems: ConnectionProblem[] = [];
  /** Undefined, and a problem, where it throws. */
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProviderReadError)) throw error;
      problems.push(toTrouble(error));
      return undefined;
    }
  };
  const opened = await attempt(async () => {
    const stripe = open();
    return { stripe, ...(await identifyAccount(stripe)) };
  });
  if (opened === undefined) return { ...outside, problems };
  const { stripe, accountId } = opened;
  const probes = neededProbes(toStripeSettings(connection), url !== undefined);
  const results = await fewAtATime(PROBES_AT_ONCE, probes, (one) => probe(stripe, one));
  const permissions = results.map(({ check }) => check);
  const wanted = connection.environment === "PRODUCTION";
  const livemode = results.find((result) => result.livemode !== undefined)?.livemode ?? wanted;
  const webhook = (await attempt(() => checkWebhook(stripe, connection, url))) ?? UNKNOWN(url);
  return {
    account: { id: accountId, mode: livemode ? "live" : "test" },
    permissions,
    webhook,
    problems: [
      ...problems,
      ...(livemode === wanted ? [] : [modeProblem(connection)]),
      ...permissions.filter(({ granted }) => granted !== true).map(permissionProblem),
      ...webhookProblems(connection, webhook),
    ],
    byHand,
  };
}
