import type { Migration } from "../../platform/database/migrate.ts";
import { core } from "./0001-core.ts";
import { usage } from "./0002-usage.ts";
import { contractEdits } from "./0003-contract-edits.ts";
import { recurringCommits } from "./0004-recurring-commits.ts";
import { subscriptions } from "./0005-subscriptions.ts";
import { transitions } from "./0006-transitions.ts";
import { pricingUnits } from "./0007-pricing-units.ts";
import { gates } from "./0008-gates.ts";
import { conventions } from "./0009-conventions.ts";
import { contractChanges } from "./0010-contract-changes.ts";
import { seatSegments } from "./0011-seat-segments.ts";
import { thresholdUnits } from "./0012-threshold-units.ts";
import { importedInvoices } from "./0013-imported-invoices.ts";
import { regeneratedInvoices } from "./0014-regenerated-invoices.ts";
import { invoiceReview } from "./0015-invoice-review.ts";
import { corrections } from "./0016-corrections.ts";
import { seller } from "./0017-seller.ts";
import { alerts } from "./0018-alerts.ts";
import { creditNoteDeliveries } from "./0019-credit-note-deliveries.ts";
import { usageEventIndex } from "./0020-usage-event-index.ts";
import { auditLog } from "./0021-audit-log.ts";
import { notifications } from "./0022-notifications.ts";
import { integrations } from "./0023-integrations.ts";
import { statusHistory } from "./0025-status-history.ts";
import { connectionCare } from "./0026-connection-care.ts";
import { integrationCredentials } from "./0027-integration-credentials.ts";
import { integrationRouting } from "./0028-integration-routing.ts";
import { reconciliations } from "./0029-reconciliations.ts";
import { bills } from "./0031-bills.ts";
import { draftDeliveries } from "./0032-draft-deliveries.ts";
import { invoiceTaxes } from "./0033-invoice-taxes.ts";
import { callRates } from "./0035-call-rates.ts";
import { carriedRuns } from "./0036-carried-runs.ts";
import { consents } from "./0039-consents.ts";
import { changePositions } from "./0041-change-positions.ts";
import { exportsMigration } from "./0042-exports.ts";
import { writeBacks } from "./0043-write-backs.ts";
import { accountingFiles } from "./0045-accounting-files.ts";
import { usageReports } from "./0046-usage-reports.ts";
import { narrowEventChangeIndex } from "./0047-narrow-event-change-index.ts";
import { consentWarnings } from "./0048-consent-warnings.ts";
import { creditNoteAmounts } from "./0049-credit-note-amounts.ts";
import { exportCompleteness } from "./0050-export-completeness.ts";
import { exportCredited } from "./0051-export-credited.ts";
import { pageIndexes } from "./0052-page-indexes.ts";

/** In order of application. A migration that has landed is never edited, only followed. */
export const coreMigrations: readonly Migration[] = [
  core,
  usage,
  contractEdits,
  recurringCommits,
  subscriptions,
  transitions,
  pricingUnits,
  gates,
  conventions,
  contractChanges,
  seatSegments,
  thresholdUnits,
  importedInvoices,
  regeneratedInvoices,
  invoiceReview,
  corrections,
  seller,
  alerts,
  creditNoteDeliveries,
  usageEventIndex,
  auditLog,
  notifications,
  integrations,
  statusHistory,
  connectionCare,
  integrationCredentials,
  integrationRouting,
  reconciliations,
  bills,
  draftDeliveries,
  invoiceTaxes,
  callRates,
  carriedRuns,
  consents,
  changePositions,
  exportsMigration,
  accountingFiles,
  usageReports,
  writeBacks,
  narrowEventChangeIndex,
  consentWarnings,
  creditNoteAmounts,
  exportCompleteness,
  exportCredited,
  pageIndexes,
];
