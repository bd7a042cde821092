import type { RouteOptions } from "fastify";

/** What the audit log says of every request of a route. */
export interface RouteAudit {
  /** What is done, in the URL's own words: "create", "set_name", "void". */
  readonly action: string;
  readonly resourceType: string;
  /** What is done in plain words. */
  readonly summary: string;
  /**
   * Its work commits in parts or by other means: a row before it says that it begins (pending), one
   * after it how it ended. All other writes have one row, in their own transaction.
   */
  readonly apart: boolean;
  /** The object itself is shown, before the write and after it. */
  readonly shown: boolean;
  /** It has a `preview`: with it, a request only asks what would happen. */
  readonly previews: boolean;
}

/** Types whose objects are shown (resource-views.ts loads them, docs/audit.md lists them). */
const SHOWN_TYPES = [
  "customer",
  "product",
  "rate_card",
  "connection",
  "webhook_endpoint",
  "invoicing_settings",
  "provider_settings",
  "reconciliation_settings",
  "invoice",
  "contract",
  "commit",
  "credit",
  "credit_note",
  "integration_configuration",
  "integration_credential",
  "organization_user",
] as const;

export type ShownType = (typeof SHOWN_TYPES)[number];

export const isShownType = (type: string): type is ShownType =>
  (SHOWN_TYPES as readonly string[]).includes(type);

/** Writes of such objects that do not show in them: to load them would only cost time. */
const UNSEEN: ReadonlySet<string> = new Set([
  "/v1/contract-pricing/rate-cards/addRate",
  "/v1/contract-pricing/rate-cards/addRates",
  "/v1/contract-pricing/rate-cards/setRateCardProductsOrder",
  "/v1/contract-pricing/rate-cards/moveRateCardProducts",
  "/v1/customers/setBillableStatus",
  "/organizations/:orgId/contracts/:id",
]);

const WRITES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Their last part says that they read: "get", "listKeys", "getNetBalance". */
const READS = /\/(?:get|list)(?:[A-Z]\w*)?$/;

/** Writes by their method that are none, or none of configuration, each with the reason. */
export const NOT_AUDITED: Readonly<Record<string, string>> = {
  "/v1/ingest": "usage is data and has its own record: every event is kept",
  "/v1/usage": "a query",
  "/v1/usage/groups": "a query",
  "/v1/usage/seats": "a query",
  "/v1/events/search": "a query",
  "/v1/customers/:customer_id/previewEvents": "rates events that are not kept",
  "/v1/customers/:customer_id/invoices/invoice_seats": "a query",
  "/v1/customers/:customer_id/invoices/spend-breakdowns": "a query",
  "/v1/invoices/:id/provider-requests": "shows what a delivery would send",
  "/organizations/:orgId/integrationconfigs/preview-filter": "shows what a filter would take",
  "/v1/connections/:id/test": "looks at the account and changes nothing",
};

const APART: ReadonlySet<string> = new Set([
  "/v1/invoices/approve",
  "/organizations/:orgId/bills/approve",
  "/v1/sandbox/clock",
]);

/** The thing that a route writes, by its URL; the first that fits. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [/^\/organizations\/:orgId\/integrationconfigs/, "integration_configuration"],
  [/^\/organizations\/:orgId\/integrationcredentials/, "integration_credential"],
  [/^\/organizations\/:orgId\/users/, "organization_user"],
  [/^\/organizations\/:orgId\/integrationdestinations\/webhooks/, "webhook_endpoint"],
  [/^\/organizations\/:orgId\/accounts/, "account"],
  [/^\/organizations\/:orgId\/bills\//, "invoice"],
  [/^\/organizations\/:orgId\/billjobs/, "bill_job"],
  [/^\/organizations\/:orgId\/externalmappings/, "external_mapping"],
  [/^\/organizations\/:orgId\/organizationconfig/, "organization_config"],
  [/^\/v1\/client\/billing-config\//, "connection"],
  [/\/webhook_secret$/, "webhook_secret"],
  [/^\/v1\/settings\/invoicing$/, "invoicing_settings"],
  [/^\/v1\/settings\/reconciliation$/, "reconciliation_settings"],
  [/^\/v1\/settings\//, "provider_settings"],
  [/^\/v1\/sandbox\/clock$/, "sandbox_clock"],
  [/\/deliveries\//, "webhook_delivery"],
  [/^\/v1\/webhook-endpoints/, "webhook_endpoint"],
  [/^\/v1\/connections/, "connection"],
  [/BillingProviderConfigurations$/, "customer_billing_provider_configuration"],
  [/^\/v1\/runs\/|\/integrationruns\/:id/, "integration_run"],
  [/\/integrationruns\/unrouted\//, "invoice"],
  [/^\/organizations\/:orgId\/events\//, "integration_event"],
  [/^\/v1\/exports\/destinations/, "export_destination"],
  [/^\/v1\/exports/, "export"],
  [/^\/v1\/credit-notes/, "credit_note"],
  [/[Ii]nvoices?\/|createHistoricalInvoices$|updateInvoiceIssueDate$/, "invoice"],
  [/\/products\//, "product"],
  [/\/rate-cards\//, "rate_card"],
  [/^\/v1\/packages/, "package"],
  [/^\/v1\/credit-types/, "credit_type"],
  [/^\/v1\/billable-metrics/, "billable_metric"],
  [/^\/v1\/customFields\/\w+Key$/, "custom_field_key"],
  [/^\/v1\/customFields\//, "custom_field"],
  [/addManualBalanceLedgerEntry$/, "balance"],
  [/\/threshold-billing\//, "payment_workflow"],
  [/\/(?:commits|customerCommits)\//, "commit"],
  [/\/(?:credits|customerCredits)\//, "credit"],
  [/\/contracts\/|createCustomerWithContract$/, "contract"],
  [/^\/v1\/customers/, "customer"],
];

/** Where neither the last part of the URL nor the method says it well. */
const ACTIONS: Readonly<Record<string, string>> = {
  "POST /v1/client/config/webhook_secret": "update",
  "POST /v1/sandbox/clock": "update",
  "PUT /organizations/:orgId/events/:id/action": "mark_actioned",
  "POST /v1/connections/:id/rotate-webhook-secret": "rotate_webhook_secret",
  "PUT /v1/invoices/:id/external-invoice": "write_back",
  "POST /v1/setCustomerBillingProviderConfigurations": "create",
  "POST /v1/archiveCustomerBillingProviderConfigurations": "archive",
  "POST /v1/customers/:customer_id/billing-config/:billing_provider_type": "set_billing_config",
  "DELETE /v1/customers/:customer_id/billing-config/:billing_provider_type":
    "delete_billing_config",
};

const BY_METHOD: Readonly<Record<string, string>> = {
  POST: "create",
  PUT: "update",
  PATCH: "update",
  DELETE: "delete",
};

const VERBS: ReadonlySet<string> = new Set(
  `add amend apply approve archive attempt authorize cancel connect correct create disable disconnect edit enable end hold lock poll regenerate release
  replay reset resolve retry revoke route run test update void`.split(/\s+/),
);

const toSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]+/g, (capitals) => `_${capitals.toLowerCase()}`).replaceAll("-", "_");

/** "/v1/customers/:id/setName" -> "set_name"; a URL that ends in a noun goes by its method. */
function actionOf(method: string, url: string): string {
  const last = url.split("/").at(-1) ?? "";
  const isVerb = VERBS.has(last) || /^[a-z]+[A-Z]/.test(last);
  return (
    ACTIONS[`${method} ${url}`] ?? (isVerb ? toSnakeCase(last) : (BY_METHOD[method] ?? method))
  );
}

/** For a route that no rule knows: the first noun of its URL. */
const nounOf = (url: string): string => toSnakeCase(url.split("/")[2] ?? url).replace(/s$/, "");

const hasField = (schema: unknown, name: string): boolean =>
  Object.hasOwn((schema as { properties?: object } | undefined)?.properties ?? {}, name);

/**
 * What the audit log says of a route; undefined: it writes nothing, or has no token to name as the
 * one who acts. Routes that only refuse are hidden from the API's description.
 */
export function auditOfRoute({
  method,
  url,
  config,
  schema,
}: RouteOptions): RouteAudit | undefined {
  const [one] = [method].flat();
  if (one === undefined || !WRITES.has(one) || config?.public || schema?.hide) return undefined;
  if (READS.test(url) || Object.hasOwn(NOT_AUDITED, url)) return undefined;
  const resourceType = RESOURCES.find(([pattern]) => pattern.test(url))?.[1] ?? nounOf(url);
  return {
    action: actionOf(one, url),
    resourceType,
    summary: schema?.summary ?? `${one} ${url}`,
    apart: APART.has(url),
    shown: isShownType(resourceType) && !UNSEEN.has(url),
    previews: hasField(schema?.body, "preview"),
  };
}
