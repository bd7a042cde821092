import { unsupported } from "../../errors.ts";
import { routeShape } from "../route-shape.ts";
import type { CoreServer } from "../server.ts";

/**
 * Every route of the API we match, and those of ours that are still to come. What no other file
 * declares answers a 400 that says so, instead of a 404 that could mean anything.
 */
const KNOWN = {
  GET: `
    /v1/auditLogs
    /v1/billable-metrics
    /v1/billable-metrics/:billable_metric_id
    /v1/credit-types/list
    /v1/customers
    /v1/customers/:customer_id
    /v1/customers/:customer_id/billable-metrics
    /v1/customers/:customer_id/billing-config/:billing_provider_type
    /v1/customers/:customer_id/costs
    /v1/customers/:customer_id/invoices
    /v1/customers/:customer_id/invoices/:invoice_id
    /v1/customers/:customer_id/invoices/:invoice_id/pdf
    /v1/customers/:customer_id/invoices/breakdowns
    /v1/customers/:customer_id/plans
    /v1/customers/:customer_id/plans/:customer_plan_id/priceAdjustments
    /v1/customers/:customer_id/purchasedSeats
    /v1/invoices/:id/explain
    /v1/outbox
    /v1/planDetails/:plan_id
    /v1/planDetails/:plan_id/charges
    /v1/planDetails/:plan_id/customers
    /v1/plans
    /v1/reconciliations/:id
    /v1/services
    /v1/settings/stripe
    /v1/settings/stripe/entity-mappings
  `,
  POST: `
    /v1/alerts/archive
    /v1/alerts/create
    /v1/archiveCustomerBillingProviderConfigurations
    /v1/archiveCustomerRevenueSystemConfigurations
    /v1/billable-metrics
    /v1/billable-metrics/archive
    /v1/billable-metrics/create
    /v1/client/billing-config/:billing_provider_type/apiKey
    /v1/client/billing-config/stripe
    /v1/client/config/webhook_secret
    /v1/composite/createCustomerWithContract
    /v1/connections/:id/authorize
    /v1/connections/:id/test
    /v1/contract-pricing/products/archive
    /v1/contract-pricing/products/create
    /v1/contract-pricing/products/get
    /v1/contract-pricing/products/list
    /v1/contract-pricing/products/update
    /v1/contract-pricing/rate-cards/addRate
    /v1/contract-pricing/rate-cards/addRates
    /v1/contract-pricing/rate-cards/archive
    /v1/contract-pricing/rate-cards/create
    /v1/contract-pricing/rate-cards/get
    /v1/contract-pricing/rate-cards/getNamedSchedule
    /v1/contract-pricing/rate-cards/getRateSchedule
    /v1/contract-pricing/rate-cards/getRates
    /v1/contract-pricing/rate-cards/list
    /v1/contract-pricing/rate-cards/moveRateCardProducts
    /v1/contract-pricing/rate-cards/setRateCardProductsOrder
    /v1/contract-pricing/rate-cards/update
    /v1/contract-pricing/rate-cards/updateNamedSchedule
    /v1/contracts/addManualBalanceLedgerEntry
    /v1/contracts/amend
    /v1/contracts/archive
    /v1/contracts/commits/disableTrueup
    /v1/contracts/commits/threshold-billing/release
    /v1/contracts/create
    /v1/contracts/createHistoricalInvoices
    /v1/contracts/customerBalances/getNetBalance
    /v1/contracts/customerBalances/list
    /v1/contracts/customerCommits/create
    /v1/contracts/customerCommits/list
    /v1/contracts/customerCommits/updateEndDate
    /v1/contracts/customerCredits/create
    /v1/contracts/customerCredits/list
    /v1/contracts/customerCredits/updateEndDate
    /v1/contracts/get
    /v1/contracts/getContractRateSchedule
    /v1/contracts/getNamedSchedule
    /v1/contracts/getSubscriptionQuantityHistory
    /v1/contracts/list
    /v1/contracts/listNamedSchedules
    /v1/contracts/scheduleProServicesInvoice
    /v1/contracts/setUsageFilter
    /v1/contracts/updateEndDate
    /v1/contracts/updateInvoiceIssueDate
    /v1/contracts/updateNamedSchedule
    /v1/credits/createGrant
    /v1/credits/editGrant
    /v1/credits/listEntries
    /v1/credits/listGrants
    /v1/credits/voidGrant
    /v1/customFields/addKey
    /v1/customFields/deleteValues
    /v1/customFields/listKeys
    /v1/customFields/removeKey
    /v1/customFields/setValues
    /v1/customer-alerts/get
    /v1/customer-alerts/list
    /v1/customer-alerts/reset
    /v1/customers
    /v1/customers/:customer_id/addCharge
    /v1/customers/:customer_id/billing-config/:billing_provider_type
    /v1/customers/:customer_id/invoices/invoice_seats
    /v1/customers/:customer_id/invoices/spend-breakdowns
    /v1/customers/:customer_id/plans/:customer_plan_id/end
    /v1/customers/:customer_id/plans/add
    /v1/customers/:customer_id/previewEvents
    /v1/customers/:customer_id/setIngestAliases
    /v1/customers/:customer_id/setName
    /v1/customers/:customer_id/updateConfig
    /v1/customers/archive
    /v1/customers/getNamedSchedule
    /v1/customers/setBillableStatus
    /v1/customers/updateNamedSchedule
    /v1/dashboards/getEmbeddableUrl
    /v1/events/search
    /v1/getCustomerBillingProviderConfigurations
    /v1/getCustomerRevenueSystemConfigurations
    /v1/ingest
    /v1/integrations/log
    /v1/invoices/regenerate
    /v1/invoices/void
    /v1/listConfiguredBillingProviders
    /v1/packages/archive
    /v1/packages/create
    /v1/packages/get
    /v1/packages/list
    /v1/packages/listContractsOnPackage
    /v1/payments/attempt
    /v1/payments/cancel
    /v1/payments/list
    /v1/reconciliations
    /v1/reconciliations/:id/apply
    /v1/rotateDeltaStreamSecret
    /v1/setCustomerBillingProviderConfigurations
    /v1/setCustomerRevenueSystemConfigurations
    /v1/setUpBillingProvider
    /v1/threshold-billing/update-active-recharge-config
    /v1/upsertAnrokApiToken
    /v1/upsertAvalaraCredentials
    /v1/usage
    /v1/usage/groups
    /v1/usage/seats
    /v2/contracts/commits/archive
    /v2/contracts/commits/edit
    /v2/contracts/credits/archive
    /v2/contracts/credits/edit
    /v2/contracts/edit
    /v2/contracts/get
    /v2/contracts/getEditHistory
    /v2/contracts/list
    /v2/notifications/archive
    /v2/notifications/create
    /v2/notifications/edit
    /v2/notifications/get
    /v2/notifications/offset/list
    /v2/notifications/system/list
  `,
  PUT: `
    /v1/billable-metrics/:billable_metric_id
    /v1/settings/stripe/entity-mappings
  `,
  PATCH: `
    /v1/client/billing-config/stripe
    /v1/settings/stripe
  `,
  DELETE: `
    /v1/client/billing-config/stripe
    /v1/customers/:customer_id/billing-config/:billing_provider_type
  `,
} as const;

type Method = keyof typeof KNOWN;

/** Declares what we know of and do not do; call it after all other routes. */
export function addUnimplementedRoutes(http: CoreServer): void {
  for (const [method, urls] of Object.entries(KNOWN) as [Method, string][]) {
    for (const url of urls.trim().split(/\s+/)) {
      if (http.declaredRoutes.has(routeShape(method, url))) continue;
      http.route({
        method,
        url,
        schema: { hide: true },
        handler: async () => {
          throw unsupported(`${method} ${url}`);
        },
      });
    }
  }
}
