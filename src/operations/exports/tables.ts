import { invalid } from "../../errors.ts";
import {
  PACKAGES,
  PRODUCT_VERSIONS,
  RATE_CARD_ENTRIES,
  RATE_CARDS,
} from "../../store/exports/catalogue-tables.ts";
import {
  CONTRACTS,
  EDITS,
  OVERRIDES,
  RECURRING_COMMITS,
  SCHEDULED_CHARGES,
  TRANSITIONS,
} from "../../store/exports/contract-tables.ts";
import { ALERT, CUSTOMER } from "../../store/exports/customer-tables.ts";
import { INVOICE, LINE_ITEM } from "../../store/exports/invoice-tables.ts";
import { BILLABLE_METRIC, EVENTS } from "../../store/exports/usage-tables.ts";
import { balanceTable } from "./balance-table.ts";
import { commitTable } from "./commit-table.ts";
import { creditTypeTable } from "./credit-type-table.ts";
import { draftInvoiceTable, draftLineItemTable } from "./draft-tables.ts";
import type { ExportTable } from "./export-table.ts";
import { sqlExportTable } from "./sql-export-table.ts";
import { subscriptionTable } from "./subscription-table.ts";

/** Every table that can be exported. docs/export.md says what each holds. */
export const EXPORT_TABLES: readonly ExportTable[] = [
  ...[EVENTS, BILLABLE_METRIC].map((table) => sqlExportTable(table, "incremental")),
  creditTypeTable,
  ...[CUSTOMER, INVOICE, LINE_ITEM, ALERT].map((table) => sqlExportTable(table, "incremental")),
  draftInvoiceTable,
  draftLineItemTable,
  ...[PACKAGES, CONTRACTS].map((table) => sqlExportTable(table, "snapshot")),
  commitTable,
  balanceTable,
  sqlExportTable(RECURRING_COMMITS, "snapshot"),
  subscriptionTable,
  ...[
    SCHEDULED_CHARGES,
    OVERRIDES,
    TRANSITIONS,
    EDITS,
    RATE_CARDS,
    RATE_CARD_ENTRIES,
    PRODUCT_VERSIONS,
  ].map((table) => sqlExportTable(table, "snapshot")),
];

/** Tables that others export and we do not, each with the reason. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  customer_alert_history: "what is kept of an alert is its state, not its history",
  breakdowns_invoices: "hours of a final invoice are computed when they are asked for",
  breakdowns_line_items: "hours of a final invoice are computed when they are asked for",
  breakdowns_draft_invoices: "hours of a draft are computed when they are asked for",
  breakdowns_draft_line_items: "hours of a draft are computed when they are asked for",
};

const BY_NAME: ReadonlyMap<string, ExportTable> = new Map(
  EXPORT_TABLES.map((table) => [table.name, table]),
);

/** The table of that name, or undefined. */
export const findExportTable = (name: string): ExportTable | undefined => BY_NAME.get(name);

/** The named tables once each, in the order of EXPORT_TABLES; all of them when none are named. */
export function checkTables(names: readonly string[] | undefined): string[] {
  for (const [at, name] of (names ?? []).entries()) {
    if (BY_NAME.has(name)) continue;
    const reason = Object.hasOwn(NOT_EXPORTED, name) ? NOT_EXPORTED[name] : undefined;
    const field = `tables[${at}]`;
    throw invalid(
      reason === undefined
        ? `${field} must be one of ${[...BY_NAME.keys()].join(", ")}`
        : `${field}: ${name} is not supported: ${reason}`,
      field,
    );
  }
  const wanted = new Set(names ?? BY_NAME.keys());
  return [...BY_NAME.keys()].filter((name) => wanted.has(name));
}
