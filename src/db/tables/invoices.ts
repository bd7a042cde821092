import type { CommitType } from "../../domain/commits/commit.ts";
import type { Conventions } from "../../domain/conventions.ts";
import type { BillableStatus } from "../../domain/invoices/billable-status.ts";
import type { Granularity } from "../../domain/invoices/imported-invoice.ts";
import type { LineType } from "../../domain/invoices/line.ts";
import type { StoredStep } from "../../domain/invoices/stored-step.ts";
import type { ProductType } from "../../domain/pricing/product.ts";
import type {
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

/** Custom field values by entity, id of the thing and key, as they were at finalization. */
export type StoredCustomFields = Record<string, Record<string, Record<string, string>>>;

/** A line of a finalized invoice: decimals and instants are canonical text. */
export interface StoredLine {
  lineKey: string;
  type: LineType;
  name: string;
  creditTypeId: string;
  total: string;
  quantity: string | null;
  unitPrice: string | null;
  productId: string | null;
  productType: ProductType | null;
  productTags: string[];
  startingAt: string | null;
  endingBefore: string | null;
  pricingGroupValues: Record<string, string> | null;
  presentationGroupValues: Record<string, string> | null;
  tier: { level: number; startingAt: string; size: string | null } | null;
  commit: { commitId: string; segmentId: string; type: CommitType } | null;
  purchasedCommitId: string | null;
  scheduledChargeId: string | null;
  subscription: { id: string; isProrated: boolean } | null;
  scheduleItemId: string | null;
  listPrice?: StoredListPrice;
}

/** What the rate card listed for a line; absent on invoices older than list prices. */
export interface StoredListPrice {
  creditTypeId: string;
  pricingGroupValues: Record<string, string>;
  price: StoredPrice;
  minimum?: string;
  maximum?: string;
}

export type StoredPrice =
  | { type: "FLAT"; price: string; packageSize?: string }
  | { type: "PERCENTAGE"; price: string }
  | {
      type: "TIERED";
      mode?: "VOLUME";
      tiers: { size: string | null; price: string; flatFee?: string }[];
      packageSize?: string;
    };

/** What one metric and combination stood at when the invoice was finalized. */
export interface StoredUsageInput {
  metricId: string;
  groupValues: Record<string, string>;
  startingAt: string;
  endingBefore: string;
  value: string;
  /** null for distinct counts. */
  eventCount: string | null;
}

/** A quantity of a product that an imported invoice states. */
export interface StoredStatedUsage {
  productId: string;
  pricingGroupValues: Record<string, string>;
  presentationGroupValues: Record<string, string>;
  window: { start: string; end: string };
  quantity: string;
}

export interface InvoicesTable {
  id: string;
  environment_id: string;
  customer_id: string;
  contract_id: string;
  type: "USAGE" | "SCHEDULED";
  status: "DRAFT" | "FINALIZED" | "VOID";
  credit_type_id: string;
  start_at: InstantColumn | null;
  end_at: InstantColumn | null;
  issued_at: InstantColumn | null;
  /** USAGE: null until the period has ended, because only then its grace is known. */
  finalize_due_at: InstantColumn | null;
  finalized_at: InstantColumn | null;
  voided_at: InstantColumn | null;
  generation: Generated<number>;
  subtotal: NumericColumn | null;
  total: NumericColumn | null;
  lines: NullableJson<StoredLine[]>;
  /** Steps to each amount, by line key. */
  traces: NullableJson<Record<string, StoredStep[]>>;
  usage_inputs: NullableJson<StoredUsageInput[]>;
  unpriced: NullableJson<unknown[]>;
  custom_fields: NullableJson<StoredCustomFields>;
  /** null: a draft, or finalized before there was a choice. */
  conventions: NullableJson<Conventions>;
  content_hash: string | null;
  /** As it was when the invoice was finalized. */
  net_payment_terms_days: Generated<number | null>;
  /** Of an invoice that is charged at once, alone: what collects it. */
  payment_workflow_id: string | null;
  /** The void invoice whose place this one took. */
  regenerated_from_invoice_id: Generated<string | null>;
  /** Of an invoice that bills late usage: the invoice of that usage. */
  corrected_invoice_id: Generated<string | null>;
  /** Late usage of its period may still be billed until then; null: it is not looked for. */
  late_usage_until: Generated<InstantColumn | null>;
  /** Issued elsewhere: never sent to a provider. */
  imported: Generated<boolean>;
  billable_status: Generated<BillableStatus>;
  /** Of an imported invoice: what the customer was billed, as far as that was told. */
  billed_total: Generated<NumericColumn | null>;
  breakdown_granularity: Generated<Granularity | null>;
  /** Of an imported invoice: the quantities that it was made of. */
  stated_usage: NullableJson<StoredStatedUsage[]>;
  /** An issue date that a person chose in place of the one that follows from the terms. */
  issue_moved_at: Generated<InstantColumn | null>;
  approved_at: Generated<InstantColumn | null>;
  approved_by: Generated<string | null>;
  /** Of what was seen when it was approved. */
  approved_hash: Generated<string | null>;
  held_at: Generated<InstantColumn | null>;
  held_by: Generated<string | null>;
  hold_reason: Generated<string | null>;
  locked_at: Generated<InstantColumn | null>;
  locked_by: Generated<string | null>;
  created_at: InstantColumn;
  position: Position;
}

/** Scheduled charge and commit purchase items that a finalized invoice bills: each one once. */
export interface InvoicedScheduleItemsTable {
  schedule_item_id: string;
  invoice_id: string;
  contract_id: string;
}
