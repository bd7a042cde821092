import type { Kysely, Transaction } from "kysely";
import type { AlertStatesTable, AlertsTable } from "./tables/alerts.ts";
import type { AuditLogsTable } from "./tables/audit-logs.ts";
import type { BillableMetricsTable } from "./tables/billable-metrics.ts";
import type {
  BillCalculationsTable,
  BillDetailsTable,
  BillJobsTable,
  OrganizationSettingsTable,
} from "./tables/bills.ts";
import type {
  CommitInvoiceItemsTable,
  CommitLedgerEntriesTable,
  CommitSegmentsTable,
  CommitsTable,
} from "./tables/commits.ts";
import type {
  AuthorizationStatesTable,
  ConnectionsTable,
  CustomerBillingConfigurationsTable,
  ProviderEventsTable,
} from "./tables/connections.ts";
import type { ContractBillingConfigurationsTable } from "./tables/contract-billing-configurations.ts";
import type { ContractEditsTable } from "./tables/contract-edits.ts";
import type { ContractOverridesTable } from "./tables/contract-overrides.ts";
import type {
  ContractsTable,
  ScheduledChargeItemsTable,
  ScheduledChargesTable,
} from "./tables/contracts.ts";
import type {
  CreditNoteDeliveriesTable,
  CreditNotesTable,
  UsageCorrectionsTable,
} from "./tables/corrections.ts";
import type { CustomFieldKeysTable, CustomFieldValuesTable } from "./tables/custom-fields.ts";
import type { CustomerBillableStatusesTable } from "./tables/customer-billable-statuses.ts";
import type { CustomerIngestAliasesTable, CustomersTable } from "./tables/customers.ts";
import type {
  ApiTokensTable,
  EnvironmentsTable,
  IdempotentRequestsTable,
} from "./tables/environments.ts";
import type {
  ExportCursorsTable,
  ExportDestinationsTable,
  ExportFilesTable,
  ExportRunsTable,
  ExportRunTablesTable,
} from "./tables/exports.ts";
import type {
  ExternalStatusChangesTable,
  IntegrationRunStepsTable,
  IntegrationRunsTable,
} from "./tables/integration-runs.ts";
import type {
  AccountDetailsTable,
  ContractDetailsTable,
  ExternalMappingsTable,
  IntegrationConfigurationsTable,
  IntegrationEventsTable,
  OrganizationUsersTable,
  UnroutedInvoicesTable,
} from "./tables/integrations.ts";
import type { InvoiceTaxesTable } from "./tables/invoice-taxes.ts";
import type { InvoicedScheduleItemsTable, InvoicesTable } from "./tables/invoices.ts";
import type {
  CommitEditsTable,
  OffsetNotificationsTable,
  SystemNotificationsTable,
} from "./tables/notifications.ts";
import type { PackageAliasesTable, PackagesTable } from "./tables/packages.ts";
import type {
  PaymentWorkflowsTable,
  ThresholdConfigurationsTable,
} from "./tables/payment-workflows.ts";
import type { PricingUnitsTable, RateCardConversionsTable } from "./tables/pricing-units.ts";
import type { ProductsTable, ProductVersionsTable } from "./tables/products.ts";
import type {
  RateCardAliasesTable,
  RateCardProductsTable,
  RateCardsTable,
  RatesTable,
} from "./tables/rate-cards.ts";
import type {
  ReconciliationFindingsTable,
  ReconciliationSettingsTable,
  ReconciliationStepsTable,
  ReconciliationsTable,
} from "./tables/reconciliations.ts";
import type { RecurringCommitsTable } from "./tables/recurring-commits.ts";
import type {
  SubscriptionQuantitiesTable,
  SubscriptionSeatChangesTable,
  SubscriptionsTable,
} from "./tables/subscriptions.ts";
import type {
  UsageDistinctValuesTable,
  UsageEventKeysTable,
  UsageEventsTable,
  UsageMetricVersionsTable,
  UsageRollupsTable,
} from "./tables/usage.ts";
import type {
  MeteredInvoicesTable,
  UsageMetersTable,
  UsageReportsTable,
} from "./tables/usage-reports.ts";
import type {
  WebhookDeliveriesTable,
  WebhookEndpointsTable,
  WebhookMessagesTable,
} from "./tables/webhooks.ts";

/** Every table of the core by name. Collect has its own. */
export interface CoreTables {
  environments: EnvironmentsTable;
  api_tokens: ApiTokensTable;
  idempotent_requests: IdempotentRequestsTable;
  audit_logs: AuditLogsTable;
  customers: CustomersTable;
  customer_ingest_aliases: CustomerIngestAliasesTable;
  customer_billable_statuses: CustomerBillableStatusesTable;
  custom_field_keys: CustomFieldKeysTable;
  custom_field_values: CustomFieldValuesTable;
  authorization_states: AuthorizationStatesTable;
  connections: ConnectionsTable;
  customer_billing_configurations: CustomerBillingConfigurationsTable;
  provider_events: ProviderEventsTable;
  billable_metrics: BillableMetricsTable;
  products: ProductsTable;
  product_versions: ProductVersionsTable;
  rate_cards: RateCardsTable;
  rate_card_aliases: RateCardAliasesTable;
  rate_card_products: RateCardProductsTable;
  pricing_units: PricingUnitsTable;
  rate_card_conversions: RateCardConversionsTable;
  rates: RatesTable;
  packages: PackagesTable;
  package_aliases: PackageAliasesTable;
  contracts: ContractsTable;
  contract_overrides: ContractOverridesTable;
  contract_edits: ContractEditsTable;
  contract_billing_configurations: ContractBillingConfigurationsTable;
  scheduled_charges: ScheduledChargesTable;
  scheduled_charge_items: ScheduledChargeItemsTable;
  subscriptions: SubscriptionsTable;
  subscription_quantities: SubscriptionQuantitiesTable;
  subscription_seat_changes: SubscriptionSeatChangesTable;
  recurring_commits: RecurringCommitsTable;
  commits: CommitsTable;
  commit_segments: CommitSegmentsTable;
  commit_invoice_items: CommitInvoiceItemsTable;
  invoices: InvoicesTable;
  invoiced_schedule_items: InvoicedScheduleItemsTable;
  usage_corrections: UsageCorrectionsTable;
  credit_notes: CreditNotesTable;
  credit_note_deliveries: CreditNoteDeliveriesTable;
  commit_ledger_entries: CommitLedgerEntriesTable;
  payment_workflows: PaymentWorkflowsTable;
  threshold_configurations: ThresholdConfigurationsTable;
  integration_runs: IntegrationRunsTable;
  integration_run_steps: IntegrationRunStepsTable;
  external_status_changes: ExternalStatusChangesTable;
  reconciliation_settings: ReconciliationSettingsTable;
  reconciliations: ReconciliationsTable;
  reconciliation_findings: ReconciliationFindingsTable;
  reconciliation_steps: ReconciliationStepsTable;
  integration_configurations: IntegrationConfigurationsTable;
  integration_events: IntegrationEventsTable;
  organization_users: OrganizationUsersTable;
  unrouted_invoices: UnroutedInvoicesTable;
  external_mappings: ExternalMappingsTable;
  account_details: AccountDetailsTable;
  contract_details: ContractDetailsTable;
  bill_jobs: BillJobsTable;
  bill_calculations: BillCalculationsTable;
  bill_details: BillDetailsTable;
  invoice_taxes: InvoiceTaxesTable;
  organization_settings: OrganizationSettingsTable;
  system_notifications: SystemNotificationsTable;
  offset_notifications: OffsetNotificationsTable;
  commit_edits: CommitEditsTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_messages: WebhookMessagesTable;
  webhook_deliveries: WebhookDeliveriesTable;
  alerts: AlertsTable;
  alert_states: AlertStatesTable;
  usage_event_keys: UsageEventKeysTable;
  usage_events: UsageEventsTable;
  usage_events_too_old: UsageEventsTable;
  usage_rollups: UsageRollupsTable;
  usage_distinct_values: UsageDistinctValuesTable;
  usage_metric_versions: UsageMetricVersionsTable;
  export_destinations: ExportDestinationsTable;
  export_cursors: ExportCursorsTable;
  export_runs: ExportRunsTable;
  export_run_tables: ExportRunTablesTable;
  export_files: ExportFilesTable;
  usage_meters: UsageMetersTable;
  metered_invoices: MeteredInvoicesTable;
  usage_reports: UsageReportsTable;
}

export type CoreDb = Kysely<CoreTables>;
/** A handle that may lock: functions that lock demand this one. */
export type CoreTransaction = Transaction<CoreTables>;
