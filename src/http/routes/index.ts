import type { CoreDb } from "../../db/database.ts";
import type { Services } from "../../operations/context.ts";
import type { HttpMetrics } from "../metrics.ts";
import type { CoreServer } from "../server.ts";
import { addBillableMetricRoutes } from "./billable-metrics.ts";
import { addBillingConfigurationRoutes } from "./billing-configurations.ts";
import { addClientSettingRoutes } from "./client-settings.ts";
import { addCommitChangeRoutes } from "./commit-changes.ts";
import { addCompositeRoutes } from "./composite.ts";
import { addConnectionRoutes } from "./connections.ts";
import { addContractPolicyRoutes } from "./contract-policies.ts";
import { addContractRateRoutes } from "./contract-rates.ts";
import { addContractRoutes } from "./contracts.ts";
import { addCustomFieldRoutes } from "./custom-fields.ts";
import { addCustomerCommitRoutes } from "./customer-commits.ts";
import { addCustomerRoutes } from "./customers.ts";
import { addDocumentRoutes } from "./documents.ts";
import { addEditContractRoutes } from "./edit-contract.ts";
import { addEnvironmentRoutes } from "./environment.ts";
import { addHealthRoutes, type Health } from "./health.ts";
import { addHistoricalInvoiceRoutes } from "./historical-invoices.ts";
import { addIngestRoutes } from "./ingest.ts";
import { addInvoiceCorrectionRoutes } from "./invoice-corrections.ts";
import { addInvoicePageRoutes } from "./invoice-pages.ts";
import { addInvoiceReviewRoutes } from "./invoice-review.ts";
import { addInvoiceRoutes } from "./invoices.ts";
import { addInvoicingSettingRoutes } from "./invoicing-settings.ts";
import { addOutboxRoutes } from "./outbox.ts";
import { addPackageRoutes } from "./packages.ts";
import { addPageRoutes } from "./page.ts";
import { addPricingUnitRoutes } from "./pricing-units.ts";
import { addProductRoutes } from "./products.ts";
import { addProviderWebhookRoutes } from "./provider-webhooks.ts";
import { addRateCardRoutes } from "./rate-cards.ts";
import { addRateScheduleRoutes } from "./rate-schedules.ts";
import { addRateRoutes } from "./rates.ts";
import { addRunRoutes } from "./runs.ts";
import { addSandboxClockRoutes, type SandboxClock } from "./sandbox-clock.ts";
import { addSeatBalanceRoutes } from "./seat-balances.ts";
import { addSubscriptionSeatRoutes } from "./subscription-seats.ts";
import { addSubscriptionRoutes } from "./subscriptions.ts";
import { addUsageRoutes } from "./usage.ts";
import { addWebhookEndpointRoutes } from "./webhook-endpoints.ts";

/** What routes stand on beside the operation context of each request. */
export interface RouteDeps {
  readonly db: CoreDb;
  readonly services: Services;
  readonly metrics: HttpMetrics;
  readonly sandboxClock: SandboxClock;
  readonly health: Health;
  /** undefined when Collect is off. */
  readonly collectUrl: () => string | undefined;
}

/** Registers the routes of the core API, one line for each area. */
export function addRoutes(http: CoreServer, deps: RouteDeps): void {
  addHealthRoutes(http, deps.health);
  addDocumentRoutes(http, { metrics: deps.metrics, publicUrl: deps.services.publicUrl });
  addPageRoutes(http);
  addInvoicePageRoutes(http, deps.collectUrl);
  addOutboxRoutes(http);
  addSandboxClockRoutes(http, deps.sandboxClock);
  addProviderWebhookRoutes(http, deps);
  addRunRoutes(http);
  addInvoiceRoutes(http);
  addHistoricalInvoiceRoutes(http);
  addInvoiceCorrectionRoutes(http);
  addInvoiceReviewRoutes(http);
  addContractPolicyRoutes(http);
  addCustomFieldRoutes(http);
  addCustomerRoutes(http);
  addBillableMetricRoutes(http);
  addIngestRoutes(http, deps);
  addUsageRoutes(http);
  addProductRoutes(http);
  addRateCardRoutes(http);
  addRateRoutes(http);
  addRateScheduleRoutes(http);
  addBillingConfigurationRoutes(http);
  addClientSettingRoutes(http);
  addConnectionRoutes(http);
  addEnvironmentRoutes(http);
  addPricingUnitRoutes(http);
  addInvoicingSettingRoutes(http);
  addWebhookEndpointRoutes(http);
  addContractRoutes(http);
  addPackageRoutes(http);
  addCompositeRoutes(http);
  addEditContractRoutes(http);
  addContractRateRoutes(http);
  addSubscriptionRoutes(http);
  addSubscriptionSeatRoutes(http);
  addSeatBalanceRoutes(http);
  addCustomerCommitRoutes(http);
  addCommitChangeRoutes(http);
}
