import { isVersion } from "../../api-version.ts";
import { CollectError, refused } from "../../errors.ts";
import { type AccountTerms, changeAccount, createAccount } from "../../operations/save-account.ts";
import type { CollectTx } from "../../scope.ts";
import { toLedgerlineAccount } from "../../serializers/to-ledgerline-account.ts";
import { getAccount, listAccounts } from "../../store/accounts.ts";
import { hasLiveKey } from "../../store/secret-keys.ts";
import { addressParams, mapGiven, toAddress } from "../contact-params.ts";
import { MAX_DAYS_UNTIL_DUE } from "../invoice-params.ts";
import {
  choice,
  integer,
  listOf,
  optional,
  type ParamsOf,
  pattern,
  text,
  unsettable,
} from "../params.ts";
import { type Administrator, adminEndpoint, modesOf } from "./admin-endpoint.ts";

/** Two weeks: longer than anybody reviews a draft. */
const MAX_GRACE_HOURS = 336;
const MAX_UPCOMING_DAYS = 45;
const MAX_RETRIES = 8;
const MAX_RETRY_DAYS = 60;

const changes = {
  name: optional(text(100)),
  default_api_version: optional(text(40)),
  business_name: optional(unsettable(text(256))),
  support_email: optional(unsettable(text(512))),
  support_phone: optional(unsettable(text(40))),
  support_url: optional(unsettable(text(2048))),
  country: optional(unsettable(pattern(/^[A-Z]{2}$/, "two upper-case letters"))),
  address: optional(unsettable(addressParams())),
  payment_instructions: optional(unsettable(text(5000))),
  invoice_grace_hours: optional(integer(0, MAX_GRACE_HOURS)),
  invoice_number_scheme: optional(choice("customer", "account")),
  invoice_prefix: optional(
    unsettable(pattern(/^[A-Z0-9]{3,12}$/, "3 to 12 upper-case letters or digits")),
  ),
  subscription_retries: optional(unsettable(listOf(integer(1, MAX_RETRY_DAYS), MAX_RETRIES))),
  subscription_retries_end: optional(choice("cancel", "unpaid", "leave_past_due")),
  upcoming_invoice_days: optional(integer(0, MAX_UPCOMING_DAYS)),
  days_until_due: optional(unsettable(integer(0, MAX_DAYS_UNTIL_DUE))),
};

function toTerms(params: ParamsOf<typeof changes>): AccountTerms {
  const version = params.default_api_version;
  if (version !== undefined && !isVersion(version)) {
    throw refused(
      "invalid_argument",
      `Invalid Stripe API version: ${version}`,
      "default_api_version",
    );
  }
  return {
    name: params.name,
    defaultApiVersion: version,
    businessName: params.business_name,
    supportEmail: params.support_email,
    supportPhone: params.support_phone,
    supportUrl: params.support_url,
    country: params.country,
    address: mapGiven(params.address, toAddress),
    paymentInstructions: params.payment_instructions,
    invoiceGraceHours: params.invoice_grace_hours,
    invoiceNumberScheme: params.invoice_number_scheme,
    invoicePrefix: params.invoice_prefix,
    subscriptionRetries: params.subscription_retries,
    subscriptionRetriesEnd: params.subscription_retries_end,
    upcomingInvoiceDays: params.upcoming_invoice_days,
    daysUntilDue: params.days_until_due,
  };
}

/** Throws 403: settings hold for both modes, and those of real invoices are not the sandbox's to change. */
async function assertSettings(
  tx: CollectTx,
  administrator: Administrator,
  accountId: string,
): Promise<void> {
  if (modesOf(administrator).includes(true) || !(await hasLiveKey(tx, accountId))) return;
  throw new CollectError(
    "forbidden",
    "invalid_request_error",
    "invalid_argument",
    "This account has keys of live mode: change its settings with the production environment's API token.",
  );
}

export const accountAdminEndpoints = [
  adminEndpoint({
    method: "GET",
    path: "/ledgerline/accounts",
    params: {},
    handler: async ({ tx }) => ({
      object: "list",
      url: "/ledgerline/accounts",
      has_more: false,
      data: (await listAccounts(tx)).map(toLedgerlineAccount),
    }),
  }),
  adminEndpoint({
    method: "POST",
    path: "/ledgerline/accounts",
    params: { ...changes, name: text(100) },
    handler: async ({ tx, params, nowAt }) =>
      toLedgerlineAccount(await createAccount(tx, params.name, toTerms(params), nowAt)),
  }),
  adminEndpoint({
    method: "GET",
    path: "/ledgerline/accounts/:account",
    params: {},
    handler: async ({ tx, path }) => toLedgerlineAccount(await getAccount(tx, path.account ?? "")),
  }),
  adminEndpoint({
    method: "POST",
    path: "/ledgerline/accounts/:account",
    params: changes,
    handler: async ({ tx, administrator, path, params }) => {
      const changed = await changeAccount(tx, path.account ?? "", toTerms(params));
      await assertSettings(tx, administrator, changed.id);
      return toLedgerlineAccount(changed);
    },
  }),
];
