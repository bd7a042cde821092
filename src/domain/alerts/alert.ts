import type { CommitType } from "../commits/commit.ts";
import type { Decimal } from "../decimal.ts";
import type { InvoiceType } from "../invoices/invoice.ts";

/** What an alert can watch, in the words of the wire. */
export const ALERT_TYPES = [
  "spend_threshold_reached",
  "usage_threshold_reached",
  "invoice_total_reached",
  "low_remaining_commit_balance_reached",
  "low_remaining_commit_percentage_reached",
  "low_remaining_days_for_commit_segment_reached",
  "low_remaining_contract_credit_balance_reached",
  "low_remaining_contract_credit_percentage_reached",
  "low_remaining_days_for_contract_credit_segment_reached",
  "low_remaining_contract_credit_and_commit_balance_reached",
  "low_remaining_seat_balance_reached",
] as const;

export type AlertType = (typeof ALERT_TYPES)[number];

/** What a custom field filter looks at. */
export const FILTER_ENTITIES = [
  "Contract",
  "Commit",
  "ContractCredit",
  "ContractCreditOrCommit",
] as const;

export type FilterEntity = (typeof FILTER_ENTITIES)[number];

/** What is compared with the threshold. */
export type AlertMeasure =
  | "spend"
  | "usage"
  | "invoice_total"
  | "balance"
  | "percentage"
  | "days"
  | "seat_balance";

export interface AlertKind {
  readonly measure: AlertMeasure;
  /** Whose balances count, where balances do. */
  readonly holds: readonly CommitType[];
  /** What its custom field filters may look at. */
  readonly filters: readonly FilterEntity[];
}

const COMMITS = {
  holds: ["PREPAID", "POSTPAID"],
  filters: ["Contract", "Commit"],
} as const satisfies Partial<AlertKind>;
const CREDITS = {
  holds: ["CREDIT"],
  filters: ["Contract", "ContractCredit"],
} as const satisfies Partial<AlertKind>;
const ALL = ["PREPAID", "POSTPAID", "CREDIT"] as const;

/** What each type of alert measures. */
export const ALERT_KINDS = {
  spend_threshold_reached: { measure: "spend", holds: [], filters: ["Contract"] },
  usage_threshold_reached: { measure: "usage", holds: [], filters: [] },
  invoice_total_reached: { measure: "invoice_total", holds: [], filters: ["Contract"] },
  low_remaining_commit_balance_reached: { measure: "balance", ...COMMITS },
  low_remaining_commit_percentage_reached: { measure: "percentage", ...COMMITS },
  low_remaining_days_for_commit_segment_reached: { measure: "days", ...COMMITS },
  low_remaining_contract_credit_balance_reached: { measure: "balance", ...CREDITS },
  low_remaining_contract_credit_percentage_reached: { measure: "percentage", ...CREDITS },
  low_remaining_days_for_contract_credit_segment_reached: { measure: "days", ...CREDITS },
  low_remaining_contract_credit_and_commit_balance_reached: {
    measure: "balance",
    holds: ALL,
    filters: FILTER_ENTITIES,
  },
  low_remaining_seat_balance_reached: { measure: "seat_balance", holds: ALL, filters: [] },
} as const satisfies Record<AlertType, AlertKind>;

/** What an alert of this type measures. */
export const alertKind = (type: AlertType): AlertKind => ALERT_KINDS[type];

/** Measures of which a customer has several: of each invoice, segment or seat. */
const PER_SUBJECT: ReadonlySet<AlertMeasure> = new Set(["invoice_total", "days", "seat_balance"]);

export const isPerSubject = (type: AlertType): boolean => PER_SUBJECT.has(alertKind(type).measure);

/** The custom field that what counts must have, with this value. */
export interface CustomFieldFilter {
  readonly entity: FilterEntity;
  readonly key: string;
  readonly value: string;
}

/** Usage counts that has this value of the group key. */
export interface GroupValue {
  readonly key: string;
  readonly value: string;
}

/** Seats of subscriptions whose usage names them by this group key; null: each of them. */
export interface SeatFilter {
  readonly groupKey: string;
  readonly seatId: string | null;
}

/** At which value of a customer somebody is told. */
export interface Alert {
  readonly id: string;
  readonly environmentId: string;
  readonly type: AlertType;
  readonly name: string;
  /** In the unit of the credit type, in units of the metric, in days or in percent. */
  readonly threshold: Decimal;
  /** null: every customer, those to come too. */
  readonly customerId: string | null;
  /** null where amounts are in none: usage, and days of any credit type. */
  readonly creditTypeId: string | null;
  readonly metricId: string | null;
  readonly customFieldFilters: readonly CustomFieldFilter[];
  readonly groupValues: readonly GroupValue[];
  /** null: all. */
  readonly invoiceTypes: readonly InvoiceType[] | null;
  readonly seatFilter: SeatFilter | null;
  readonly uniquenessKey: string | null;
  readonly createdAt: string;
  readonly archivedAt: string | null;
  readonly position: bigint;
}
