import type { FinalizationPolicy, LateUsagePolicy } from "../../domain/invoices/policies.ts";
import type { Generated, InstantColumn, NumericColumn, Position } from "../columns.ts";

export interface ContractsTable {
  id: Generated<string>;
  environment_id: string;
  customer_id: string;
  rate_card_id: string | null;
  name: string | null;
  starting_at: InstantColumn;
  /** The end as first agreed; "ending_before" is the one in force. */
  initial_ending_before: InstantColumn | null;
  ending_before: InstantColumn | null;
  usage_frequency: "MONTHLY" | "QUARTERLY" | "ANNUAL" | "WEEKLY";
  /** The boundaries of billing periods are counted from here, forwards and backwards. */
  usage_anchor_at: InstantColumn;
  /** Of all its invoices: the rate card's, or the one its charges are written in. */
  fiat_credit_type_id: string;
  invoice_generation_starting_at: InstantColumn;
  scheduled_charges_on_usage_invoices: Generated<boolean>;
  multiplier_override_prioritization: "LOWEST_MULTIPLIER" | "EXPLICIT";
  net_payment_terms_days: number | null;
  /** null: as the environment says. */
  finalization: Generated<FinalizationPolicy | null>;
  /** null: as the environment says. */
  late_usage: Generated<LateUsagePolicy | null>;
  billing_configuration_id: string | null;
  /** What it was made from; null: from terms of its own. */
  package_id: string | null;
  /** The contract that it follows, whose customer and currency it shares. */
  from_contract_id: string | null;
  transition_type: "RENEWAL" | "SUPERSEDE" | null;
  uniqueness_key: string | null;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface ScheduledChargesTable {
  id: Generated<string>;
  contract_id: string;
  product_id: string;
  name: string | null;
  credit_type_id: string;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface ScheduledChargeItemsTable {
  id: Generated<string>;
  scheduled_charge_id: string;
  charged_at: InstantColumn;
  unit_price: NumericColumn;
  quantity: NumericColumn;
  amount: NumericColumn;
  position: Position;
}
